"""An offered run is found in a plan's powers as they will be carried out."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st
import pytest

from cem_core.eebus.compressor import Step, Wish, next_step
from cem_core.eebus.offer import Offer, Phase
from cem_core.eebus.planned_run import planned_run

START = datetime(2026, 1, 15, 12, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
EDGES = [START + k * QUARTER for k in range(9)]
RUN = Offer(
    sequence=0,
    phase=Phase.AVAILABLE,
    power_w=2100,
    commanded=True,
    pausable=True,
    stoppable=True,
)


def test_it_begins_with_the_plans_power_and_ends_with_it() -> None:
    found = planned_run(RUN, EDGES, [0, 0, 1000, 2000, 2100, 1500, 200, 2100])
    assert found is not None
    assert (found.start, found.end) == (EDGES[3], EDGES[6])
    assert (found.minutes, found.power_w, found.begun) == (45, 2100, False)


def test_it_lasts_as_long_as_it_has_to() -> None:
    run = replace(RUN, run_min_s=2400)
    found = planned_run(run, EDGES, [2100, 0, 0, 0, 0, 0, 0, 0])
    assert found is not None
    assert found.minutes == 40


def test_it_does_not_begin_before_it_may() -> None:
    run = replace(RUN, earliest_s=1200)
    found = planned_run(run, EDGES, [2100] * 8)
    assert found is not None
    assert found.start == START + timedelta(minutes=20)


def test_one_under_way_goes_on_until_clearly_less_is_given() -> None:
    run = replace(RUN, phase=Phase.RUNNING)
    found = planned_run(run, EDGES, [1200, 1200, 900, 2100, 0, 0, 0, 0])
    assert found is not None
    assert (found.end, found.begun) == (EDGES[2], True)
    assert planned_run(run, EDGES, [0] + [2100] * 7) is None


@pytest.mark.parametrize(
    "run",
    [
        replace(RUN, commanded=False),
        replace(RUN, phase=Phase.COMPLETED),
        replace(RUN, power_w=0),
    ],
)
def test_what_cannot_be_begun_is_no_block(run: Offer) -> None:
    assert planned_run(run, EDGES, [2100] * 8) is None


@given(powers=st.lists(st.integers(0, 3000), min_size=8, max_size=8))
def test_it_begins_in_the_step_in_which_it_is_told_to(powers: list[int]) -> None:
    begins = [
        next_step(RUN, Wish(power_w=w), 3600, ours=False) is Step.BEGIN for w in powers
    ]
    found = planned_run(RUN, EDGES, powers)
    assert (found is not None) is any(begins)
    if found is not None:
        assert found.start == EDGES[begins.index(True)]
