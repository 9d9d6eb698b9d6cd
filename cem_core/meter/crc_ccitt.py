"""CRC-16 with the polynomial of CCITT, least significant bit first: X25 and Kermit.

`binascii.crc_hqx` computes the same polynomial most significant bit first, in C;
turning the bits of every byte round makes the one the other.
"""

from binascii import crc_hqx
from typing import Final

_REVERSED: Final = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def crc_x25(data: bytes) -> int:
    """Return CRC-16/X-25 of ``data`` (ISO/IEC 13239, DIN EN 62056-46)."""
    return _register(data, 0xFFFF) ^ 0xFFFF


def crc_kermit(data: bytes) -> int:
    """Return CRC-16/Kermit of ``data``: X25 that starts at 0 and is not inverted."""
    return _register(data, 0)


def checksum(data: bytes, given: int) -> int:
    """Return what SML should have instead of ``given``, its two bytes in order.

    That is X25, low byte first. Some meters of Holley compute Kermit instead and
    send it high byte first: where ``given`` is that, it is right.
    """
    computed = int.from_bytes(crc_x25(data).to_bytes(2, "little"))
    return given if computed != given == crc_kermit(data) else computed


def _register(data: bytes, start: int) -> int:
    register = crc_hqx(data.translate(_REVERSED), start)
    return int.from_bytes(register.to_bytes(2).translate(_REVERSED), "little")
