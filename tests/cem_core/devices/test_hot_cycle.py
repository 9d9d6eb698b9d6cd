"""The cycle against legionella: seen from the water alone, due before it is late."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st

from cem_core.devices.hot_cycle import HotCycle, HotCycleLog

START = datetime(2026, 1, 15, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TAKES = timedelta(hours=3)
CYCLE = HotCycle(temperature_c=60, every=timedelta(days=7), hold=30 * MINUTE)


def watched(*water_c: float | None, every: timedelta = 10 * MINUTE) -> HotCycleLog:
    """Return the log of looks at the water, the first one at the start."""
    log = HotCycleLog(done_at=START)
    for place, value in enumerate(water_c):
        log = log.seen(CYCLE, value, START + place * every, TAKES)
    return log


def test_water_that_was_hot_for_the_hold_is_a_cycle() -> None:
    assert watched(60, 61, 60, 60).done_at == START + 30 * MINUTE


def test_water_that_cooled_within_the_hold_is_none() -> None:
    assert watched(60, 61, 59.9, 60, 60).done_at == START


def test_what_nobody_knows_is_no_heat() -> None:
    assert watched(60, 61, None, 60, 60).done_at == START


def test_water_that_stays_hot_is_one_cycle() -> None:
    assert watched(*[60.0] * 20).done_at == START + 30 * MINUTE


def test_it_is_due_as_long_before_its_time_as_it_takes() -> None:
    log = HotCycleLog(done_at=START)
    due = START + timedelta(days=7) - TAKES

    assert log.by(CYCLE) == START + timedelta(days=7)
    before = log.seen(CYCLE, 50, due - MINUTE, TAKES)
    assert not before.is_due(CYCLE, due - MINUTE)
    assert before.seen(CYCLE, 50, due, TAKES).is_due(CYCLE, due)


def test_one_that_has_begun_goes_on_though_the_rest_takes_less() -> None:
    due = START + timedelta(days=7) - TAKES
    log = HotCycleLog(done_at=START).seen(CYCLE, 50, due, TAKES)
    later = log.seen(CYCLE, 55, due + MINUTE, TAKES / 3)
    assert later.is_due(CYCLE, due + MINUTE)

    hot = later.seen(CYCLE, 60, due + 2 * MINUTE, MINUTE)
    done = hot.seen(CYCLE, 60, due + 32 * MINUTE, MINUTE)
    assert not done.is_due(CYCLE, due + 32 * MINUTE)


def test_one_that_runs_is_not_cut_short_whoever_began_it() -> None:
    began = START + timedelta(days=2)
    log = HotCycleLog(done_at=START).seen(CYCLE, 62, began, TAKES)

    assert log.is_due(CYCLE, began + 29 * MINUTE)
    assert not log.is_due(CYCLE, began + 30 * MINUTE)


def test_what_is_stored_is_read() -> None:
    log = watched(60, 61, 60, 60)

    assert HotCycleLog.from_json(log.to_json()) == replace(log, hot_since=None)


@given(st.lists(st.floats(20, 70), max_size=60))
def test_a_cycle_is_never_invented(water_c: list[float]) -> None:
    done = watched(*water_c, every=MINUTE).done_at - START

    longest = run = 0
    for value in water_c:
        run = run + 1 if value >= CYCLE.temperature_c else 0
        longest = max(longest, run)
    assert (done > timedelta(0)) is (longest > CYCLE.hold // MINUTE)
