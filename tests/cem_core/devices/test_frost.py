"""Frost threatens below a threshold, and until it is left for good."""

from hypothesis import given, strategies as st
import pytest

from cem_core.devices.frost import threatens


@pytest.mark.parametrize(
    ("room_c", "outdoor_c", "threshold_c", "frost"),
    [
        (6.9, None, None, True),
        (7.0, None, None, False),
        (20.0, -11.0, -10.0, True),
        (20.0, -10.0, -10.0, False),
        (20.0, -30.0, None, False),  # nobody said what is cold outside
        (None, None, -10.0, False),
        (0.0, None, None, True),
    ],
)
def test_each_temperature_has_its_own_threshold(
    room_c: float | None,
    outdoor_c: float | None,
    threshold_c: float | None,
    frost: bool,
) -> None:
    watched = ((room_c, 7.0), (outdoor_c, threshold_c))

    assert threatens(watched, before=False) is frost


@given(st.floats(-40, 40), st.floats(-20, 20), st.booleans())
def test_it_lasts_until_a_degree_above(
    now_c: float,
    least_c: float,
    before: bool,
) -> None:
    found = threatens([(now_c, least_c)], before=before)

    assert found or now_c >= least_c
    assert not found or now_c < least_c + 1
