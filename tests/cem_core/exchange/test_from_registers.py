from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from cem_core.exchange import CurveError, LoadCurve, Status, coarser
from cem_core.exchange.days import day_of, day_span
from cem_core.exchange.from_registers import (
    RESOLUTIONS,
    Recorder,
    RegisterValue,
    values_of,
)
from cem_core.model import Direction, Reading
from tests.cem_core.exchange.made import METER, QUARTER, START, curve, value

BRUSSELS = ZoneInfo("Europe/Brussels")


def read(
    values: list[RegisterValue],
    resolution: timedelta = QUARTER,
    *,
    spread: bool = False,
) -> LoadCurve:
    recorder = Recorder()
    for each in values:
        recorder.add(each)
    (found,) = recorder.read(resolution, spread=spread)
    return found


def test_a_quarter_hour_is_the_difference_of_the_register() -> None:
    found = read([value(0, 1_000), value(450, 1_111), value(900, 1_250)])
    assert [each.energy_wh for each in found.intervals] == [250]
    assert found.intervals[0].start == START
    assert found.intervals[0].status is Status.METERED


@pytest.mark.parametrize(
    ("before_s", "after_s", "expected"),
    [
        (10, 10, "metered"),
        (10, 11, "calculated"),
        (30, 30, "calculated"),
        (31, 1, "missing"),
        (1, 31, "missing"),
    ],
)
def test_a_boundary_between_telegrams_is_as_good_as_they_are_near(
    before_s: int, after_s: int, expected: str
) -> None:
    values = [value(0, 0), value(900 - before_s, 100), value(900 + after_s, 200)]
    found = read([*values, value(1800, 300), value(2700, 300)])
    assert found.intervals[0].status.value == expected
    assert found.intervals[1].status.value == expected
    assert found.intervals[2].status is Status.METERED


def test_a_register_between_two_telegrams_is_on_their_line() -> None:
    found = read([value(0, 0), value(895, 100), value(905, 130), value(1800, 130)])
    assert [each.energy_wh for each in found.intervals] == [115, 15]


def test_a_gap_is_missing_and_its_energy_is_spread_only_when_asked() -> None:
    values = [value(0, 0), value(900, 100), value(3600 + 900, 500), value(5400, 510)]
    plain, spread = read(values), read(values, spread=True)
    assert [each.energy_wh for each in plain.intervals] == [
        100, None, None, None, None, 10,
    ]  # fmt: skip
    assert [each.energy_wh for each in spread.intervals] == [100] * 5 + [10]
    assert [each.status for each in spread.intervals[1:5]] == [Status.ESTIMATED] * 4
    assert spread.energy_wh == 510


