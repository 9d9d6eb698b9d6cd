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
