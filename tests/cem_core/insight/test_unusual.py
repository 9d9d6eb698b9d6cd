"""What is told to be unlike a home's habit, and what is not."""

import csv
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
import gzip
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from cem_core.insight.unusual import (
    LASTS,
    Day,
    days_of,
    more_since,
    risen_standby,
    unusual_day,
)
from cem_core.simulation.day_series import read_day_series

MONDAY = date(2026, 1, 5)
A_DAY = timedelta(days=1)
BRUSSELS = ZoneInfo("Europe/Brussels")
ROOT = Path(__file__).resolve().parents[3]
SERIES = ROOT.parent / "shared" / "data" / "series"
# What is drawn at rest wobbles by some watts, and what a day uses by a fifth.
WOBBLE = (0, 6, -4, 9, -7, 3, -2)


def usual(count: int, base_w: float = 120.0, kwh: float = 9.0) -> list[Day]:
    """Return days of a home with habits; on weekends a third more is used."""
    return [
        Day(
            day=MONDAY + k * A_DAY,
            base_w=base_w + WOBBLE[k % 7],
            energy_wh=1000
            * kwh
            * (1 + 0.02 * WOBBLE[(3 * k) % 7])
            * (4 / 3 if k % 7 > 4 else 1),
        )
        for k in range(count)
    ]


def raised(days: list[Day], last: int, more_w: float) -> list[Day]:
    """Return ``days`` with a base that is higher on the ``last`` ones."""
    return days[:-last] + [replace(d, base_w=d.base_w + more_w) for d in days[-last:]]


def test_a_day_has_its_base_and_its_energy() -> None:
    # Of the quietest five hours the middle one: a gap or a pulse moves nothing.
    hours = [0.0, 100, 110, 120, 130, *([500.0] * 19)]
    (day,) = days_of(datetime(2026, 1, 5, tzinfo=UTC), hours, UTC)
    assert day == Day(day=MONDAY, base_w=110, energy_wh=sum(hours))


def test_a_day_of_which_too_little_is_known_is_left_out() -> None:
    start = datetime(2026, 1, 5, tzinfo=UTC)
    assert days_of(start, [100.0] * 19 + [None] * 5, UTC) == ()
    (day,) = days_of(start, [100.0] * 20 + [None] * 4, UTC)
    assert day.energy_wh == 2400


def test_days_are_those_of_the_homes_clock() -> None:
    start = datetime(2026, 3, 27, 23, tzinfo=UTC)  # midnight in Brussels
    found = days_of(start, [100.0] * (24 + 23 + 24), BRUSSELS)
    assert [each.day.day for each in found] == [28, 29, 30]  # summer time on 29 March
    assert [each.energy_wh for each in found] == [2400, 2400, 2400]


def test_a_standby_that_rose_is_found_on_the_fifth_day() -> None:
    days = usual(40)
    assert risen_standby(days) is None
    assert risen_standby(raised(days, LASTS - 1, 60)) is None
    found = risen_standby(raised(days, LASTS, 60))
    assert found is not None
    assert found.since == days[-LASTS].day
    assert found.more_w == pytest.approx(60, abs=10)


def test_it_is_told_until_it_falls_or_is_the_habit() -> None:
    days = usual(60)
    for lasts in (10, 21):
        found = risen_standby(raised(days, lasts, 60))
        assert found is not None
        assert found.since == days[-lasts].day
    assert risen_standby(raised(days, 30, 60)) is None
    fallen = raised(days, 10, 60)
    fallen[-1] = days[-1]
    assert risen_standby(fallen) is None


def test_neither_a_little_more_nor_one_calm_day_is_a_risen_standby() -> None:
    assert risen_standby(raised(usual(40), LASTS, 20)) is None
    interrupted = raised(usual(40), 8, 60)
    interrupted[-3] = usual(40)[-3]
    assert risen_standby(interrupted) is None


def test_who_comes_home_after_holidays_has_no_new_standby() -> None:
    """The days before were higher too: two weeks away are not the habit."""
    days = usual(60)
    away = raised(days[:-LASTS], 14, -70) + days[-LASTS:]
    assert risen_standby(away) is None


def test_a_short_past_or_a_gap_says_nothing() -> None:
    assert risen_standby(raised(usual(18), LASTS, 60)) is None
    days = raised(usual(40), LASTS + 2, 60)
    assert risen_standby(days[:-3] + days[-1:]) is not None
    apart = [replace(day, day=day.day + 9 * A_DAY) for day in days[-LASTS:]]
    assert risen_standby(days[:-LASTS] + apart) is None
    assert risen_standby([]) is None


def test_a_day_far_above_its_like_is_found() -> None:
    days = usual(33)  # the last is a Friday
    assert unusual_day(days) is None
    days[-1] = replace(days[-1], energy_wh=20_000)
    found = unusual_day(days)
    assert found is not None
    assert (found.day, found.energy_wh) == (days[-1].day, 20_000)
    assert found.more_wh == pytest.approx(11_000, abs=1500)