def test_telegrams_lost_inside_an_interval_change_nothing() -> None:
    full = [value(n, n // 2) for n in range(0, 3601, 10)]
    few = [each for each in full if each.time.minute % 15 in {0, 7}]
    assert read(full) == read(few)


def test_another_meter_begins_another_curve() -> None:
    recorder = Recorder()
    for each in (
        value(0, 9_000),
        value(900, 9_100),
        value(1200, 9_150),
        value(1500, 3, meter_id="new"),
        value(1800, 40, meter_id="new"),
        value(2700, 140, meter_id="new"),
    ):
        recorder.add(each)
    old, new = recorder.read(QUARTER)
    assert (old.meter_id, [i.energy_wh for i in old.intervals]) == (METER, [100])
    assert (new.meter_id, [i.energy_wh for i in new.intervals]) == ("new", [100])
    assert new.start - old.end == QUARTER  # nobody knows it: in neither


def test_a_register_that_goes_back_is_refused_and_changes_nothing() -> None:
    recorder = Recorder()
    for each in (value(0, 100), value(890, 200)):
        recorder.add(each)
    with pytest.raises(CurveError, match="went back from 200 to 199 Wh"):
        recorder.add(value(895, 199))
    recorder.add(value(900, 210))
    (found,) = recorder.read(QUARTER)
    assert [each.energy_wh for each in found.intervals] == [110]


def test_what_is_older_than_the_last_telegram_is_not_taken_again() -> None:
    recorder = Recorder()
    recorder.add(value(900, 100))
    assert recorder.add(value(900, 100)) == []
    assert recorder.add(value(300, 90)) == []


def test_the_total_of_a_meter_that_counts_tariffs_is_their_sum() -> None:
    reading = Reading(
        format="dsmr",
        timestamp=START,
        meter_id=METER,
        import_energy_wh={"1": 10, "2": 20},
        export_energy_wh={"total": 7, "1": 3},
    )
    found = list(values_of(reading, START + timedelta(seconds=3)))
    assert [(v.direction, v.register, v.value_wh, v.time) for v in found] == [
        (Direction.IMPORT, "1-0:1.8.0", 30, START),
        (Direction.EXPORT, "1-0:2.8.0", 7, START),
    ]
    silent = Reading(format="entity", import_energy_wh={"total": 5})
    (only,) = values_of(silent, START)
    assert (only.time, only.meter_id) == (START, "unknown")


@st.composite
def telegrams(draw: st.DrawFn) -> list[RegisterValue]:
    """Return telegrams at any times, some of them on a boundary."""
    steps = draw(
        st.lists(
            st.tuples(
                st.sampled_from([1, 5, 10, 29, 60, 300, 900, 4000]), st.integers(0, 500)
            ),
            min_size=1,
            max_size=120,
        )
    )
    seconds, energy_wh, found = (
        draw(st.integers(0, 100)),
        draw(st.integers(0, 10**9)),
        [],
    )
    for later, more in steps:
        found.append(value(seconds, energy_wh))
        seconds, energy_wh = seconds + later, energy_wh + more
    return found


@given(telegrams(), st.sampled_from(RESOLUTIONS))
def test_known_intervals_in_a_row_add_up_to_the_register(
    values: list[RegisterValue], resolution: timedelta
) -> None:
    recorder = Recorder()
    for each in values:
        recorder.add(each)
    for found in recorder.read(resolution, spread=True):
        (register,) = recorder.curves.values()
        known = sorted(register.boundaries)
        inside = [
            each
            for each in found.intervals
            if known[0] <= each.start and each.start + resolution <= known[-1]
        ]
        assert all(each.energy_wh is not None for each in inside)
        ends = register.boundaries.get(found.start), register.boundaries.get(found.end)
        if ends[0] is not None and ends[1] is not None:
            assert found.energy_wh == ends[1].value_wh - ends[0].value_wh
        # And never more than what the meter counted.
        assert found.energy_wh <= values[-1].value_wh - values[0].value_wh


@given(telegrams())
def test_longer_intervals_are_sums_of_shorter_ones(values: list[RegisterValue]) -> None:
    recorder = Recorder()
    for each in values:
        recorder.add(each)
    for fine in recorder.read(timedelta(minutes=5)):
        summed = {x.start: x.energy_wh for x in coarser(fine, QUARTER).intervals}
        for wide in recorder.read(QUARTER):
            for long in wide.intervals:
                if summed[long.start] is not None:
                    assert long.energy_wh == summed[long.start]


@given(telegrams(), st.data())
def test_telegrams_that_do_not_touch_a_boundary_can_be_left_out(
    values: list[RegisterValue], data: st.DataObject
) -> None:
    def touches(each: RegisterValue) -> bool:
        past_s = (each.time - START) % timedelta(minutes=5) / timedelta(seconds=1)
        return past_s <= 60 or past_s >= 240

    kept = [
        each
        for each in values
        if each in (values[0], values[-1]) or touches(each) or data.draw(st.booleans())
    ]
    whole, part = Recorder(), Recorder()
    for each in values:
        whole.add(each)
    for each in kept:
        part.add(each)
    assert whole.read(QUARTER) == part.read(QUARTER)


@pytest.mark.parametrize(
    ("day", "count"),
    [
        (date(2026, 3, 28), 96),
        (date(2026, 3, 29), 92),
        (date(2026, 10, 25), 100),
    ],
)
def test_a_day_has_as_many_quarters_as_it_has(day: date, count: int) -> None:
    start, end = day_span(day, BRUSSELS)
    values = [
        RegisterValue(
            time=start + n * QUARTER,
            meter_id=METER,
            direction=Direction.IMPORT,
            register="1-0:1.8.0",
            value_wh=100 * n,
        )
        for n in range((end - start) // QUARTER + 1)
    ]
    whole = read(values)
    found = day_of(whole, day, BRUSSELS)
    assert found is not None
    assert len(found.intervals) == count
    assert found.energy_wh == 100 * count
    assert {each.start for each in found.intervals} == {
        start + n * QUARTER for n in range(count)
    }


def test_longer_intervals_miss_what_a_part_misses() -> None:
    hour = timedelta(hours=1)
    found = coarser(curve([1, 2, 3, 4, 5, None, 7, 8, 9]), hour)
    assert [each.energy_wh for each in found.intervals] == [10, None, None]
    with pytest.raises(CurveError, match="cannot be summed"):
        coarser(found, QUARTER)


def test_a_range_that_was_asked_for_has_all_of_its_intervals() -> None:
    recorder = Recorder()
    for each in (value(900, 0), value(1800, 50)):
        recorder.add(each)
    start = datetime(2026, 1, 14, 23, 0, tzinfo=UTC)
    (found,) = recorder.read(QUARTER, start, start + timedelta(hours=1))
    assert [each.energy_wh for each in found.intervals] == [None, 50, None, None]
    assert all(b.start - a.start == QUARTER for a, b in pairwise(found.intervals))
