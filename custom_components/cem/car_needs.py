"""What the car at a charger needs, as its driver, card, calendar, habits or the form say."""

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from homeassistant.util import dt as dt_util

from cem_core.model import CarNeed

if TYPE_CHECKING:
    from custom_components.cem.controlled import ControlledDevice
    from custom_components.cem.learning.models import Habits
    from custom_components.cem.reported import ReportedDevice

_DAY: Final = timedelta(days=1)


def need(device: ControlledDevice, now: datetime) -> CarNeed:
    """Return what the queue of a shared line has to know of the car."""
    wanted_wh = device.energy_wanted_kwh * 1000 / charge_efficiency(device)
    return CarNeed(
        arrived_at=device.session.arrived or now,
        departs_at=departs(device, after=now),
        needed_wh=wanted_wh,
        priority=0 if device.wish is None else device.wish.priority,
    )


def departs(device: ControlledDevice, *, after: datetime) -> datetime:
    """Return when the car is expected to leave: as somebody said, else as it does."""
    wish, card = device.wish, device.card
    if wish is not None and wish.departs_at is not None and wish.departs_at > after:
        return wish.departs_at
    if card is not None and card.departs is not None:
        return next_at(card.departs, after=after)
    own = not device.guest
    if own and device.leaves_at is not None and device.leaves_at > after:
        return device.leaves_at
    habits, arrived = _habits(device), device.session.arrived
    if habits is not None and arrived is not None:
        usual = habits.departs(arrived, after=after)
        if usual is not None:
            return usual
    return next_at(time.fromisoformat(device.data["departure"]), after=after)


def energy_wanted_kwh(device: ControlledDevice) -> float:
    """Return what the car still has to get, in its battery."""
    efficiency, charged_wh = charge_efficiency(device), device.session.energy_wh
    wish, card = device.wish, device.card
    if wish is not None and wish.session_wh is not None:
        return max(0.0, (wish.session_wh - charged_wh) / 1000 * efficiency)
    charged, capacity = device.state_of_charge, device.data.get("car_capacity")
    if charged is not None and capacity is not None:
        target: float = device.data.get("target_state_of_charge", 80) / 100
        return max(0.0, (target - charged) * float(capacity))
    habits, arrived = _habits(device), device.session.arrived
    need_wh = default_need_wh(device)
    if card is not None and card.needed_wh is not None:
        need_wh = card.needed_wh
    elif habits is not None and arrived is not None:
        need_wh = habits.most_wh(arrived)
    return max(0.0, (need_wh - charged_wh) / 1000 * efficiency)


def default_need_wh(device: ControlledDevice) -> float:
    """Return what a car that says nothing is given, at the charger."""
    default_kwh: float = device.data["default_energy"]
    return default_kwh * 1000 / charge_efficiency(device)


def _habits(device: ControlledDevice) -> Habits | None:
    """Return what its own car usually does; nobody knows a guest's."""
    return None if device.guest else device.habits()


def charge_efficiency(device: ReportedDevice) -> float:
    """Return which share of what is drawn gets into the car."""
    percent: float = device.data.get("charge_efficiency", 90)
    return percent / 100


def give_efficiency(device: ReportedDevice) -> float:
    """Return which share of what is taken out of the car is given at the charger."""
    round_trip: float = device.data.get("round_trip_efficiency", 80) / 100
    return min(1.0, round_trip / charge_efficiency(device))


def at_local(clock: time, day: date) -> datetime:
    """Return ``clock`` (local) of ``day`` in UTC."""
    return dt_util.as_utc(datetime.combine(day, clock, dt_util.get_default_time_zone()))


def next_at(clock: time, *, after: datetime) -> datetime:
    """Return the next time that ``clock`` (local) strikes after ``after``."""
    day = dt_util.as_local(after).date()
    struck = at_local(clock, day)
    return struck if struck > after else at_local(clock, day + _DAY)
