"""The quickest path between operation modes."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise, permutations
from typing import Any
from uuid import UUID

from hypothesis import given, strategies as st
import pytest

from cem_core.s2.messages import parse
from cem_core.s2.paths import Network, Way, lengths, ways
from tests.cem_core.s2.messages import NOW, at, message, name, powers, timer, transition

MODES = [UUID(int=place) for place in range(1, 5)]
TIMERS = [UUID(int=place) for place in range(11, 13)]
MINUTE = timedelta(minutes=1)


@st.composite
def networks(draw: st.DrawFn) -> Network:
    """Draw modes with ways between some of them."""
    some = st.lists(st.sampled_from(TIMERS), max_size=2, unique=True).map(tuple)
    found = [
        Way(
            before=before,
            after=after,
            starts=(),
            blocked_by=draw(some),
            abnormal_only=False,
            takes=draw(st.integers(0, 4)) * MINUTE,
        )
        for before, after in permutations(MODES, 2)
        if draw(st.booleans())
    ]
    return Network(modes=set(MODES), ways=found, lengths={})


def through(
    network: Network, modes: Sequence[UUID], finished: dict[UUID, datetime]
) -> datetime | None:
    """Return when the last of ``modes`` is reached over all of them, None: never."""
    at_ = NOW
    for before, after in pairwise(modes):
        found = [w for w in network.ways if (w.before, w.after) == (before, after)]
        if not found:
            return None
        [way] = found
        at_ = max(at_, *(finished.get(t, at_) for t in way.blocked_by), at_) + way.takes
    return at_


@given(networks(), st.lists(st.integers(0, 9), min_size=2, max_size=2))
def test_no_other_order_of_modes_is_quicker(network: Network, left: list[int]) -> None:
    running = zip(TIMERS, left, strict=True)
    finished = {each: NOW + minutes * MINUTE for each, minutes in running}
    found = network.paths(MODES[0], NOW, finished)
    for to in MODES[1:]:
        others = [mode for mode in MODES[1:] if mode != to]
        times = [
            through(network, (MODES[0], *between, to), finished)
            for count in range(len(others) + 1)
            for between in permutations(others, count)
        ]
        known = [time for time in times if time is not None]
        assert (to in found) == bool(known)
        if known:
            assert found[to].arrives == min(known)
            path = [MODES[0], *(way.after for way in found[to].ways)]
            assert through(network, path, finished) == min(known)


def test_timers_that_are_started_on_the_way_are_waited_for() -> None:
    off, warm, on = (UUID(name(each)) for each in ("off", "warm", "on"))
    text = message(
        "OMBC.SystemDescription",
        valid_from=at(),
        operation_modes=[
            {
                "id": str(each),
                "power_ranges": powers(0, 0),
                "abnormal_condition_only": False,
            }
            for each in (off, warm, on)
        ],
        transitions=[
            transition("off", "warm", starts=("heat up",), takes_s=30, cost=0.1),
            transition("warm", "on", blocked=("heat up",), takes_s=60, cost=0.2),
        ],
        timers=[timer("heat up", 120)],
    )
    said: Any = parse(text)
    network = Network(
        modes={off, warm, on},
        ways=ways(said.transitions),
        lengths=lengths(said.timers),
    )
    path = network.paths(off, NOW, {})[on]
    assert [way.after for way in path.ways] == [warm, on]
    assert path.begins == NOW
    assert path.arrives == NOW + timedelta(seconds=180)
    assert path.cost == pytest.approx(0.3)
    assert off not in network.paths(on, NOW, {})
