"""The checksum of P1 telegrams: CRC-16/ARC (DSMR 5.0.2 P1, 5.2)."""

from typing import Final

_POLYNOMIAL: Final = 0xA001  # x^16 + x^15 + x^2 + 1, least significant bit first


def _step(byte: int) -> int:
    for _ in range(8):
        byte = (byte >> 1) ^ (_POLYNOMIAL if byte & 1 else 0)
    return byte


_TABLE: Final = tuple(_step(byte) for byte in range(256))


def crc16(data: bytes) -> int:
    """Return the checksum of ``data``."""
    table = _TABLE
    crc = 0
    for byte in data:
        crc = (crc >> 8) ^ table[(crc ^ byte) & 0xFF]
    return crc
