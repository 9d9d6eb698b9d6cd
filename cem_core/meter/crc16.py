"""The checksum of P1 telegrams: CRC-16/ARC (DSMR 5.0.2 P1, 5.2).

Its polynomial is (x + 1) (x^15 + x + 1). The remainder of the first factor is the
parity. That of the second takes a few shifts of the whole telegram as one number:
squaring is linear, so x^15m = x^m + 1 for every power of two m.
"""

from typing import Final

_REVERSED: Final = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
_WIDTH: Final = 16
_DEGREE: Final = 15
_FACTOR: Final = 0x8003  # x^15 + x + 1


def crc16(data: bytes) -> int:
    """Return the checksum of ``data``."""
    rest = int.from_bytes(data.translate(_REVERSED)) << _WIDTH
    parity = rest.bit_count() & 1
    m = 1 << max(0, (rest.bit_length() // _DEGREE).bit_length() - 1)
    while m:
        split = _DEGREE * m
        below = (1 << split) - 1
        while high := rest >> split:
            rest = rest & below ^ high ^ high << m
        m >>= 1
    if rest.bit_count() & 1 != parity:
        rest ^= _FACTOR
    return int.from_bytes(rest.to_bytes(2).translate(_REVERSED), "little")
