"""The free heat of a day is what its temperatures ask for."""

from hypothesis import given, strategies as st
import pytest

from cem_core.insight.heat_balance import missing_gains_kw

R, C, STEP_H, STEPS = 5.0, 8.0, 0.25, 96


def played(
    initial_c: float, gains_kw: float, outdoor_c: float, heat_kw: float
) -> float:
    warm_c = initial_c
    for _ in range(STEPS):
        lost_kw = (warm_c - outdoor_c) / R
        warm_c += STEP_H / C * (heat_kw + gains_kw - lost_kw)
    return warm_c


def asked(initial_c: float, final_c: float, outdoor_c: float, heat_kw: float) -> float:
    return missing_gains_kw(
        initial_c=initial_c,
        final_c=final_c,
        outdoor_c=[outdoor_c] * STEPS,
        heat_kw=[heat_kw] * STEPS,
        resistance_k_per_kw=R,
        capacitance_kwh_per_k=C,
        step_h=STEP_H,
    )


def test_a_house_that_stays_as_it_is_loses_what_it_gets() -> None:
    # 20 K over 5 K/kW are 4 kW, of which the heat pump gives 3.
    assert asked(20, 20, 0, 3.0) == pytest.approx(1.0)


@given(st.floats(15, 25), st.floats(-3, 3), st.floats(-15, 20), st.floats(0, 8))
def test_what_a_house_was_given_is_found_again(
    initial_c: float, gains_kw: float, outdoor_c: float, heat_kw: float
) -> None:
    final_c = played(initial_c, gains_kw, outdoor_c, heat_kw)
    assert asked(initial_c, final_c, outdoor_c, heat_kw) == pytest.approx(
        gains_kw, abs=1e-6
    )


def test_hot_water_that_was_drawn_at_one_hour_is_found_again() -> None:
    # A tank of 0.2 kWh/K in a room of 20 °C loses 1 kW/K / 500; 2 kWh leave it at once.
    warm_c, drawn = 50.0, [0.0] * 24 + [8.0] + [0.0] * 71
    for out_kw in drawn:
        warm_c += STEP_H / 0.2 * (0.1 - out_kw - (warm_c - 20) / 500)
    taken = missing_gains_kw(
        initial_c=50,
        final_c=warm_c,
        outdoor_c=[20.0] * STEPS,
        heat_kw=[0.1] * STEPS,
        resistance_k_per_kw=500,
        capacitance_kwh_per_k=0.2,
        step_h=STEP_H,
        shape=[out_kw / 8 for out_kw in drawn],
    )
    assert taken == pytest.approx(-8.0)


def test_no_time_tells_nothing() -> None:
    assert (
        missing_gains_kw(
            initial_c=20,
            final_c=21,
            outdoor_c=[],
            heat_kw=[],
            resistance_k_per_kw=R,
            capacitance_kwh_per_k=C,
            step_h=STEP_H,
        )
        == 0.0
    )
