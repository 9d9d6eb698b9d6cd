"""Typical efficiencies: the stated point, data sheets, and which way they go."""

from hypothesis import given, strategies as st
import pytest

from cem_core.insight.carnot import cooling_eer, water_cop

OUTSIDE = st.floats(-25, 45)


def test_they_are_as_data_sheets_say() -> None:
    # EN 16147, A7/W55: 2.6 to 3.2 of usual air-source heat pumps.
    assert water_cop(7, 50) == pytest.approx(2.78, abs=0.02)
    assert water_cop(-7, 50) == pytest.approx(2.2, abs=0.05)
    assert cooling_eer(35) == 3.5
    # EN 14825, part load at 25 °C outside: 1.5 times that at 35 °C and more.
    assert cooling_eer(25) == pytest.approx(3.5 * 35 / 25)
    assert cooling_eer(35, 4.2) == 4.2


@given(OUTSIDE, st.floats(0.1, 10), st.floats(35, 65))
def test_colder_outside_or_hotter_water_costs_more(
    outdoor_c: float, more_k: float, water_c: float
) -> None:
    assert 1 <= water_cop(outdoor_c, water_c) <= water_cop(outdoor_c + more_k, water_c)
    assert water_cop(outdoor_c, water_c + more_k) <= water_cop(outdoor_c, water_c)
    assert cooling_eer(outdoor_c + more_k) <= cooling_eer(outdoor_c)
    assert cooling_eer(outdoor_c) > 0
