"""The static limits of a home."""

import pytest

from cem_core.limits import Contract, FeedInCap
from cem_core.model import Direction, LimitSource, PhaseReading, Priority, Reading


def test_a_contract_may_leave_every_direction_open() -> None:
    assert Contract().limits() == ()
    assert Contract().of_phases(None) == ()


def test_a_fuse_bounds_the_sum_and_each_phase_both_ways() -> None:
    contract = Contract(import_w=9200, fuse_a=16, phases=3)
    assert {(x.limit_id, x.limit_w) for x in contract.limits()} == {
        ("contract_import", 9200),
        ("contract_fuse_import", 11_040),
        ("contract_fuse_export", 11_040),
    }
    reading = Reading(format="dsmr", phases=(PhaseReading(phase=2, voltage_v=240.7),))
    found = contract.of_phases(reading)
    assert {(x.phase, x.direction, x.limit_w) for x in found} == {
        (phase, direction, 3840 if phase == 2 else 3680)
        for phase in (1, 2, 3)
        for direction in Direction
    }
    assert all(x.priority is Priority.CONTRACT for x in found)
    assert all(x.source is LimitSource.CONTRACT for x in found)


@pytest.mark.parametrize(
    ("share", "limit_w"), [(0.0, 0), (0.5, 4950), (0.6, 5940), (0.7, 6930)]
)
def test_a_feed_in_cap_is_an_obligation(share: float, limit_w: int) -> None:
    (limit,) = Contract(feed_in_cap=FeedInCap.of_share(share, 9900)).limits()
    assert (limit.direction, limit.limit_w) == (Direction.EXPORT, limit_w)
    assert limit.priority is Priority.OBLIGATION
    assert limit.reason is not None
    assert limit.reason.values["percent"] == round(share * 100)


def test_a_feed_in_cap_in_watts_needs_no_share() -> None:
    (limit,) = Contract(feed_in_cap=FeedInCap(limit_w=800)).limits()
    assert (limit.limit_w, limit.reason) == (800, None)
