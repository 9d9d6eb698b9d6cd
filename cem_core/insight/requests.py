"""What is asked of the forecasters from another process: JSON as plain objects.

Rows are equal steps from `start`; `known` of them lie in the past, `steps` to come.
Powers are in W, temperatures in degrees Celsius, null where nothing is known.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from cem_core.insight.distribution import Numbers
from cem_core.insight.past_days import LocalClock

type Json = Mapping[str, Any]

_W_PER_KW: Final = 1000
_MOST_ROWS: Final = 40_000  # four years of hours: more is a mistake


class RequestError(ValueError):
    """A request that cannot be read; the text says where and what is wanted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The rows that every column of a request has."""

    start: datetime
    step: timedelta
    known: int
    steps: int
    zone: ZoneInfo

    @classmethod
    def of(cls, document: Json) -> Self:
        """Return the rows of ``document``. Raises `RequestError`."""
        try:
            start = datetime.fromisoformat(document["start"])
            zone = ZoneInfo(document["time_zone"])
            minutes, known, steps = (
                int(document[name]) for name in ("step_minutes", "known", "steps")
            )
        except (TypeError, ValueError, ZoneInfoNotFoundError) as error:
            raise RequestError(f"the rows cannot be read: {error}") from error
        except KeyError as missing:
            raise RequestError(f"{missing} is missing") from missing
        if start.tzinfo is None:
            raise RequestError("start has to say its offset from UTC")
        if minutes <= 0 or 24 * 60 % minutes:
            raise RequestError(f"step_minutes: {minutes} does not divide a day")
        if known < 0 or steps < 0 or known + steps > _MOST_ROWS:
            raise RequestError(f"known and steps: 0 to {_MOST_ROWS} rows in all")
        step = timedelta(minutes=minutes)
        return cls(start=start, step=step, known=known, steps=steps, zone=zone)

    @property
    def per_day(self) -> int:
        """Rows a day."""
        return timedelta(days=1) // self.step

    @property
    def now(self) -> datetime:
        """The start of the first row to come."""
        return self.start + self.known * self.step

    @property
    def clock(self) -> LocalClock:
        """The local clock at each row."""
        return LocalClock.of(self.start, self.known + self.steps, self.step, self.zone)

    def past(self, document: Json, name: str) -> Numbers:
        """Return the column ``name`` of the past, NaN where it is null."""
        return _column(document, name, self.known)

    def past_kw(self, document: Json, name: str) -> Numbers:
        """Return the column ``name`` of the past in kW."""
        return self.past(document, name) / _W_PER_KW

    def all(self, document: Json, name: str) -> Numbers:
        """Return the column ``name`` of the past and of what is to come."""
        return _column(document, name, self.known + self.steps)


def watts(kw: Numbers) -> list[float]:
    """Return powers in whole W."""
    return [float(power_w) for power_w in np.round(kw * _W_PER_KW)]


def numbers(document: Json, name: str) -> Sequence[float | None]:
    """Return the list ``name`` of numbers and nulls. Raises `RequestError`."""
    values = document.get(name)
    if not isinstance(values, list) or not all(
        value is None or (isinstance(value, int | float) and value is not True)
        for value in values
    ):
        raise RequestError(f"{name}: has to be a list of numbers and nulls")
    return values


def _column(document: Json, name: str, rows: int) -> Numbers:
    values = numbers(document, name)
    if len(values) != rows:
        raise RequestError(f"{name}: {len(values)} rows, not {rows}")
    return np.array([np.nan if v is None else v for v in values], np.float64)
