import pytest

from cem_core.limits import meter_limits
from cem_core.model import Breaker, Direction, PhaseReading, Reading

THREE = tuple(PhaseReading(phase=n) for n in (1, 2, 3))


def test_a_meter_that_says_nothing_limits_nothing() -> None:
    assert meter_limits(Reading(format="dsmr")) == ()


@pytest.mark.parametrize("threshold_w", [999_900, 999_000])
def test_all_nines_are_no_limit(threshold_w: int) -> None:
    reading = Reading(
        format="dsmr", limiter_threshold_w=threshold_w, fuse_threshold_a=999
    )
    assert meter_limits(reading) == ()


def test_the_limiter_bounds_import() -> None:
    (limit,) = meter_limits(Reading(format="dsmr", limiter_threshold_w=4600))
    assert (limit.limit_id, limit.direction, limit.limit_w) == (
        "meter_limiter",
        Direction.IMPORT,
        4600,
    )


def test_a_limiter_at_zero_is_a_limit() -> None:
    (limit,) = meter_limits(Reading(format="dsmr", limiter_threshold_w=0))
    assert limit.limit_w == 0


@pytest.mark.parametrize(("phases", "limit_w"), [((), 5750), (THREE, 17_250)])
def test_the_fuse_counts_for_each_phase(
    phases: tuple[PhaseReading, ...], limit_w: int
) -> None:
    reading = Reading(format="dsmr", fuse_threshold_a=25, phases=phases)
    limit, *of_phases = meter_limits(reading)
    assert (limit.limit_id, limit.limit_w) == ("meter_fuse", limit_w)
    assert [(x.phase, x.direction, x.limit_w) for x in of_phases] == [
        (phase.phase, direction, 5750) for phase in phases for direction in Direction
    ]


def test_the_fuse_of_a_phase_counts_at_its_measured_voltage() -> None:
    phases = (
        PhaseReading(phase=1, voltage_v=225.9),
        PhaseReading(phase=2, voltage_v=0.0),  # of a meter that does not measure it
        PhaseReading(phase=3),
    )
    reading = Reading(format="dsmr", fuse_threshold_a=20, phases=phases)
    found = {x.phase: x.limit_w for x in meter_limits(reading)}
    assert found == {None: 13_800, 1: 4500, 2: 4600, 3: 4600}


@pytest.mark.parametrize(
    ("breaker", "count"),
    [(Breaker.CONNECTED, 0), (Breaker.DISCONNECTED, 2), (Breaker.READY, 2)],
)
def test_an_open_breaker_lets_nothing_through(breaker: Breaker, count: int) -> None:
    limits = meter_limits(Reading(format="dsmr", breaker=breaker))
    assert [limit.limit_w for limit in limits] == [0] * count


def test_a_fuse_of_half_amperes_gives_whole_watts() -> None:
    (limit,) = meter_limits(Reading(format="dsmr", fuse_threshold_a=12.5))
    assert (limit.limit_w, type(limit.limit_w)) == (2875, int)


def test_a_negative_threshold_is_nonsense_and_breaks_nothing() -> None:
    reading = Reading(format="dsmr", limiter_threshold_w=-1, fuse_threshold_a=-1)
    assert meter_limits(reading) == ()
