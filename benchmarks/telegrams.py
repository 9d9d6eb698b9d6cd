"""The Belgian telegram of the tests, as it is and with another power."""

from pathlib import Path
import re

from cem_core.meter.crc16 import crc16

EMUCS = (Path(__file__).parents[1] / "tests" / "telegrams" / "emucs.txt").read_bytes()
_IMPORT = re.compile(rb"(?<=1-0:1\.7\.0\()[\d.]+(?=\*kW)")


def telegram(import_w: int) -> bytes:
    """Return the telegram of a connection that draws ``import_w``."""
    text, found = _IMPORT.subn(f"{import_w / 1000:06.3f}".encode(), EMUCS)
    assert found == 1
    body = text[: text.rindex(b"!") + 1]
    return body + f"{crc16(body):04X}\r\n".encode()
