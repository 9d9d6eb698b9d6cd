"""What a charging station tells of the limits of others."""

import pytest

from cem_core.ocpp.station import Measured, Station


@pytest.mark.parametrize(
    ("source", "counted"), [("EMS", 1), ("Other", 1), ("SO", 0), ("CSO", 0)]
)
def test_a_limit_of_the_grids_operator_or_of_ours_is_no_rivals(
    source: str, counted: int
) -> None:
    station = Station("wall")
    station.limited(source)
    assert station.limits_heard == counted
    assert station.limited_by == (source if counted else "")


def test_a_power_of_before_it_was_away_says_nothing_of_now() -> None:
    station = Station("wall")
    station.measure(1, Measured(power_w=4140.0, energy_wh=15_000.0))
    station.forget_powers()
    assert station.connector(1).measured == Measured(energy_wh=15_000.0)
