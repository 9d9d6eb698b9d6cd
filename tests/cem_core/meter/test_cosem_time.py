"""Twelve bytes of a clock: the time, or none where the meter does not know it."""

from datetime import UTC, datetime

from hypothesis import given, strategies as st
import pytest

from cem_core.meter import cosem_time


def read(data: str) -> cosem_time.CosemTime | None:
    return cosem_time.read(bytes.fromhex(data))


@pytest.mark.parametrize(
    ("data", "utc"),
    [
        ("07e50307070e372100ffc400", datetime(2021, 3, 7, 13, 55, 33, tzinfo=UTC)),
        ("07e90904040a000a00ff8880", datetime(2025, 9, 4, 8, 0, 10, tzinfo=UTC)),
        ("07e4011502100000ff000000", datetime(2020, 1, 21, 16, 0, 0, tzinfo=UTC)),
        ("07e401150210000000003cff", datetime(2020, 1, 21, 17, 0, 0, tzinfo=UTC)),
        # the doubled hour at the end of summer time, told apart by the deviation
        ("07e90a1a07020000ffff8880", datetime(2025, 10, 26, 0, 0, tzinfo=UTC)),
        ("07e90a1a07020000ffffc400", datetime(2025, 10, 26, 1, 0, tzinfo=UTC)),
    ],
)
def test_deviation_makes_local_time_utc(data: str, utc: datetime) -> None:
    when = read(data)
    assert when is not None
    assert when.utc == utc


@pytest.mark.parametrize(
    "data",
    [
        "07e40119060e000aff800000",  # no deviation: somewhere on earth
        "07e40119060e000affffc401",  # the clock calls itself invalid
    ],
)
def test_a_time_that_is_not_known_stays_text(data: str) -> None:
    assert read(data) == cosem_time.CosemTime("2020-01-25T14:00:10", None)


@pytest.mark.parametrize(
    "data",
    [
        "ffff0119060e000aff800000",  # any year
        "07e40d19060e000aff800000",  # month 13
        "07e4021e060e000aff800000",  # 30 February
        "07e401190618000aff800000",  # 24 o'clock
        "07e40119060e003cff800000",  # second 60
        "07e40119060e000a64ffc400",  # hundredth 100
        "07e40119060e000aff7fff00",  # 546 hours from UTC
        "07e40119060e00",
        "ffeeddccbbaa998877665544",
        "000101010000000000ffc400",
    ],
)
def test_no_time_is_invented(data: str) -> None:
    assert read(data) is None


@given(raw=st.binary(min_size=12, max_size=12))
def test_any_twelve_bytes(raw: bytes) -> None:
    when = cosem_time.read(raw)
    assert when is None or when.utc is None or when.utc.tzinfo is UTC
