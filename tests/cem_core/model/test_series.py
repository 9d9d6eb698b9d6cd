from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st
import pytest

from cem_core.model import Interval, Series, SeriesError

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def interval(start: float, end: float, value: float) -> Interval:
    return Interval(start=NOON + start * HOUR, end=NOON + end * HOUR, value=value)


def test_a_value_holds_from_its_start_until_before_its_end() -> None:
    series = Series.of([interval(0, 1, 0.0), interval(1, 2, 5.0)])
    assert series.at(NOON) == 0.0
    assert series.at(NOON + HOUR) == 5.0
    assert series.at(NOON + 2 * HOUR) is None
    assert series.at(NOON - HOUR) is None
    assert series.end == NOON + 2 * HOUR


def test_a_gap_is_unknown_and_not_the_value_before_it() -> None:
    series = Series.of([interval(0, 1, 1.0), interval(2, 3, 3.0)])
    assert series.at(NOON + 1.5 * HOUR) is None


def test_order_and_equal_doubles_do_not_matter() -> None:
    rows = [interval(1, 2, 2.0), interval(0, 1, 1.0), interval(1, 2, 2.0)]
    assert Series.of(rows) == Series.of(sorted(set(rows), key=lambda i: i.start))


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([interval(0, 1, 1.0), interval(0, 1, 2.0)], "two values"),
        ([interval(0, 2, 1.0), interval(1, 3, 1.0)], "two values"),
        ([interval(1, 1, 1.0)], "ends before it starts"),
        ([interval(1, 0, 1.0)], "ends before it starts"),
        (
            [Interval(start=NOON.replace(tzinfo=None), end=NOON + HOUR, value=1.0)],
            "without an offset",
        ),
    ],
)
def test_what_cannot_be_read_without_guessing_is_refused(
    rows: list[Interval], message: str
) -> None:
    with pytest.raises(SeriesError, match=message):
        Series.of(rows)


def test_the_mean_weighs_by_time_over_what_is_known() -> None:
    series = Series.of([interval(0, 1, 1.0), interval(1, 3, 4.0)])
    assert series.mean(NOON, NOON + 3 * HOUR) == pytest.approx(3.0)
    assert series.mean(NOON + 0.5 * HOUR, NOON + 1.5 * HOUR) == pytest.approx(2.5)
    assert series.mean(NOON + 2 * HOUR, NOON + 9 * HOUR) == pytest.approx(4.0)
    assert series.mean(NOON + 5 * HOUR, NOON + 6 * HOUR) is None


@given(st.sets(st.integers(0, 20), min_size=1), st.integers(-8, 90), st.integers(1, 90))
def test_the_mean_leaves_out_what_is_beside_the_span(
    hours: set[int], first: int, length: int
) -> None:
    """As by counting quarter hours, with gaps between the hours."""
    series = Series.of(interval(hour, hour + 1, float(hour)) for hour in hours)
    quarters = range(first, first + length)
    known = [quarter // 4 for quarter in quarters if quarter // 4 in hours]
    found = series.mean(NOON + first * HOUR / 4, NOON + (first + length) * HOUR / 4)
    if not known:
        assert found is None
    else:
        assert found == pytest.approx(sum(known) / len(known))


def test_nothing_known_is_false() -> None:
    assert not Series(())
    assert Series(()).end is None
    assert Series.of([interval(0, 1, 0.0)])


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=50))
def test_steps_give_back_their_values(values: list[float]) -> None:
    starts = [NOON + index * HOUR for index in range(len(values))]
    series = Series.of(interval(t, t + 1, value) for t, value in enumerate(values))
    assert [series.at(start) for start in starts] == values
    assert series.mean(NOON, starts[-1] + HOUR) == pytest.approx(
        sum(values) / len(values)
    )


def test_times_with_and_without_an_offset_are_refused_in_words() -> None:
    naive = NOON.replace(tzinfo=None)
    intervals = [interval(0, 1, 1.0), Interval(start=naive, end=naive + HOUR, value=1)]
    with pytest.raises(SeriesError, match="without an offset"):
        Series.of(intervals)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_value_that_is_no_number_is_refused(value: float) -> None:
    with pytest.raises(SeriesError, match="is no number"):
        Series.of([interval(0, 1, value)])
