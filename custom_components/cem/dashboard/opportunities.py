"""What a person could start at a better time than now, and what that saves."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.components.websocket_api.decorators import websocket_command
from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util
import probatio

from cem_core.insight.opportunities import Opportunity, best_start, steady
from cem_core.model import DeviceKind, Interval, Message, Series
from cem_core.model.message_json import message_to_json
from cem_core.model.units import kw
from cem_core.model.what_if import What
from custom_components.cem.car_needs import charge_efficiency, departs
from custom_components.cem.const import Charging, Kind, Mode
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.dashboard.asked_home import Message as Asked, asked_home
from custom_components.cem.dashboard.good_times import good_times
from custom_components.cem.device_wishes import standing
from custom_components.cem.home import Home
from custom_components.cem.language import home_clock, renderer
from custom_components.cem.profile import PROFILE_STEP

_LEAST_SAVING: Final = 0.05  # currency; less is not worth to wait for
_AHEAD: Final = timedelta(hours=24)


@callback
@websocket_command(
    {
        probatio.Required("type"): "cem/opportunities",
        probatio.Required("entry_id"): str,
    }
)
def ws_opportunities(
    hass: HomeAssistant, connection: ActiveConnection, message: Asked
) -> None:
    """Tell what would be cheaper later."""
    if (home := asked_home(hass, connection, message)) is not None:
        connection.send_result(message["id"], opportunities(home, dt_util.utcnow()))


def opportunities(home: Home, now: datetime) -> dict[str, Any]:
    """Return what is worth to wait for, the best first."""
    say, currency = renderer(home.hass, home_clock), home.hass.config.currency
    prices = _prices(home)
    found = sorted(
        (
            (device, chance)
            for device in (*_not_planned(home, now), *_cars(home, now))
            if (chance := _best(device, prices, now)) is not None
            and chance.saving >= _LEAST_SAVING
        ),
        key=lambda pair: pair[1].saving,
        reverse=True,
    )
    rows = []
    for device, chance in found:
        sentence = _sentence(device, chance, currency)
        rows.append(
            {
                "device": device.device_id,
                "kind": device.model.kind,
                "name": device.model.name,
                "start": chance.start.isoformat(),
                "saving": round(chance.saving, 4),
                "currency": currency,
                "starts_itself": _commanded(home, device),
                "text": say.text(sentence),
                **message_to_json(sentence),
            }
        )
    return {
        "opportunities": rows,
        "appliances": len(_appliances(home)),
        "times": good_times(home, now),
    }


def _sentence(device: ControlledDevice, chance: Opportunity, currency: str) -> Message:
    if device.kind is Kind.EV_CHARGER:
        return Message.of(
            "opportunity_charge",
            device=device.model.name,
            start_time=dt_util.as_local(chance.start),
            price_per_kwh=chance.price_per_kwh,
            now_per_kwh=chance.price_now_per_kwh,
            saving_cost=chance.saving,
            currency=currency,
        )
    return Message.of(
        "opportunity",
        device=device.model.name,
        start_time=dt_util.as_local(chance.start),
        price_per_kwh=chance.price_per_kwh,
        now_per_kwh=chance.price_now_per_kwh,
        saving_cost=chance.saving,
        currency=currency,
    )


def _appliances(home: Home) -> tuple[ControlledDevice, ...]:
    return home.by_kind(DeviceKind.APPLIANCE)


def _commanded(home: Home, device: ControlledDevice) -> bool:
    """Whether the CEM would start it by itself."""
    return home.mode is Mode.CONTROL and device.control and device.controllable


def _not_planned(home: Home, now: datetime) -> Iterator[ControlledDevice]:
    """Yield the appliances that nobody starts at the best time anyway."""
    wished = _wished(home, now)
    planned = home.plan.devices if home.plan else {}
    for device in _appliances(home):
        starts = device.device_id in planned and _commanded(home, device)
        if not (starts or device.running or device.device_id in wished):
            yield device


def _cars(home: Home, now: datetime) -> Iterator[ControlledDevice]:
    """Yield the chargers with a car that nobody charges at the best time anyway.

    It may be charging: unlike a run it can be stopped. What somebody chose stays.
    """
    wished = _wished(home, now)
    for device in home.by_kind(DeviceKind.EV_CHARGER):
        chosen = device.charging is not Charging.PLAN or device.device_id in wished
        if device.connected and not (chosen or _commanded(home, device)):
            yield device


def _wished(home: Home, now: datetime) -> set[str]:
    return {w.device_id for w in standing(home, now) if w.what is What.START}


def _best(
    device: ControlledDevice, prices: Series, now: datetime
) -> Opportunity | None:
    latest_end = now + _AHEAD
    if device.kind is not Kind.EV_CHARGER:
        profile_kw = device.profile_kw
    else:
        profile_kw = _charge_kw(device)
        latest_end = min(latest_end, departs(device, after=now))
    return best_start(profile_kw, PROFILE_STEP, prices, now=now, latest_end=latest_end)


def _charge_kw(device: ControlledDevice) -> tuple[float, ...]:
    """Return what the car still draws, at the power that it has or may have."""
    power_w = device.power_w
    if power_w is None or power_w < max(device.model.min_power_w, 1):
        power_w = device.model.rated_power_w
    needed_kwh = device.energy_wanted_kwh / charge_efficiency(device)
    return steady(needed_kwh, kw(power_w), PROFILE_STEP)


def _prices(home: Home) -> Series:
    """Return what one kWh more costs, peak and limits counted; none by a rule plan."""
    document = home.plan_document or {}
    times = [datetime.fromisoformat(time) for time in document.get("times", ())]
    prices = document.get("marginal_price", ())
    if not times or len(prices) != len(times):
        return Series(())
    end = times[-1] + timedelta(minutes=document["minutes"][-1])
    return Series(
        tuple(
            Interval(start=start, end=until, value=price)
            for (start, until), price in zip(
                pairwise([*times, end]), prices, strict=True
            )
        )
    )
