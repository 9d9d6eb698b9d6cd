"""An appliance's runs in a day: what each drew, when it could have been, and by hand.

A run is given the time that the form says. One that began before the day or that is not
over at its end stays what it was: load.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from statistics import median
from typing import Any, Final

from homeassistant.util import dt as dt_util

from cem_core.model.units import kw
from custom_components.cem.car_needs import at_local
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.planning.steps import STEP
from custom_components.cem.saving.observed import Observed

type Json = dict[str, Any]

_DAY: Final = timedelta(days=1)
_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Steps ``first`` to ``last`` of the day; it may lie from ``opens`` to ``closes``.

    ``by_hand``: when it starts with doing nothing.
    """

    name: str
    device_id: str
    first: int
    last: int
    opens: datetime
    closes: datetime
    by_hand: datetime

    def described(self, power_kw: Sequence[float]) -> Json:
        """Return it as an appliance of HOME that runs once."""
        return {
            "id": self.name,
            "kind": "appliance",
            "profile_kw": [round(each, 4) for each in power_kw[self.first : self.last]],
            "profile_step_minutes": STEP // _MINUTE,
            "earliest_start": self.opens.isoformat(),
            "latest_end": self.closes.isoformat(),
        }

    def start(self) -> Json:
        """Return when it starts with doing nothing, as the worker is asked."""
        return {"device": self.name, "at": self.by_hand.isoformat()}


def starts(power_kw: Sequence[float], above_kw: float, steps: int) -> Iterator[int]:
    """Yield the steps in which runs of ``steps`` begin; whole ones only."""
    place = 0
    while place < len(power_kw) and power_kw[place] > above_kw:
        place += 1  # it ran as the day began
    while place + steps <= len(power_kw):
        if power_kw[place] > above_kw:
            yield place
            place += steps
        else:
            place += 1


def runs_of(
    device: ControlledDevice,
    seen: Observed,
    *,
    controlled: bool,
    ready: Sequence[datetime],
    usual_minute: int | None,
) -> Iterator[Run]:
    """Yield the runs that could have been at another time.

    ``ready``: when somebody made it ready, in order; ``usual_minute`` after the day's
    start is when it is started by hand where nothing says when it was ready.
    """
    power_kw = seen.appliances[device.device_id]
    end = seen.start + len(power_kw) * STEP
    steps = device.run_length // STEP
    above_kw = kw(device.data.get("running_above", 10))
    for number, first in enumerate(starts(power_kw, above_kw, steps), 1):
        began = seen.start + first * STEP
        window = _window(device, began)
        if window is None:
            continue  # outside the form's hours: a plan would not have moved it
        by_hand = began
        if controlled and (last := [at for at in ready if at <= began + STEP]):
            by_hand = max(_step_of(last[-1], seen.start), seen.start)
        elif controlled and not ready and usual_minute is not None:
            by_hand = _step_of(seen.start + usual_minute * _MINUTE, seen.start)
        by_hand = min(by_hand, end - steps * STEP)
        yield Run(
            # Diagnostics know a device's name only where a word ends.
            name=device.device_id if number == 1 else f"{device.device_id}-{number}",
            device_id=device.device_id,
            first=first,
            last=first + steps,
            opens=max(seen.start, window[0], min(by_hand, began)),
            closes=min(window[1], end),
            by_hand=by_hand,
        )


def usual(minutes: Sequence[int]) -> int | None:
    """Return the usual of the starts that were seen, None: none was."""
    return round(median(minutes)) if minutes else None


def _step_of(at: datetime, start: datetime) -> datetime:
    """Return the quarter hour that ``at`` lies in."""
    return start + (at - start) // STEP * STEP


def _window(
    device: ControlledDevice, began: datetime
) -> tuple[datetime, datetime] | None:
    """Return the form's hours that a run lies in, None: it lies in none."""
    earliest = time.fromisoformat(device.data["earliest_start"])
    latest = time.fromisoformat(device.data["latest_end"])
    today = dt_util.as_local(began).date()
    for day in (today - _DAY, today):
        opens, closes = at_local(earliest, day), at_local(latest, day)
        if closes <= opens:  # over midnight
            closes = at_local(latest, day + _DAY)
        if opens <= began and began + device.run_length <= closes:
            return dt_util.as_utc(opens), dt_util.as_utc(closes)
    return None
