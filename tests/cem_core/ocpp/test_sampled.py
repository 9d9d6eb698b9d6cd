"""What stations measure, in the words of both versions."""

from typing import Any

from hypothesis import given, strategies as st
import pytest

from cem_core.ocpp.sampled import measured
from cem_core.ocpp.station import Measured


def sample(value: object, measurand: str | None = None, **more: Any) -> dict[str, Any]:
    """Return one sampled value."""
    found = {"value": value, **more}
    return found if measurand is None else {**found, "measurand": measurand}


def said(*samples: dict[str, Any]) -> Measured:
    """Return what one meter value says."""
    return measured(
        [{"timestamp": "2026-01-15T12:00:00Z", "sampled_value": list(samples)}]
    )


def test_a_value_without_a_measurand_is_the_register() -> None:
    assert said(sample("12000")).energy_wh == 12_000
    assert said(sample("12.5", unit="kWh")).energy_wh == 12_500


def test_the_unit_of_measure_has_a_power_of_ten() -> None:
    unit = {"unit": "kW", "multiplier": -1}
    found = said(sample(72, "Power.Active.Import", unit_of_measure=unit))
    assert found.power_w == pytest.approx(7200)


def test_a_total_is_the_value_without_a_phase_else_the_sum() -> None:
    phases = [
        sample(str(w), "Power.Active.Import", phase=f"L{n}")
        for n, w in enumerate((100, 200, 300), 1)
    ]
    assert said(*phases).power_w == 600
    assert said(*phases, sample("650", "Power.Active.Import")).power_w == 650


def test_what_a_car_gives_counts_against_what_it_draws() -> None:
    assert said(sample("2500", "Power.Active.Export")).power_w == -2500


def test_currents_and_voltages_by_phase() -> None:
    found = said(
        sample("6.1", "Current.Import", phase="L1"),
        sample("6.2", "Current.Import", phase="L2"),
        sample("231", "Voltage", phase="L1-N"),
        sample("400", "Voltage", phase="L1-L2"),
        sample("16", "Current.Offered"),
        sample("55", "SoC", unit="Percent"),
    )
    assert list(found.current_a) == [6.1, 6.2, None]
    assert list(found.voltage_v) == [231, None, None]
    assert found.offered_a == 16
    assert found.state_of_charge == 0.55


def test_what_is_not_said_is_missing_and_never_nothing() -> None:
    assert said() == Measured(at=said().at)


@given(st.one_of(st.none(), st.text(), st.floats(), st.integers()))
def test_what_is_no_number_is_left_out(value: object) -> None:
    power_w = said(sample(value, "Power.Active.Import")).power_w
    assert power_w is None or abs(power_w) < 1e9


def test_a_newer_value_replaces_only_what_it_says() -> None:
    known = said(sample("100", "Power.Active.Import"), sample("5"))
    newer = known.updated(said(sample("0", "Power.Active.Import")))
    assert (newer.power_w, newer.energy_wh) == (0, 5)
