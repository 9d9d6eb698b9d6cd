"""Every state of the limitation machine that a finite alphabet of events reaches.

Ages replace absolute times, and an age that can no longer matter is cut: so the
search ends. Random steps never found what this does: a gate that one heartbeat opens
for ever.
"""

from collections import deque
from dataclasses import replace
from itertools import pairwise
import sys

import pytest

from cem_core.limits.limitation import (
    HEARTBEAT_LOST_S,
    WRITE_WINDOW_S,
    AfterFailsafe,
    FailsafeWrite,
    Limitation,
    LimitationSettings,
    LimitationState as State,
    LimitWrite,
    Refusal,
)

NOW_S = 1000.0
SHORTEST_S, LONGEST_S = 180.0, 240.0
STEPS_S = (59.0, 60.0, 61.0, 119.0, 120.0, 121.0, 179.0, 180.0, 181.0, 240.0, 241.0)
LIMITS = (
    LimitWrite(value_w=6000.0),
    LimitWrite(active=True),
    LimitWrite(active=False),
    LimitWrite(value_w=0.0, active=True, duration_s=60.0),
    LimitWrite(active=True, duration_s=120.0),
    LimitWrite(duration_s=60.0),
    LimitWrite(delete_duration=True),
    LimitWrite(value_w=-1000.0, active=True),
    LimitWrite(value_w=-1000.0, active=False),
    LimitWrite(value_w=float("nan")),
)
FAILSAFES = (
    FailsafeWrite(limit_w=3000.0),
    FailsafeWrite(duration_s=SHORTEST_S),
    FailsafeWrite(duration_s=SHORTEST_S - 1),
    FailsafeWrite(duration_s=LONGEST_S + 1),
)
IN_CONTROL = {State.CONTROLLED, State.LIMITED}
MAY_FOLLOW = {
    State.INIT: {State.CONTROLLED, State.LIMITED, State.AUTONOMOUS},
    State.CONTROLLED: {State.LIMITED, State.FAILSAFE},
    State.LIMITED: {State.CONTROLLED, State.FAILSAFE},
    State.FAILSAFE: {State.CONTROLLED, State.LIMITED, State.AUTONOMOUS},
    State.AUTONOMOUS: {State.CONTROLLED, State.LIMITED},
}


def _settings(after: AfterFailsafe) -> LimitationSettings:
    return LimitationSettings(
        nominal_max_w=9000,
        failsafe_limit_w=4200,
        failsafe_duration_s=SHORTEST_S,
        shortest_failsafe_s=SHORTEST_S,
        longest_failsafe_s=LONGEST_S,
        after_failsafe=after,
    )


def _now(machine: Limitation, now_s: float) -> Limitation:
    """Return the machine as if it were `NOW_S`, ages cut where they do not matter."""
    old_s = HEARTBEAT_LOST_S + 1

    def moved(time_s: float, most_s: float) -> float:
        return NOW_S - min(now_s - time_s, most_s)

    def moved_if(time_s: float | None) -> float | None:
        return None if time_s is None else moved(time_s, old_s)

    in_time = machine.state in {State.INIT, State.FAILSAFE}
    return replace(
        machine,
        entered_s=moved(machine.entered_s, LONGEST_S + 1) if in_time else NOW_S,
        heartbeat_s=moved_if(machine.heartbeat_s),
        returned_s=(
            moved_if(machine.returned_s) if machine.state is State.FAILSAFE else None
        ),
        ends_s=moved_if(machine.ends_s),
    )


def _check(before: Limitation, after: Limitation, now_s: float) -> None:
    """Assert what holds in every state."""
    if after.state in {State.INIT, State.FAILSAFE}:
        assert after.applied_w == after.failsafe_limit_w
    assert after.active == (after.state is State.LIMITED)
    assert after.value_w >= 0
    assert after.failsafe_limit_w >= 0
    assert SHORTEST_S <= after.failsafe_duration_s <= LONGEST_S
    if after.state in IN_CONTROL:
        assert after.heartbeat_s is not None
        assert now_s - after.heartbeat_s < HEARTBEAT_LOST_S
    if after.ends_s is not None:
        assert after.active
        assert after.ends_s > now_s
    if after.settings.after_failsafe is AfterFailsafe.KEEP:
        assert after.state is not State.AUTONOMOUS
    if after.state is not before.state:
        assert after.state in MAY_FOLLOW[before.state] or before.state in IN_CONTROL


def _follow(machine: Limitation) -> list[Limitation]:
    """Return what every event makes of ``machine`` at `NOW_S`."""
    found = []
    for step_s in STEPS_S:
        later = machine.at(NOW_S + step_s)
        _check(machine, later, NOW_S + step_s)
        if later.state in IN_CONTROL:
            assert machine.state in IN_CONTROL  # time alone takes nothing back
        found.append(_now(later, NOW_S + step_s))
    heard = machine.heartbeat(NOW_S)
    assert heard.state is machine.state
    found.append(_now(heard, NOW_S))
    age_s = NOW_S - (machine.heartbeat_s or -1e9)
    for limit in LIMITS:
        after, refusal = machine.write(NOW_S, limit)
        _check(machine, after, NOW_S)
        if machine.state not in IN_CONTROL and age_s > WRITE_WINDOW_S:
            assert (after, refusal) == (machine, Refusal.NO_HEARTBEAT)
        elif refusal is not None and machine.state in IN_CONTROL:
            assert after == machine
        found.append(_now(after, NOW_S))
    for failsafe in FAILSAFES:
        after, refusal = machine.write_failsafe(NOW_S, failsafe)
        _check(machine, after, NOW_S)
        assert after.state is machine.state
        if machine.state not in IN_CONTROL:
            assert (after, refusal) == (machine, Refusal.NO_LIMIT_YET)
        found.append(_now(after, NOW_S))
    return found


@pytest.mark.parametrize("after", AfterFailsafe)
def test_every_reachable_state_keeps_what_must_hold(
    after: AfterFailsafe, capsys: pytest.CaptureFixture[str]
) -> None:
    first = Limitation.started(NOW_S, _settings(after))
    seen, waiting = {first}, deque([first])
    passed: set[tuple[State, State]] = set()
    while waiting:
        machine = waiting.popleft()
        for following in _follow(machine):
            passed.add((machine.state, following.state))
            if following not in seen:
                seen.add(following)
                waiting.append(following)
    with capsys.disabled():
        sys.stdout.write(f"\n{after}: {len(seen)} states reached\n")
    wanted = set(State) - ({State.AUTONOMOUS} if after is AfterFailsafe.KEEP else set())
    assert {machine.state for machine in seen} == wanted
    between = {(a, b) for a, b in passed if a is not b}
    direct = {
        (a, b) for a, follows in MAY_FOLLOW.items() for b in follows if {a, b} <= wanted
    }
    assert direct <= between


def test_the_alphabet_has_steps_around_each_time_that_matters() -> None:
    for time_s in (WRITE_WINDOW_S, HEARTBEAT_LOST_S, SHORTEST_S):
        assert {time_s - 1, time_s, time_s + 1} <= set(STEPS_S)
    assert all(a < b for a, b in pairwise(STEPS_S))
