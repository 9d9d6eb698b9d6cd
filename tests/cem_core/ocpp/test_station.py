"""What a charging station tells of the limits of others."""

import pytest

from cem_core.ocpp.station import Station


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
