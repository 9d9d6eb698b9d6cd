"""The checksum against the catalogue's check value and a bitwise twin."""

from hypothesis import given, strategies as st

from cem_core.meter.crc16 import crc16
from tests.telegrams.compose import checksum


def test_check_value_of_crc_16_arc() -> None:
    assert crc16(b"123456789") == 0xBB3D


@given(st.binary(max_size=300))
def test_table_agrees_with_bit_by_bit(data: bytes) -> None:
    assert crc16(data) == checksum(data)
