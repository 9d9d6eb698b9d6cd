"""UC6: load curves from registers, in every format, over a year with its odd days."""

from datetime import UTC, date, datetime, timedelta
import random
import time
from zoneinfo import ZoneInfo

from cem_core.exchange import LoadCurve, Status
from cem_core.exchange.days import day_of, day_span
from cem_core.exchange.forms import FORMS, Writing
from cem_core.exchange.from_registers import Recorder, RegisterValue, values_of
from cem_core.meter import Decoder
from cem_core.model import Direction, Reading
from tests.use_cases.closed_loop import demo_home

BRUSSELS = ZoneInfo("Europe/Brussels")
QUARTER = timedelta(minutes=15)
FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
HOW = Writing(made=datetime(2027, 1, 2, tzinfo=UTC), zone=BRUSSELS)
GAPS, SWAPPED = 20, date(2026, 6, 1)


def a_year() -> list[RegisterValue]:
    """Return a register every five minutes, with gaps and a new meter in June."""
    rand = random.Random(6)  # noqa: S311 - no secret
    start, _ = day_span(FIRST, BRUSSELS)
    _, end = day_span(LAST, BRUSSELS)
    swap, _ = day_span(SWAPPED, BRUSSELS)
    out = [
        start + timedelta(days=16 * n, minutes=rand.randrange(900)) for n in range(22)
    ]
    gaps = [(at, at + timedelta(minutes=rand.randrange(20, 300))) for at in out[1:21]]
    assert len(gaps) == GAPS
    found, at, counted = [], start, 0
    while at <= end:
        new = at >= swap
        if not any(begin < at < stop for begin, stop in gaps):
            found.append(
                RegisterValue(
                    time=at,
                    meter_id="new" if new else "old",
                    direction=Direction.IMPORT,
                    register="1-0:1.8.0",
                    value_wh=counted if new else 5_000_000 + counted,
                )
            )
        counted += rand.randrange(120)
        at += timedelta(minutes=5)
    return found


def recorded(values: list[RegisterValue]) -> tuple[LoadCurve, ...]:
    recorder = Recorder()
    for value in values:
        recorder.add(value)
    return recorder.read(QUARTER)


def test_a_year_goes_through_csv_unchanged_and_spring_through_every_format() -> None:
    values = a_year()
    begun_s = time.process_time()
    curves = recorded(values)
    assert [curve.meter_id for curve in curves] == ["old", "new"]
    csv = FORMS["csv"].write(curves, HOW)
    assert FORMS["csv"].write(FORMS["csv"].read(csv), HOW) == csv
    assert time.process_time() - begun_s < 10
    start, _ = day_span(date(2026, 3, 1), BRUSSELS)
    spring = curves[0].between(start, start + timedelta(days=40))
    assert spring is not None
    for form in FORMS.values():
        assert form.read(form.write([spring], HOW)) == (spring,)


def test_intervals_add_up_to_the_register_wherever_none_is_missing() -> None:
    values = a_year()
    at = {(value.meter_id, value.time): value.value_wh for value in values}
    for curve in recorded(values):
        run: list[int] = []
        for each in (*curve.intervals, None):
            if each is not None and each.energy_wh is not None:
                run.append(each.energy_wh)
                continue
            if run:
                end = curve.end if each is None else each.start
                start = end - len(run) * QUARTER
                expected = at[curve.meter_id, end] - at[curve.meter_id, start]
                assert sum(run) == expected
            run = []


def test_gaps_are_missing_and_never_zero() -> None:
    values = a_year()
    curves = recorded(values)
    missing = [
        each
        for curve in curves
        for each in curve.intervals
        if each.status is Status.MISSING
    ]
    assert all(each.energy_wh is None for each in missing)
    assert len(missing) >= GAPS
    assert sum(len(curve.intervals) for curve in curves) == 35_040 - 1  # the swap


def test_the_days_of_the_clock_change_are_short_and_long() -> None:
    old, new = recorded(a_year())
    spring, autumn = date(2026, 3, 29), date(2026, 10, 25)
    for curve, day, count in ((old, spring, 92), (new, autumn, 100)):
        found = day_of(curve, day, BRUSSELS)
        assert found is not None
        assert len(found.intervals) == count
        lines = FORMS["csv"].write([found], HOW).decode().splitlines()
        assert len({line.split(",")[0] for line in lines[1:]}) == count


def test_a_day_goes_over_the_slowest_link_in_ten_seconds() -> None:
    old, _ = recorded(a_year())
    day = day_of(old, date(2026, 2, 3), BRUSSELS)
    assert day is not None
    data = FORMS["compact"].write([day], HOW)
    assert len(day.intervals) == 96
    assert len(data) < 1200
    assert len(data) * 8 / 1000 < 10  # at 1 kbit/s


def test_a_meters_telegrams_become_its_curve() -> None:
    home, decoder, recorder = demo_home(), Decoder(), Recorder()
    first: Reading | None = None
    last: Reading | None = None
    for _ in range(2 * 3600 // 10):
        for _ in range(10):
            home.step()
        for found in decoder.feed(home.telegram() or b""):
            assert isinstance(found, Reading)
            first, last = first or found, found
            for value in values_of(found, home.now):
                recorder.add(value)
    assert first is not None
    assert last is not None
    curves = recorder.read(QUARTER)
    assert {curve.direction for curve in curves} == set(Direction)
    for curve in curves:
        assert {each.status for each in curve.intervals} == {Status.METERED}
        assert len(curve.intervals) >= 7
        assert curve.billing == "not for billing"
