"""The home's profile at work: what devices and learning are told of it."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from homeassistant.util import dt as dt_util

from cem_core.insight.season import Season
from cem_core.model import Message
from cem_core.model.comfort_week import Band
from cem_core.model.profile import Profile, ProfileChoice
from custom_components.cem.const import Charging, Kind
from custom_components.cem.drivers.tank import MIN_C

if TYPE_CHECKING:
    from custom_components.cem.controlled import ControlledDevice
    from custom_components.cem.home import Home


async def async_set_profile(home: Home, choice: ProfileChoice) -> None:
    """Live by another profile from now on."""
    home.store.profile = choice
    await home.store.async_save()
    if not follow(home, dt_util.utcnow()):
        home.replan_wanted("profile")  # its end may be another
    home.cycle()


def follow(home: Home, now: datetime) -> bool:
    """Let devices know the profile of ``now``; tell whether it is another."""
    profile = home.store.profile.at(now)
    if profile is home.profile:
        return False
    home.profile = profile
    for device in home.devices.values():
        tell(device, profile)
    home.replan_wanted("profile")
    return True


def is_cooled(device: ControlledDevice) -> bool:
    """Tell whether a heat pump's rooms are to be cooled in this season."""
    cools = bool(device.data.get("cools", False))
    return cools and device.data.get("season") == Season.COOLING


def band_at(device: ControlledDevice, time: datetime, profile: Profile) -> Band:
    """Return the band of a heat pump's rooms at a time at which that profile holds."""
    usual, cooled = _usual(device), is_cooled(device)
    week = device.comfort_week
    if week is not None:
        usual = week.band(dt_util.as_local(time), usual, cooled=cooled)
    return profile.cooled_c(*usual) if cooled else profile.room_c(*usual)


def _usual(device: ControlledDevice) -> Band:
    return device.form["comfort_min"], device.form["comfort_max"]


def tell(device: ControlledDevice, profile: Profile) -> None:
    """Let one device know the profile that holds now."""
    if device.kind is Kind.HEAT_PUMP:
        low, high = band_at(device, dt_util.utcnow(), profile)
        now: dict[str, Any] = {"comfort_min": low, "comfort_max": high}
        if device.model.heats_water:
            now["tank_min"] = profile.water_c(device.form.get("tank_min", MIN_C))
        if now.items() <= device.instead.items():
            return
        device.instead.update(now)
        device.queue.forget()  # the same setpoint may mean another temperature
    if device.kind is Kind.WATER_HEATER:
        coldest_c = profile.water_c(device.form["min_temperature"])
        away = profile is Profile.VACATION
        device.instead.update(min_temperature=coldest_c, vacation=away)
        device.queue.forget()
    if device.kind is Kind.EV_CHARGER:
        device.guest = profile is Profile.GUEST_CAR


def tell_season(device: ControlledDevice, season: Season, profile: Profile) -> None:
    """Let a heat pump know whether its rooms are heated, cooled or neither."""
    if device.kind is Kind.HEAT_PUMP and device.instead.get("season") != season:
        device.instead["season"] = season
        device.queue.forget()
        tell(device, profile)


def is_planned_for(
    device: ControlledDevice, choice: ProfileChoice, leaves: datetime
) -> bool:
    """Tell whether the car is planned for: not if all are gone when it ``leaves``.

    What somebody asks for this very car counts more.
    """
    asked = device.charging is Charging.NOW or device.wish is not None
    return asked or choice.at(leaves) is not Profile.VACATION


def effects(devices: Iterable[ControlledDevice], profile: Profile) -> list[Message]:
    """Return what ``profile`` changes in this home."""
    said: list[Message] = []
    for device in devices:
        if device.kind is Kind.HEAT_PUMP:
            usual, cooled = _usual(device), is_cooled(device)
            band = profile.cooled_c(*usual) if cooled else profile.room_c(*usual)
            if device.model.heats_water:
                usual_c = device.form.get("tank_min", MIN_C)
                said.extend(_cooler_water(device, profile, usual_c))
            if band != usual:
                said.append(
                    Message.of(
                        "profile_room",
                        device=device.model.name,
                        lowest_c=band[0],
                        highest_c=band[1],
                    )
                )
        elif device.kind is Kind.WATER_HEATER:
            usual_c = device.form["min_temperature"]
            said.extend(_cooler_water(device, profile, usual_c))
        elif device.kind is Kind.EV_CHARGER and profile is Profile.VACATION:
            said.append(Message.of("profile_no_car", device=device.model.name))
        elif device.kind is Kind.EV_CHARGER and profile is Profile.GUEST_CAR:
            energy_kwh = device.form["default_energy"]
            said.append(
                Message.of(
                    "profile_guest_car",
                    device=device.model.name,
                    energy_kwh=energy_kwh,
                )
            )
    if profile.nobody_home:
        said.append(Message.of("profile_not_learned"))
    return said


def _cooler_water(
    device: ControlledDevice, profile: Profile, usual_c: float
) -> Iterator[Message]:
    if (coldest_c := profile.water_c(usual_c)) != usual_c:
        yield Message.of("profile_water", device=device.model.name, lowest_c=coldest_c)