def test_a_day_is_compared_with_its_sort() -> None:
    """What no working day uses is usual on a weekend."""
    days = usual(62)
    days = [replace(d, energy_wh=18_000) if d.day.weekday() > 4 else d for d in days]
    saturday = days[: 62 - 1 - (days[-1].day.weekday() - 5) % 7]
    assert saturday[-1].day.weekday() in (4, 5)
    weekend = [d for d in days if d.day.weekday() > 4]
    assert unusual_day(days[: days.index(weekend[-1]) + 1]) is None
    friday = days[: days.index(weekend[-1]) - 1]
    assert friday[-1].day.weekday() < 5
    friday[-1] = replace(friday[-1], energy_wh=18_000)
    assert unusual_day(friday) is not None


def test_neither_a_somewhat_dear_day_nor_one_as_before_is_unusual() -> None:
    days = usual(33)
    days[-1] = replace(days[-1], energy_wh=15_000)
    assert unusual_day(days) is None
    days[-1] = replace(days[-1], energy_wh=20_000)
    days[-8] = replace(days[-8], energy_wh=19_000)  # a feast two weeks ago
    assert unusual_day(days) is None
    assert unusual_day([]) is None
    assert unusual_day(usual(9)) is None
    early = usual(28)
    early[-1] = replace(early[-1], energy_wh=30_000)
    assert unusual_day(early) is None  # of too short a past


def test_what_a_device_draws_more_is_told() -> None:
    days = raised(usual(30), LASTS, 55)
    since = days[-LASTS].day
    assert more_since(days, since, lambda day: day.base_w) == pytest.approx(55, abs=10)
    assert more_since(days[:-LASTS], since, lambda day: day.base_w) is None
    assert more_since(days[-9:], since, lambda day: day.base_w) is None


@given(
    st.lists(st.tuples(st.floats(0, 500), st.floats(0, 60_000)), max_size=70),
    st.floats(1, 4),
)
def test_what_is_found_is_far_and_the_same_on_any_scale(
    values: list[tuple[float, float]], factor: float
) -> None:
    days = [
        Day(day=MONDAY + k * A_DAY, base_w=base_w, energy_wh=energy_wh)
        for k, (base_w, energy_wh) in enumerate(values)
    ]
    risen, odd = risen_standby(days), unusual_day(days)
    if risen is not None:
        assert risen.more_w >= max(25, 0.25 * risen.usual_w)
    if odd is not None:
        assert odd.energy_wh == days[-1].energy_wh
        assert odd.more_wh >= max(2000, 0.8 * odd.usual_wh) - 1e-6
        # Where a day is unusual, one that used yet more is too.
        more = [*days[:-1], replace(days[-1], energy_wh=factor * odd.energy_wh)]
        assert unusual_day(more) is not None


def alarms(days: tuple[Day, ...]) -> tuple[int, int]:
    """Return how often people would have been told, day by day: standby and day."""
    standbys: list[int] = []
    unusual = 0
    for known in range(1, len(days) + 1):
        # The same standby is told again after four weeks only.
        again = not standbys or known - standbys[-1] > 28
        if again and risen_standby(days[:known]) is not None:
            standbys.append(known)
        unusual += unusual_day(days[:known]) is not None
    return len(standbys), unusual


def test_the_demos_usual_days_are_usual() -> None:
    """Its four weeks, played three times over, hour by hour on the wall."""
    played = read_day_series(ROOT / "examples/demo/series.csv", BRUSSELS)
    start = datetime(2026, 4, 6, tzinfo=BRUSSELS)
    steps = timedelta(hours=1) // played.step
    hours = [
        1000
        * sum(
            played.at("load_kw", start + (h * steps + k) * played.step)
            for k in range(steps)
        )
        / steps
        for h in range(84 * 24)
    ]
    days = days_of(start, hours, BRUSSELS)
    assert len(days) >= 83
    assert alarms(days) == (0, 0)


def fontana(file: Path) -> list[float | None]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        return [1000 * float(row["load_kwh"]) for row in csv.DictReader(lines)]


def emhass() -> list[float | None]:
    """Return hourly means of a home recorded half hour by half hour."""
    (file,) = (SERIES / "home_emhass").glob("*.csv")
    with file.open(encoding="utf-8") as lines:
        rows = [row["power_load_no_var_loads_w"] for row in csv.DictReader(lines)]
    pairs = list(pairwise(rows))[::2]
    return [(float(a) + float(b)) / 2 if a and b else None for a, b in pairs]


@pytest.mark.shared
def test_recorded_homes_are_seldom_told() -> None:
    """Six homes, a year each; five are heated and cooled by what is in the load."""
    start = datetime(2024, 1, 1, tzinfo=UTC)
    homes = [fontana(f) for f in sorted((SERIES / "homes_fontana").glob("home*.gz"))]
    found = [alarms(days_of(start, hours, UTC)) for hours in (*homes, emhass())]
    assert len(found) == 6
    assert max(standbys for standbys, _ in found) <= 6
    assert max(unusual for _, unusual in found) <= 2


@pytest.mark.shared
def test_what_is_left_on_in_a_recorded_home_is_found() -> None:
    """100 W more from a day on: of a year's starts four in five are found in time."""
    days = list(days_of(datetime(2024, 1, 1, tzinfo=UTC), emhass(), UTC))
    starts = [
        s
        for s in range(70, len(days) - LASTS, 7)
        if risen_standby(days[: s + LASTS]) is None
    ]
    found = [
        risen_standby(raised(days[: s + LASTS], LASTS, 100)) is not None for s in starts
    ]
    assert len(starts) > 30
    assert sum(found) / len(found) >= 0.7
