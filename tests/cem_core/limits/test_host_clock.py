"""A machine whose clock is hours wrong after a power cut, or set while it runs."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st

from cem_core.limits import HostClock, Moment, OrderBook, Shift
from cem_core.model import Direction, LimitSource, PowerLimit, Scope

NOON = datetime(2026, 3, 28, 12, tzinfo=UTC)
TWO_HOURS = timedelta(hours=2)
hours = st.floats(-30, 30).map(lambda value: timedelta(hours=value))
spans = st.floats(0, 5).map(lambda value: timedelta(hours=value))


def limit(start: datetime = NOON, lasts: timedelta = TWO_HOURS) -> PowerLimit:
    """Return a limit that was ordered at ``start``."""
    return PowerLimit(
        limit_id="dim",
        source=LimitSource.ORDER,
        issuer="operator",
        direction=Direction.IMPORT,
        scope=Scope.CONTROLLABLE,
        limit_w=4200,
        start=start,
        end=start + lasts,
    )


def ordered(clock: HostClock) -> OrderBook:
    """Return what is read back after a kill right after a two-hour order at noon."""
    clock.update(NOON, 100.0, NOON)
    book = OrderBook()
    book.order(limit())
    return OrderBook.from_json(book.to_json())


def left(book: OrderBook, host: datetime) -> timedelta:
    """Return how long the only limit still has to run by the host's clock."""
    (found,) = book.limits
    assert found.end is not None
    assert found.start is not None
    assert found.start <= host
    return found.end - host


def test_without_a_restart_and_without_a_step_nothing_moves() -> None:
    clock = HostClock(None)
    assert not clock.update(NOON, 5.0)
    assert not clock.update(NOON + timedelta(minutes=3, seconds=1), 185.0)


def test_a_clock_that_is_set_takes_the_ends_with_it_but_for_times_of_day() -> None:
    clock, book = HostClock(None), OrderBook()
    clock.update(NOON, 0.0)
    book.order(limit())
    step = clock.update(NOON + timedelta(hours=5, minutes=1), 60.0)
    assert step == Shift(restored=timedelta(hours=5), ordered=timedelta(hours=5))
    book.shift(step)
    assert left(book, NOON + timedelta(hours=5)) == TWO_HOURS
    book.order(limit(), by_clock=True)
    book.shift(step)
    assert left(book, NOON) == TWO_HOURS


@given(wrong=hours, down=spans, meter_wrong=hours)
def test_the_meters_clock_tells_how_long_the_machine_was_down(
    wrong: timedelta, down: timedelta, meter_wrong: timedelta
) -> None:
    """Whatever the host's clock says, and however wrong the meter's is."""
    before = HostClock(None)
    book = ordered(before)
    kept = before.moment()
    assert kept is not None
    assert kept.meter is not None
    clock = HostClock(Moment(host=kept.host, meter=kept.meter + meter_wrong))
    host = NOON + down + wrong
    book.shift(clock.update(host, 7.0))
    assert left(book, host) == TWO_HOURS  # nothing is known: nothing has elapsed
    host += timedelta(seconds=4)
    meter = NOON + down + timedelta(seconds=4) + meter_wrong
    book.shift(clock.update(host, 11.0, meter))
    expected = TWO_HOURS - down - timedelta(seconds=4)
    assert abs(left(book, host) - expected) < timedelta(milliseconds=1)


@given(wrong=hours, down=spans)
def test_without_a_meters_clock_a_limit_never_ends_early_nor_lives_for_ever(
    wrong: timedelta, down: timedelta
) -> None:
    book = ordered(HostClock(None))
    clock = HostClock(Moment(host=NOON))
    host = NOON + down + wrong
    book.shift(clock.update(host, 0.0))
    host += timedelta(hours=1, minutes=59)
    book.shift(clock.update(host, 7140.0))
    assert book.expire(host) == ()
    host += timedelta(minutes=1, seconds=1)
    book.shift(clock.update(host, 7201.0))
    assert len(book.expire(host)) == 1


def test_a_second_power_cut_before_the_meter_speaks_loses_nothing() -> None:
    first = HostClock(None)
    book = ordered(first)
    second = HostClock(first.moment())
    host = NOON - timedelta(hours=9)  # half an hour later, in truth
    book.shift(second.update(host, 3.0))
    book = OrderBook.from_json(book.to_json())
    third = HostClock(second.moment())
    host = NOON + timedelta(days=2)  # an hour after the order, in truth
    book.shift(third.update(host, 3.0))
    book.shift(third.update(host, 3.0, NOON + timedelta(hours=1)))
    assert left(book, host) == timedelta(hours=1)


def test_a_meter_that_was_set_back_tells_nothing() -> None:
    first = HostClock(None)
    book = ordered(first)
    clock = HostClock(first.moment())
    host = NOON + timedelta(hours=7)
    book.shift(clock.update(host, 0.0, NOON - timedelta(days=900)))
    assert left(book, host) == TWO_HOURS
