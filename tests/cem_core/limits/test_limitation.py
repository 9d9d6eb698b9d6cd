"""The limitation machine: transitions, messages, and the field's known faults."""

from dataclasses import replace
from itertools import product
import math

from hypothesis import given, strategies as st
import pytest

from cem_core.limits.limitation import (
    AfterFailsafe,
    FailsafeWrite,
    Limitation,
    LimitationSettings,
    LimitationState as State,
    LimitWrite,
    Refusal,
)

KEEP = LimitationSettings(nominal_max_w=30000, failsafe_limit_w=4200)
RELEASE = replace(KEEP, after_failsafe=AfterFailsafe.RELEASE)
ON = LimitWrite(value_w=6000, active=True)
OFF = LimitWrite(active=False)
NEGATIVE = LimitWrite(value_w=-1000, active=True)


def reach(state: State, settings: LimitationSettings = RELEASE) -> Limitation:
    """Return a machine that entered ``state`` at 1000 s."""
    machine = Limitation.started(1000.0, settings)
    match state:
        case State.INIT:
            return machine
        case State.CONTROLLED:
            return machine.heartbeat(1000.0).write(1000.0, OFF)[0]
        case State.LIMITED:
            return machine.heartbeat(1000.0).write(1000.0, ON)[0]
        case State.FAILSAFE:
            earlier = Limitation.started(880.0, settings).heartbeat(880.0)
            return earlier.write(880.0, ON)[0].at(1000.0)
        case State.AUTONOMOUS:
            return Limitation.started(880.0, settings).at(1000.0)


@pytest.mark.parametrize("state", State)
def test_reach_reaches(state: State) -> None:
    machine = reach(state)
    assert machine.state is state
    assert machine.entered_s == 1000.0


WAITING = (State.INIT, State.FAILSAFE, State.AUTONOMOUS)


@pytest.mark.parametrize("state", WAITING)
@pytest.mark.parametrize(
    ("written", "follows"),
    [
        (OFF, State.CONTROLLED),  # T1, T8, T11
        (NEGATIVE, State.CONTROLLED),  # T1, T8, T11
        (ON, State.LIMITED),  # T2, T9, T12
    ],
)
@pytest.mark.parametrize(
    ("after_s", "heard"), [(0.0, True), (60.0, True), (60.1, False)]
)
def test_a_limit_counts_within_a_minute_of_a_heartbeat(
    *, state: State, written: LimitWrite, follows: State, after_s: float, heard: bool
) -> None:
    machine = reach(state).heartbeat(1010.0)
    machine, refusal = machine.write(1010.0 + after_s, written)
    assert machine.state is (follows if heard else state)
    if not heard:
        assert refusal is Refusal.NO_HEARTBEAT


@pytest.mark.parametrize("state", WAITING)
def test_no_limit_counts_without_a_heartbeat(state: State) -> None:
    machine = reach(state)
    assert machine.write(1010.0, ON) == (machine, Refusal.NO_HEARTBEAT)


def test_limited_follows_unlimited_controlled() -> None:  # T4
    machine, refusal = reach(State.CONTROLLED).write(1001.0, ON)
    assert refusal is None
    assert machine.state is State.LIMITED
    assert machine.applied_w == 6000


@pytest.mark.parametrize("state", [State.CONTROLLED, State.LIMITED])  # T5, T7
def test_failsafe_follows_120_s_without_a_heartbeat(state: State) -> None:
    machine = reach(state)
    assert machine.at(1119.9).state is state
    lost = machine.at(1120.0)
    assert lost.state is State.FAILSAFE
    assert lost.applied_w == 4200
    assert not lost.active


def test_unlimited_controlled_follows_a_deactivation() -> None:  # T6
    machine, _ = reach(State.LIMITED).write(1001.0, OFF)
    assert machine.state is State.CONTROLLED
    assert machine.applied_w is None


def test_unlimited_controlled_follows_the_end_of_the_duration() -> None:  # T6
    written = replace(ON, duration_s=60.0)
    machine, _ = reach(State.CONTROLLED).write(1001.0, written)
    assert machine.at(1060.9).applied_w == 6000
    assert machine.at(1061.0).state is State.CONTROLLED


def test_unlimited_autonomous_follows_init_where_allowed() -> None:  # T3
    assert reach(State.INIT).at(1119.9).state is State.INIT
    assert reach(State.INIT).at(1120.0).state is State.AUTONOMOUS
    heard = reach(State.INIT).heartbeat(1110.0)
    assert heard.at(1120.0).state is State.AUTONOMOUS
    kept = reach(State.INIT, KEEP).at(9e9)
    assert kept.state is State.INIT
    assert kept.applied_w == 4200


def test_unlimited_autonomous_follows_failsafe_where_allowed() -> None:  # T10
    machine = reach(State.FAILSAFE)
    assert machine.at(8199.9).state is State.FAILSAFE
    assert machine.at(8200.0).state is State.AUTONOMOUS
    heard = machine.heartbeat(1500.0).heartbeat(1560.0)
    assert heard.at(1619.9).state is State.FAILSAFE
    assert heard.at(1620.0).state is State.AUTONOMOUS


