"""The checksum of P1 telegrams: CRC-16/ARC (DSMR 5.0.2 P1, 5.2).

The register is as wide as two bytes, so one table of all its values takes two bytes
at a time; it is made of two small ones, since the checksum is linear.
"""

from array import array
import sys
from typing import Final

_POLYNOMIAL: Final = 0xA001  # x^16 + x^15 + x^2 + 1, least significant bit first


def _steps(register: int, bits: int) -> int:
    for _ in range(bits):
        register = (register >> 1) ^ (_POLYNOMIAL if register & 1 else 0)
    return register


_LOW: Final = [_steps(byte, 16) for byte in range(256)]
_HIGH: Final = [_steps(byte << 8, 16) for byte in range(256)]
_PAIRS: Final = array("H", [high ^ low for high in _HIGH for low in _LOW])


def crc16(data: bytes) -> int:
    """Return the checksum of ``data``."""
    even = len(data) & ~1
    pairs = array("H", data[:even])
    if sys.byteorder == "big":
        pairs.byteswap()
    table, crc = _PAIRS, 0
    for pair in pairs:
        crc = table[crc ^ pair]
    return _steps(crc ^ data[-1], 8) if len(data) > even else crc
