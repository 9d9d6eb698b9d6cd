"""How warm rooms should be when: blocks of the week, and a setback outside them."""

from dataclasses import dataclass
from datetime import datetime, time

from cem_core.model.profile import VACATION_C, VACATION_COOLED_C

type Band = tuple[float, float]  # lowest and highest room temperature, °C


@dataclass(frozen=True, slots=True, kw_only=True)
class ComfortBlock:
    """From ``start`` to before ``end`` of one weekday; `time.max` is midnight.

    A temperature that is None is the usual one.
    """

    start: time
    end: time
    lowest_c: float | None = None
    highest_c: float | None = None

    def covers(self, clock: time) -> bool:
        """Tell whether the time of day is in the block."""
        return self.start <= clock and (clock < self.end or self.end == time.max)


@dataclass(frozen=True, slots=True, kw_only=True)
class ComfortWeek:
    """Blocks by weekday, Monday first; outside them it may be ``setback_k`` cooler.

    While rooms are cooled it may be so much warmer then.
    """

    days: tuple[tuple[ComfortBlock, ...], ...]
    setback_k: float

    def band(self, local: datetime, usual: Band, *, cooled: bool = False) -> Band:
        """Return the band at a time of the home's clock, instead of the ``usual`` one.

        One bound that is said beyond the other moves that with it.
        """
        lowest_c, highest_c = usual
        for block in self.days[local.weekday()]:
            if block.covers(local.time()):
                low = lowest_c if block.lowest_c is None else block.lowest_c
                high = highest_c if block.highest_c is None else block.highest_c
                if low < high:
                    return low, high
                width_k = highest_c - lowest_c
                if block.lowest_c is None:
                    return high - width_k, high
                return low, low + width_k
        if cooled:
            warmer_c = min(highest_c + self.setback_k, VACATION_COOLED_C)
            return lowest_c, max(highest_c, warmer_c)
        return min(lowest_c, max(lowest_c - self.setback_k, VACATION_C)), highest_c