def test_failsafe_is_kept_by_default_and_is_told_when_overdue() -> None:
    machine = reach(State.FAILSAFE, KEEP).at(1e6)
    assert machine.state is State.FAILSAFE
    assert machine.applied_w == 4200
    assert not machine.overdue(8199.9)
    assert machine.overdue(8200.0)


@pytest.mark.parametrize("state", [State.CONTROLLED, State.LIMITED])
@pytest.mark.parametrize(
    ("written", "why"),
    [
        (NEGATIVE, Refusal.WRONG_SIGN),
        (LimitWrite(), Refusal.EMPTY),
        (LimitWrite(value_w=math.nan), Refusal.NOT_A_NUMBER),
        (LimitWrite(value_w=math.inf, active=True), Refusal.NOT_A_NUMBER),
        (LimitWrite(active=True, duration_s=0.0), Refusal.NO_TIME),
        (LimitWrite(active=False, duration_s=math.nan), Refusal.NOT_A_NUMBER),
    ],
)
def test_what_is_refused_changes_nothing(
    state: State, written: LimitWrite, why: Refusal
) -> None:
    machine = reach(state)
    assert machine.write(1001.0, written) == (machine, why)


_PARTS = [
    LimitWrite(
        value_w=value_w,
        active=active,
        duration_s=60.0 if duration == "set" else None,
        delete_duration=duration == "delete",
    )
    for value_w, active, duration in product(
        (None, 5000.0), (None, True, False), (None, "set", "delete")
    )
]
COMBINATIONS = [written for written in _PARTS if written != LimitWrite()]


def test_there_are_seventeen_combinations() -> None:
    assert len(COMBINATIONS) == 17


@pytest.mark.parametrize("written", COMBINATIONS)
@pytest.mark.parametrize("had_duration", [False, True])
def test_each_combination_on_an_active_limit(
    *, written: LimitWrite, had_duration: bool
) -> None:
    first = replace(ON, duration_s=100.0 if had_duration else None)
    machine, _ = reach(State.CONTROLLED).write(1000.0, first)
    machine, refusal = machine.write(1010.0, written)
    assert refusal is None
    if written.active is False:
        assert machine.state is State.CONTROLLED
        assert machine.ends_s is None
    else:
        assert machine.applied_w == (written.value_w or 6000)
        if written.duration_s is not None:
            assert machine.ends_s == 1070.0
        elif written.active or written.delete_duration or not had_duration:
            assert machine.ends_s is None
        else:
            assert machine.ends_s == 1100.0


@pytest.mark.parametrize("written", COMBINATIONS)
@pytest.mark.parametrize("state", [State.CONTROLLED, *WAITING])
def test_each_combination_on_an_inactive_limit(
    written: LimitWrite, state: State
) -> None:
    machine, refusal = reach(state).heartbeat(1005.0).write(1010.0, written)
    assert refusal is None
    if written.active:
        assert machine.applied_w == (written.value_w or machine.value_w)
        assert machine.ends_s == (None if written.duration_s is None else 1070.0)
    else:
        assert not machine.active
        waits = written.active is None and state in WAITING
        assert machine.state is (state if waits else State.CONTROLLED)
        later, _ = machine.write(1011.0, LimitWrite(active=True))
        assert later.applied_w == (written.value_w or machine.value_w)
        assert later.ends_s is None


def test_the_failsafe_values_are_the_control_boxs_to_change() -> None:
    machine = reach(State.CONTROLLED, KEEP)
    machine, refusal = machine.write_failsafe(
        1001.0, FailsafeWrite(limit_w=3000.0, duration_s=4 * 3600.0)
    )
    assert refusal is None
    lost = machine.at(1200.0)
    assert lost.applied_w == 3000
    assert not lost.overdue(1120.0 + 4 * 3600 - 0.1)
    assert lost.overdue(1120.0 + 4 * 3600)


@pytest.mark.parametrize(
    ("written", "why"),
    [
        (FailsafeWrite(), Refusal.EMPTY),
        (FailsafeWrite(limit_w=-1000.0), Refusal.WRONG_SIGN),
        (FailsafeWrite(limit_w=math.nan), Refusal.NOT_A_NUMBER),
        (FailsafeWrite(duration_s=math.inf), Refusal.NOT_A_NUMBER),
        (FailsafeWrite(duration_s=114 * 60.0), Refusal.FAILSAFE_TOO_SHORT),
        (FailsafeWrite(limit_w=1.0, duration_s=60.0), Refusal.FAILSAFE_TOO_SHORT),
    ],
)
def test_refused_failsafe_values_change_nothing(
    written: FailsafeWrite, why: Refusal
) -> None:
    machine = reach(State.LIMITED)
    assert machine.write_failsafe(1001.0, written) == (machine, why)


def test_a_failsafe_duration_above_ours_is_refused_and_becomes_ours() -> None:
    written = FailsafeWrite(duration_s=1.05 * 24 * 3600)
    machine, refusal = reach(State.LIMITED).write_failsafe(1001.0, written)
    assert refusal is Refusal.FAILSAFE_TOO_LONG
    assert machine.failsafe_duration_s == 24 * 3600


