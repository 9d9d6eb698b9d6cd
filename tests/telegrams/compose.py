"""Telegrams made for tests, as a meter would send them."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent
DSMR4: Final = (FOLDER / "dsmr4.txt").read_bytes()
DSMR5: Final = (FOLDER / "dsmr5.txt").read_bytes()
EMUCS: Final = (FOLDER / "emucs.txt").read_bytes()
DSMR3: Final = (FOLDER / "dsmr3.txt").read_bytes()
CHECKED: Final = {"dsmr4": DSMR4, "dsmr5": DSMR5, "emucs": EMUCS}
ALL: Final = CHECKED | {"dsmr3": DSMR3}


def checksum(data: bytes) -> int:
    """Return CRC-16/ARC bit by bit, unlike the table that is under test."""
    register = 0
    for byte in data:
        register ^= byte
        for _ in range(8):
            carry = register & 1
            register >>= 1
            if carry:
                register ^= 0xA001
    return register


def telegram(lines: Iterable[str], *, identification: str = "TST5\\made") -> bytes:
    """Return a telegram of ``lines`` with its checksum."""
    text = "\r\n".join((f"/{identification}", "", *lines, "!"))
    body = text.encode("latin-1")
    return body + f"{checksum(body):04X}\r\n".encode("ascii")
