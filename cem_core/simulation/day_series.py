"""A few recorded weeks that repeat: a recorded day for each weekday of today."""

from collections.abc import Iterable, Mapping, Sequence
import csv
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from cem_core.model import Interval

DAY: Final = timedelta(days=1)
WEEK_DAYS: Final = 7


class DaySeriesError(ValueError):
    """A file that is no whole number of weeks in equal steps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DaySeries:
    """Columns in equal steps over whole weeks, read by wall-clock time.

    What was recorded at 17:00 on a Monday is played at 17:00 on a Monday. On
    a day whose clocks change, the hour that is skipped is not played and the
    hour that comes twice is played twice.
    """

    time_zone: ZoneInfo
    first_day: date
    step: timedelta
    columns: Mapping[str, Sequence[float]]

    @property
    def steps_a_day(self) -> int:
        """The number of steps in a day of 24 hours."""
        return DAY // self.step

    def at(self, column: str, time: datetime) -> float:
        """Return the value of the step that ``time`` falls in."""
        values = self.columns[column]
        return values[int(self._place(time)) % len(values)]

    def between(self, column: str, time: datetime) -> float:
        """Return the value on a line between the middles of the steps."""
        values = self.columns[column]
        place = self._place(time) - 0.5
        first = int(place // 1)
        share = place - first
        before = values[first % len(values)]
        after = values[(first + 1) % len(values)]
        return before * (1 - share) + after * share

    def intervals(self, column: str, start: datetime, end: datetime) -> list[Interval]:
        """Return the steps from ``start``, a step's start, until ``end``."""
        found = []
        while start < end:
            after = start + self.step
            value = self.at(column, start)
            found.append(Interval(start=start, end=after, value=value))
            start = after
        return found

    def _place(self, time: datetime) -> float:
        local = time.astimezone(self.time_zone)
        wall = timedelta(hours=local.hour, minutes=local.minute, seconds=local.second)
        wall += timedelta(microseconds=local.microsecond)
        days = (local.date() - self.first_day).days
        return days * self.steps_a_day + wall / self.step


def read_day_series(path: Path, time_zone: ZoneInfo) -> DaySeries:
    """Return the series in a CSV file with a column `time`.

    Raises `DaySeriesError` when it cannot be read or is not made of equal
    steps over whole weeks that begin at a midnight.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    except OSError as error:
        raise DaySeriesError(f"{path}: {error.strerror}") from error
    times = list(_times(path, rows))
    if len(times) < 2:  # noqa: PLR2004 (a step has a start and an end)
        raise DaySeriesError(f"{path}: fewer than two rows")
    step = times[1] - times[0]
    if step <= timedelta(0) or DAY % step:
        raise DaySeriesError(f"{path}: row 2: a step of {step} does not divide a day")
    for row, time in enumerate(times):
        if time != times[0] + row * step:
            raise DaySeriesError(
                f"{path}: row {row + 1}: {time.isoformat()} is not {step} after "
                "the row before"
            )
    first = times[0].astimezone(time_zone)
    if (first.hour, first.minute, first.second) != (0, 0, 0):
        raise DaySeriesError(f"{path}: row 1: {first.isoformat()} is no midnight")
    if len(times) % (DAY // step * WEEK_DAYS):
        raise DaySeriesError(f"{path}: {len(times)} rows are no whole weeks")
    return DaySeries(
        time_zone=time_zone,
        first_day=first.date(),
        step=step,
        columns={name: _column(path, rows, name) for name in rows[0] if name != "time"},
    )


def _times(path: Path, rows: Sequence[Mapping[str, str]]) -> Iterable[datetime]:
    for number, row in enumerate(rows, start=1):
        text = row.get("time", "")
        try:
            time = datetime.fromisoformat(text)
        except ValueError as error:
            raise DaySeriesError(f"{path}: row {number}: no time: {text!r}") from error
        if time.tzinfo is None:
            raise DaySeriesError(f"{path}: row {number}: {text} has no offset")
        yield time


def _column(
    path: Path, rows: Sequence[Mapping[str, str]], name: str
) -> tuple[float, ...]:
    values = []
    for number, row in enumerate(rows, start=1):
        try:
            values.append(float(row[name]))
        except (TypeError, ValueError) as error:
            raise DaySeriesError(
                f"{path}: row {number}: {name}: not a number: {row[name]!r}"
            ) from error
    return tuple(values)
