from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from cem_core.simulation.day_series import DaySeries, DaySeriesError, read_day_series

BRUSSELS = ZoneInfo("Europe/Brussels")
FIRST = datetime(2026, 4, 6, tzinfo=BRUSSELS)  # a Monday


def written(path: Path, rows: list[str]) -> Path:
    file = path / "series.csv"
    file.write_text("\n".join(["time,x", *rows]) + "\n")
    return file


def week(tmp_path: Path) -> DaySeries:
    """Each hour's value tells its weekday and hour: 3.17 is Thursday 17:00."""
    rows = [
        f"{(FIRST + timedelta(hours=n)).isoformat()},{n // 24 + n % 24 / 100}"
        for n in range(7 * 24)
    ]
    return read_day_series(written(tmp_path, rows), BRUSSELS)


def test_a_weekday_plays_its_own_day(tmp_path: Path) -> None:
    series = week(tmp_path)
    thursday = datetime(2027, 1, 14, 17, 30, tzinfo=BRUSSELS)
    assert series.at("x", thursday) == 3.17
    monday_before = datetime(2025, 12, 29, 0, 0, tzinfo=BRUSSELS)
    assert series.at("x", monday_before) == 0.0


def test_between_steps_it_is_a_line(tmp_path: Path) -> None:
    series = week(tmp_path)
    wednesday = datetime(2026, 11, 25, 10, 0, tzinfo=BRUSSELS)
    assert series.between("x", wednesday) == pytest.approx(2.095)
    half_past = wednesday + timedelta(minutes=30)
    assert series.between("x", half_past) == pytest.approx(2.10)


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        (datetime(2026, 3, 29, tzinfo=BRUSSELS), [0, 1, 3, 4]),
        (datetime(2026, 10, 25, tzinfo=BRUSSELS), [0, 1, 2, 2, 3]),
    ],
)
def test_a_day_whose_clocks_change(
    tmp_path: Path, day: datetime, hours: list[int]
) -> None:
    start = day.astimezone(UTC)
    end = start + timedelta(hours=len(hours))
    found = week(tmp_path).intervals("x", start, end)
    assert [interval.value for interval in found] == [6 + h / 100 for h in hours]


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda rows: rows[:-1], "no whole weeks"),
        (lambda rows: rows[:5] + rows[6:], "row 6"),
        (lambda rows: [*rows[:3], rows[2], *rows[3:]], "row 4"),
        (lambda rows: ["2026-04-06T00:00,1", *rows[1:]], "has no offset"),
        (lambda rows: ["noon,1", *rows[1:]], "no time"),
        (lambda rows: [rows[0][:-1] + "?", *rows[1:]], "not a number"),
        (lambda rows: rows[1:], "no midnight"),
        (lambda rows: rows[:1], "fewer than two rows"),
    ],
)
def test_what_cannot_be_repeated_is_refused(
    tmp_path: Path, spoil: object, message: str
) -> None:
    rows = [
        f"{(FIRST + timedelta(hours=n)).isoformat()},{n % 24}" for n in range(7 * 24)
    ]
    assert callable(spoil)
    with pytest.raises(DaySeriesError, match=message):
        read_day_series(written(tmp_path, spoil(rows)), BRUSSELS)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DaySeriesError, match=r"nothing\.csv: No such file"):
        read_day_series(tmp_path / "nothing.csv", BRUSSELS)