@pytest.mark.parametrize("state", WAITING)
def test_failsafe_values_wait_for_heartbeat_and_limit(state: State) -> None:
    machine = reach(state).heartbeat(1001.0)
    written = FailsafeWrite(limit_w=1000.0)
    assert machine.write_failsafe(1002.0, written) == (machine, Refusal.NO_LIMIT_YET)


def test_a_restart_begins_in_init_with_the_failsafe_values_that_were_written() -> None:
    kept = FailsafeWrite(limit_w=2500.0, duration_s=3 * 3600.0)
    machine = Limitation.started(0.0, KEEP, kept)
    assert machine.state is State.INIT
    assert machine.applied_w == 2500
    assert machine.failsafe_duration_s == 3 * 3600


class TestFaultsOfTheField:
    """The ten of reference section 2.3 that concern this machine."""

    def test_01_a_negative_limit_is_not_accepted(self) -> None:
        machine, refusal = reach(State.LIMITED).write(1001.0, NEGATIVE)
        assert refusal is Refusal.WRONG_SIGN
        assert machine.applied_w == 6000

    def test_02_failsafe_ends_with_heartbeat_and_limit_at_once(self) -> None:
        machine = reach(State.FAILSAFE, KEEP).heartbeat(1300.0)
        assert machine.write(1300.0, OFF)[0].state is State.CONTROLLED

    def test_02_nor_does_a_silent_box_ever_set_the_home_free(self) -> None:
        assert reach(State.FAILSAFE, KEEP).at(1e9).applied_w == 4200

    def test_02_nor_a_heartbeat_alone(self) -> None:
        machine = reach(State.FAILSAFE, KEEP)
        for now_s in range(1300, 9000, 60):
            machine = machine.heartbeat(float(now_s))
        assert machine.state is State.FAILSAFE

    def test_03_never_heard_is_not_lost(self) -> None:
        assert reach(State.INIT, KEEP).at(1010.0).state is State.INIT

    def test_05_a_limit_of_0_w_is_a_limit(self) -> None:
        machine, _ = reach(State.CONTROLLED).write(
            1001.0, LimitWrite(value_w=0.0, active=True)
        )
        assert machine.active
        assert machine.applied_w == 0

    def test_09_one_heartbeat_does_not_open_the_gate_for_ever(self) -> None:
        machine = reach(State.AUTONOMOUS).heartbeat(1010.0)
        for after_s in (61.0, 119.0, 121.0, 4000.0):
            assert machine.write(1010.0 + after_s, ON)[1] is Refusal.NO_HEARTBEAT

    def test_10_time_passes_without_ticks(self) -> None:
        machine, _ = reach(State.LIMITED).write(5000.0, OFF)
        assert machine.state is State.FAILSAFE
        assert machine.entered_s == 1120.0

    def test_a_limit_without_a_duration_is_not_over_at_once(self) -> None:
        machine = reach(State.LIMITED)
        assert machine.at(1119.0).applied_w == 6000


class TestProduction:
    """The sign of production limits differs between boxes."""

    def test_either_sign_is_taken_by_default(self) -> None:
        settings = replace(KEEP, production=True)
        for value_w in (-3000.0, 3000.0):
            machine, refusal = reach(State.CONTROLLED, settings).write(
                1001.0, LimitWrite(value_w=value_w, active=True)
            )
            assert refusal is None
            assert machine.applied_w == 3000

    def test_strictly_only_what_the_standard_says(self) -> None:
        settings = replace(KEEP, production=True, strict_sign=True)
        machine = reach(State.CONTROLLED, settings)
        written = LimitWrite(value_w=3000.0, active=True)
        assert machine.write(1001.0, written)[1] is Refusal.WRONG_SIGN
        written = replace(written, value_w=-3000.0)
        assert machine.write(1001.0, written)[0].applied_w == 3000


@given(st.lists(st.floats(0, 400), min_size=1, max_size=8), st.sampled_from(State))
def test_a_late_caller_is_told_the_same(steps_s: list[float], state: State) -> None:
    machine = often = reach(state)
    now_s = 1000.0
    for step_s in steps_s:
        now_s += step_s
        often = often.at(now_s)
    assert often == machine.at(now_s)


@pytest.mark.parametrize(
    ("machine", "lifted_s"),
    [
        (reach(State.CONTROLLED), None),
        (reach(State.AUTONOMOUS), None),
        (reach(State.LIMITED), None),  # valid until it is changed
        (reach(State.INIT), 1120.0),  # T3
        (reach(State.FAILSAFE), 1000.0 + 7200.0),  # T10
        (reach(State.INIT, KEEP), None),
        (reach(State.FAILSAFE, KEEP), None),
    ],
)
def test_when_what_bounds_the_power_ends_by_itself(
    machine: Limitation, lifted_s: float | None
) -> None:
    assert machine.lifted_s == lifted_s


def test_an_active_limit_is_lifted_when_its_duration_is_over() -> None:
    limited = reach(State.LIMITED).write(1000.0, replace(ON, duration_s=3600.0))[0]
    assert limited.lifted_s == 4600.0
    assert not limited.at(4600.0).active
