"""A change now and then is a person's; the same again and again is a controller's."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st

from cem_core.devices.rivalry import CHANGES, Rivalry

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def after(*minutes: float) -> Rivalry:
    rivalry = Rivalry(window=HOUR)
    for minute in minutes:
        rivalry.changed(NOON + timedelta(minutes=minute))
    return rivalry


def test_three_changes_within_the_window_are_another_controller() -> None:
    assert not after(0, 10).goes_on(NOON + timedelta(minutes=10))
    rivalry = after(0, 10, 20)
    assert rivalry.goes_on(NOON + timedelta(minutes=20))
    assert rivalry.goes_on(NOON + HOUR)


def test_it_is_over_when_the_changes_stop() -> None:
    assert not after(0, 10, 20).goes_on(NOON + timedelta(minutes=61))


def test_a_slider_that_is_dragged_is_one_change() -> None:
    assert not after(0, 0.1, 0.2, 0.3).goes_on(NOON + timedelta(minutes=1))


@given(st.lists(st.floats(21, 600), min_size=CHANGES, max_size=20))
def test_changes_that_are_far_enough_apart_never_count(gaps: list[float]) -> None:
    rivalry, minute = Rivalry(window=2 * timedelta(minutes=21)), 0.0
    for gap in gaps:
        minute += gap + 1
        rivalry.changed(NOON + timedelta(minutes=minute))
        assert not rivalry.goes_on(NOON + timedelta(minutes=minute))
