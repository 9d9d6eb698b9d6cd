"""The years that are played: every row of SERIES at the home's step."""

from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from optimizer.align import Columns, align
from optimizer.backtest.playable import cop_column, playable
from optimizer.backtest.settings import Settings
from optimizer.document import InputError, Problem
from optimizer.home import Column, HeatPump, Home, Solar
from optimizer.horizon import Horizon
from optimizer.series import Numbers, Table
from optimizer.tiers import first_step

ISSUED = "_forecast"
"""Column ``x_forecast`` is what a service said beforehand of column ``x``.

An empty cell is an hour of which it said nothing: NaN in ``Record.issued``.
"""

_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Record:
    """Columns by step of ``whole``; ``first`` to ``last`` is what is played.

    ``clock`` numbers the steps of the local clock, ``local_hour`` is its hour
    and ``local_day`` its day; rows before ``first`` are history.
    """

    home: Home
    step: timedelta
    whole: Horizon
    columns: Columns
    issued: Columns
    first: int
    last: int
    clock: NDArray[np.int64]
    local_hour: Numbers
    local_day: NDArray[np.int64]

    @property
    def per_day(self) -> int:
        """Steps in a day of 24 hours."""
        return _DAY // self.step

    @property
    def hours(self) -> float:
        """The length of a step in hours."""
        return self.step / timedelta(hours=1)

    @property
    def steps(self) -> int:
        """How many steps are played."""
        return self.last - self.first

    def span(self) -> Horizon:
        """Return the steps that are played."""
        edges = self.whole.edges[self.first : self.last + 1]
        return replace(self.whole, edges=edges)

    def played(self, name: str) -> Numbers:
        """Return a column of the steps that are played."""
        return self.columns[name][self.first : self.last]

    @property
    def mean_import_price(self) -> float:
        """The mean over the span, at which what is missing is bought."""
        return float(self.played(Column.IMPORT_PRICE).mean())


def record_of(home: Home, table: Table, settings: Settings) -> Record:
    """Return the record to play. Raises `InputError`."""
    home = playable(home)
    step = timedelta(minutes=home.step_minutes)
    start = settings.start or home.start or table.start
    start = start.astimezone(UTC)
    if (left := first_step(start, step, _zone(home))) != step:
        start += left  # a plan made within a step would not be for all of it
    end = settings.end
    if end is None and settings.start is None and home.steps is not None:
        end = start + home.steps * step
    covered = table.start + (table.end - table.start) // step * step
    end = (end or covered).astimezone(UTC)
    if start < table.start or end > table.end or end - start < step:
        text = (
            f"covers {table.start.isoformat()} to {table.end.isoformat()}, but"
            f" {start.isoformat()} to {end.isoformat()} is asked for"
        )
        raise InputError([Problem(text, "series")])
    before = (start - table.start) // step
    whole = Horizon.equal(
        start=start - before * step,
        step=step,
        steps=(table.end - (start - before * step)) // step,
        zone=_zone(home),
    )
    columns = align(home, table, whole)
    issued = {}
    for name in _foretold(home):
        said = f"{name}{ISSUED}"
        if said in table.columns:
            if said in table.refused and said not in table.gaps:
                raise InputError(table.refused[said])
            issued[name] = table.means_with_gaps(said, whole.edges)
    offsets = [whole.local(time).utcoffset() or timedelta(0) for time in whole.times]
    shift = np.array([offset // step for offset in offsets], np.int64)
    clock = np.arange(whole.steps) + shift
    seconds = np.array(
        [
            (t - whole.start + o).total_seconds()
            for t, o in zip(whole.times, offsets, strict=True)
        ]
    )
    midnight = whole.start.replace(hour=0, minute=0, second=0, microsecond=0)
    seconds += (whole.start - midnight).total_seconds()
    return Record(
        home=home,
        step=step,
        whole=whole,
        columns=columns,
        issued=issued,
        first=before,
        last=before + (end - start) // step,
        clock=clock,
        local_hour=seconds % 86_400 / 3600,
        local_day=(seconds // 86_400).astype(np.int64),
    )


def _zone(home: Home) -> ZoneInfo:
    return ZoneInfo(home.time_zone)


def _foretold(home: Home) -> list[str]:
    names = [str(Column.LOAD), str(Column.OUTDOOR)]
    for device in home.devices:
        if isinstance(device, Solar):
            names.append(device.series)
        if isinstance(device, HeatPump):
            names.append(cop_column(device))
            if device.thermal.gains_series is not None:
                names.append(device.thermal.gains_series)
    return names
