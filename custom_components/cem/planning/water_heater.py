"""A water heater in the HOME document: its tank, what is drawn off, its hot cycle."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from homeassistant.util import dt as dt_util

from cem_core.model.profile import ProfileChoice
from cem_core.model.units import kw
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.home import Home
from custom_components.cem.learning.models import Week, hot_water_of

if TYPE_CHECKING:
    from custom_components.cem.planning.outlook import Columns, Outlook

type Json = dict[str, Any]

AMBIENT_C: Final = 20.0
# A plan is made anew every few minutes: whether it runs matters for the next hours.
WHOLE_HOURS: Final = 3
# When hot water is drawn: kWh by the hour of the day in load profile M of
# Commission Regulation (EU) 814/2013, annex III, table 1; 5.845 kWh in all.
_HOURS: Final = (7, 8, 9, 10, 11, 12, 14, 15, 16, 18, 19, 20, 21)
_KWH: Final = (
    *(1.61, 0.42, 0.21, 0.105, 0.21, 0.315, 0.105),
    *(0.105, 0.105, 0.315, 0.105, 0.735, 1.505),
)
_DRAWN: Final = dict(zip(_HOURS, _KWH, strict=True))
_DRAWN_KWH: Final = sum(_DRAWN.values())


def water_heater(
    home: Home, device: ControlledDevice, outlook: Outlook, columns: Columns
) -> Json:
    """Return the heater and its tank, as hot as it is now or is taken to be."""
    data, steps, name = device.data, outlook.steps, device.device_id
    columns[f"{name}_draw_kw"] = drawn_from(
        home, device, steps.times, data.get("daily_draw", 5.8)
    )
    columns[f"{name}_cop"] = [data.get("cop", 1)] * steps.count
    tank = Tank(
        volume_l=data["volume"],
        least_c=device.form["min_temperature"],
        usual_c=data["set_temperature"],
        most_c=data["max_temperature"],
        daily_loss_kwh=data.get("daily_loss", 1.5),
        price=data.get("comfort_price", 1),
    )
    return {
        "max_power_kw": kw(device.dispatched_most_w),
        "min_power_kw": kw(least_w(device)),
        "whole_hours": WHOLE_HOURS,
        "cop_series": f"{name}_cop",
        "tank": tank_document(home, device, tank, steps.now)
        | {"draw_series": f"{name}_draw_kw"},
    }


def least_w(device: ControlledDevice) -> int:
    """Return the least it is planned at.

    Dispatch runs one that is on or off where a step plans half its power or more.
    """
    least_w, most_w = device.model.min_power_w, device.dispatched_most_w
    return most_w // 2 if least_w >= most_w else least_w


@dataclass(frozen=True, slots=True, kw_only=True)
class Tank:
    """What a form says of a tank; ``price`` is that of a kelvin too cold for an hour."""

    volume_l: float
    least_c: float
    usual_c: float
    most_c: float
    daily_loss_kwh: float
    price: float = 1.0


def tank_document(
    home: Home, device: ControlledDevice, tank: Tank, now: datetime
) -> Json:
    """Return the tank as it is now, and its next hot cycle."""
    # Who comes home finds warm water: it is heated for them before.
    soon = home.store.profile.at(now + timedelta(hours=3))
    water_c = device.water_c
    found: Json = {
        "volume_l": tank.volume_l,
        "initial_c": tank.usual_c if water_c is None else water_c,
        "min_c": soon.water_c(tank.least_c),
        "max_c": tank.most_c,
        "loss_kw_per_k": loss_kw_per_k(tank.daily_loss_kwh, tank.usual_c),
        "ambient_c": AMBIENT_C,
        "violation_per_kelvin_hour": tank.price,
    }
    protection = device.protection
    if protection is None or protection.cycle is None or water_c is None:
        return found
    if (by := protection.by(now)) is not None:
        found["legionella"] = {
            "temperature_c": protection.cycle.temperature_c,
            "by": by.isoformat(),
            "hold_minutes": protection.cycle.hold // timedelta(minutes=1),
        }
    return found


def loss_kw_per_k(daily_loss_kwh: float, usual_c: float) -> float:
    """Return what a tank loses, as measured with the water at its usual temperature."""
    return daily_loss_kwh / 24 / max(usual_c - AMBIENT_C, 1.0)


def drawn_from(
    home: Home, device: ControlledDevice, times: Sequence[datetime], daily_kwh: float
) -> list[float]:
    """Return what is drawn off a device's tank, as it was learned or as its form says."""
    week = hot_water_of(home.learned, device)
    return drawn_kw(times, daily_kwh, home.store.profile, week)


def drawn_kw(
    times: Sequence[datetime],
    daily_kwh: float,
    profile: ProfileChoice,
    week: Week | None = None,
) -> list[float]:
    """Return what is drawn off at each step in kW; nothing while nobody is at home.

    ``week`` are the Wh of each hour of each weekday, None: a typical day's hours.
    """

    def usual_kw(time: datetime) -> float:
        local = dt_util.as_local(time)
        if week is None:
            return daily_kwh * _DRAWN.get(local.hour, 0.0) / _DRAWN_KWH
        return kw(week[local.weekday()][local.hour])

    return [0.0 if profile.at(time).nobody_home else usual_kw(time) for time in times]
