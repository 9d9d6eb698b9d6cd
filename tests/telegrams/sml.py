"""SML files made for tests, encoded apart from the code under test."""

from collections.abc import Sequence
from typing import Final

ISKRA: Final = bytes.fromhex("0a0149534b00047a5544")
"""A server id after DIN 43863-5: 1ISK0075126084."""

IMPORTED: Final = bytes.fromhex("0100010800ff")
EXPORTED: Final = bytes.fromhex("0100020800ff")
POWER: Final = bytes.fromhex("0100100700ff")
ABSOLUTE_POWER: Final = bytes.fromhex("01000f0700ff")
W: Final = 27
WH: Final = 30


def crc(data: bytes, *, kermit: bool = False) -> bytes:
    """Return the two checksum bytes, bit by bit."""
    register = 0 if kermit else 0xFFFF
    for byte in data:
        register ^= byte
        for _ in range(8):
            carry = register & 1
            register >>= 1
            if carry:
                register ^= 0x8408
    if kermit:
        return register.to_bytes(2, "big")
    return (register ^ 0xFFFF).to_bytes(2, "little")


def octets(content: bytes) -> bytes:
    """Return an octet string; long ones take two bytes of length."""
    if len(content) < 15:
        return bytes([len(content) + 1]) + content
    length = len(content) + 2
    return bytes([0x80 | length >> 4, length & 0x0F]) + content


def signed(value: int, size: int = 4) -> bytes:
    return bytes([0x51 + size]) + value.to_bytes(size, signed=True)


def unsigned(value: int, size: int = 4) -> bytes:
    return bytes([0x61 + size]) + value.to_bytes(size)


def listed(*elements: bytes) -> bytes:
    head = bytes([0x70 | len(elements)])
    if len(elements) > 15:
        head = bytes([0xF0 | len(elements) >> 4, len(elements) & 0x0F])
    return head + b"".join(elements)


LEFT_OUT: Final = b"\x01"


def entry(
    name: bytes,
    value: bytes,
    *,
    unit: int | None = None,
    scaler: int | None = None,
    status: bytes = LEFT_OUT,
) -> bytes:
    """Return one value of a list."""
    return listed(
        octets(name),
        status,
        LEFT_OUT,
        LEFT_OUT if unit is None else unsigned(unit, 1),
        LEFT_OUT if scaler is None else signed(scaler, 1),
        value,
        LEFT_OUT,
    )


def message(kind: int, *fields: bytes, kermit: bool = False) -> bytes:
    start = b"\x76" + b"".join(
        (
            octets(b"\x12\x34"),
            unsigned(0, 1),
            unsigned(0, 1),
            listed(unsigned(kind, 2), listed(*fields)),
        )
    )
    return start + b"\x63" + crc(start, kermit=kermit) + b"\x00"


def messages(
    entries: Sequence[bytes],
    *,
    server: bytes = ISKRA,
    time: bytes = LEFT_OUT,
    kermit: bool = False,
) -> bytes:
    """Return an open response, the list and a close response."""
    absent = LEFT_OUT
    version = unsigned(1, 1)
    return b"".join(
        (
            message(
                0x0101,
                *(absent, absent, octets(b"f"), octets(server), absent, version),
                kermit=kermit,
            ),
            message(
                0x0701,
                *(absent, octets(server), octets(bytes.fromhex("0100620affff"))),
                *(time, listed(*entries), absent, absent),
                kermit=kermit,
            ),
            message(0x0201, absent, kermit=kermit),
        )
    )


def wrapped(content: bytes, *, kermit: bool = False) -> bytes:
    """Return a file of ``content`` with escapes, padding and checksum."""
    padding = -len(content) % 4
    escaped = content.replace(b"\x1b" * 4, b"\x1b" * 8)
    body = b"\x1b" * 4 + b"\x01" * 4 + escaped + bytes(padding)
    body += b"\x1b" * 4 + bytes([0x1A, padding])
    return body + crc(body, kermit=kermit)


def file(
    entries: Sequence[bytes],
    *,
    server: bytes = ISKRA,
    time: bytes = LEFT_OUT,
    kermit: bool = False,
) -> bytes:
    """Return the file of a meter that says ``entries``."""
    content = messages(entries, server=server, time=time, kermit=kermit)
    return wrapped(content, kermit=kermit)


TWO_WAY: Final = file(
    [
        entry(bytes.fromhex("010060320101"), octets(b"ISK")),
        entry(bytes.fromhex("0100600100ff"), octets(ISKRA)),
        entry(
            IMPORTED,
            unsigned(20_431_047),
            unit=WH,
            scaler=-1,
            status=unsigned(0x100104),
        ),
        entry(EXPORTED, unsigned(0, 1), unit=WH, scaler=-1),
        entry(POWER, signed(-193, 2), unit=W, scaler=0),
        entry(bytes.fromhex("8181c78205ff"), octets(bytes(range(48)))),
    ],
    time=listed(unsigned(1, 1), unsigned(53_782_327)),
)
"""As a meter of ISKRA sends it, with some power flowing out."""
