"""What was drawn off a tank, told by its temperature: an energy balance by the hour.

    drawn = COP x electricity - loss (T - T_around) - V c (T_after - T_before)

A thermometer in a layered tank shows heat late: an hour in which heat seems to vanish
is followed by one in which it seems to come from nowhere. What an hour lacks is taken
off the hours before it, so that what was heated is not counted as drawn. A compressor
that heats rooms too says nothing of the water while it runs: then only a fall counts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from cem_core.insight.learned.hot_water import WATER_WH_PER_LITRE_K, HotWaterSample

_HOUR: Final = timedelta(hours=1)
_LATE_H: Final = 3  # a thermometer that shows heat later than that tells nothing
_LEAST_KNOWN: Final = 0.7  # of an hour
_RUNS_W: Final = 100.0  # less is standby
_FALLS_K: Final = 0.5  # within a step, while a compressor runs: more than noise


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnTank:
    """A tank; ``cop`` of what heats it, ``shared`` with rooms whose heat is unknown."""

    litres: float
    loss_w_per_k: float
    around_c: float
    cop: float = 1.0
    shared: bool = False

    @property
    def wh_per_k(self) -> float:
        """What it holds for each kelvin."""
        return self.litres * WATER_WH_PER_LITRE_K


@dataclass(frozen=True, slots=True, kw_only=True)
class TankRow:
    """Means of a step that begins at ``time``: °C and W, None where not measured."""

    time: datetime
    water_c: float | None
    electric_w: float | None
    away: bool = False


def draws(rows: Sequence[TankRow], tank: DrawnTank) -> list[HotWaterSample]:
    """Return what was drawn in each hour, None where that is not known.

    ``rows`` are of one length, an hour or less, oldest first without gaps.
    """
    hours: dict[datetime, _Hour] = {}
    for row, after in pairwise(rows):
        begins = row.time.replace(minute=0, second=0, microsecond=0)
        hour = hours.setdefault(begins, _Hour(away=row.away))
        hour.add(_drawn_wh(row, after, tank), (after.time - row.time) / _HOUR)
    balances = [hour.balance_wh for hour in hours.values()]
    return [
        HotWaterSample(time=time, draw_wh=drawn_wh, away=hour.away)
        for (time, hour), drawn_wh in zip(hours.items(), _netted(balances), strict=True)
    ]


@dataclass(slots=True, kw_only=True)
class _Hour:
    """What is known of one hour so far."""

    away: bool
    drawn_wh: float = 0.0
    known_h: float = 0.0

    def add(self, drawn_wh: float | None, hours: float) -> None:
        if drawn_wh is not None:
            self.drawn_wh += drawn_wh
            self.known_h += hours

    @property
    def balance_wh(self) -> float | None:
        return self.drawn_wh if self.known_h >= _LEAST_KNOWN else None


def _drawn_wh(row: TankRow, after: TankRow, tank: DrawnTank) -> float | None:
    """Return what left the tank in a step beside its loss, below 0 too."""
    if row.water_c is None or after.water_c is None or row.electric_w is None:
        return None
    hours = (after.time - row.time) / _HOUR
    fell_k = row.water_c - after.water_c
    lost_wh = tank.loss_w_per_k * (row.water_c - tank.around_c) * hours
    if tank.shared and row.electric_w > _RUNS_W:
        # Where its heat goes is not known: rising water hides what was drawn.
        return fell_k * tank.wh_per_k - lost_wh if fell_k > _FALLS_K else 0.0
    heat_wh = 0.0 if tank.shared else tank.cop * row.electric_w * hours
    return heat_wh - lost_wh + fell_k * tank.wh_per_k


def _netted(balances: Sequence[float | None]) -> Iterator[float | None]:
    """Yield what was drawn by the hour; what comes from nowhere was not drawn before."""
    drawn = list(balances)
    for place, balance in enumerate(drawn):
        if balance is None or balance >= 0:
            continue
        lacks_wh, drawn[place] = -balance, 0.0
        for before in range(place - 1, max(-1, place - 1 - _LATE_H), -1):
            known = drawn[before]
            if known is None:
                break
            drawn[before] = max(0.0, known - lacks_wh)
            lacks_wh = max(0.0, lacks_wh - known)
    yield from drawn
