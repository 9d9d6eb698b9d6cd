"""What a person could start at a better time than now, and what that saves."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.components.websocket_api.decorators import websocket_command
from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util
import probatio

from cem_core.insight.by_hand import ByHand
from cem_core.insight.opportunities import Opportunity, best_start, steady
from cem_core.model import DeviceKind, Interval, Message, Series
from cem_core.model.message_json import message_to_json
from cem_core.model.role import RIGHTS, Right
from cem_core.model.units import kw, w
from cem_core.model.what_if import What
from cem_core.model.wish import Wish
from custom_components.cem.car_needs import charge_efficiency, departs
from custom_components.cem.const import Charging, Kind
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.dashboard.asked_home import Message as Asked, asked_home
from custom_components.cem.dashboard.by_hand import by_hand
from custom_components.cem.dashboard.good_times import good_times
from custom_components.cem.device_wishes import standing, under_control
from custom_components.cem.home import Home
from custom_components.cem.language import home_clock, renderer
from custom_components.cem.profile import PROFILE_STEP
from custom_components.cem.roles import role_of

_LEAST_SAVING: Final = 0.05  # currency; less is not worth to wait for
_AHEAD: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chance:
    """What one device could do once; ``end``, ``power_w``: of what is not just begun."""

    device: ControlledDevice
    start: datetime
    saving: float
    sentence: Message
    end: datetime | None = None
    power_w: int | None = None


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
    """Tell what would be cheaper later, and what of it was taken up."""
    if (home := asked_home(hass, connection, message)) is None:
        return
    answer = opportunities(home, dt_util.utcnow())
    if Right.CONTROL not in RIGHTS[role_of(home, connection.user)]:
        for row in answer["opportunities"]:
            if row["takes_control"]:  # who may not hand it over may be reminded
                row |= {"takes_control": False, "reminds": True}
    connection.send_result(message["id"], answer)


def opportunities(home: Home, now: datetime) -> dict[str, Any]:
    """Return what is worth to wait for, the best first, and what was taken up of it."""
    say, currency = renderer(home.hass, home_clock), home.hass.config.currency
    found = sorted(
        (chance for chance in _chances(home, now) if chance.saving >= _LEAST_SAVING),
        key=lambda chance: chance.saving,
        reverse=True,
    )
    return {
        "opportunities": [
            _wanted(home, chance)
            | {
                "kind": chance.device.model.kind,
                "name": chance.device.model.name,
                "saving": round(chance.saving, 4),
                "currency": currency,
                "text": say.text(chance.sentence),
                **message_to_json(chance.sentence),
            }
            for chance in found
        ],
        "taken": [
            {
                "wish_id": wish.wish_id,
                "kind": home.devices[wish.device_id].model.kind,
                "text": say.text(sentence),
                **message_to_json(sentence),
            }
            for wish in standing(home, now)
            if (sentence := _taken(home, wish)) is not None
        ],
        "appliances": len(_appliances(home)),
        "times": good_times(home, now),
    }


def _wanted(home: Home, chance: _Chance) -> dict[str, Any]:
    """Return the wish that takes it up, and what becomes of that.

    The CEM starts it by itself, or takes control for that once, or reminds people.
    """
    device, itself = chance.device, under_control(home, chance.device)
    wish: dict[str, Any] = {
        "device": device.device_id,
        "what": What.START,
        "start": chance.start.isoformat(),
    }
    if chance.end is not None and not itself:
        wish |= {
            "what": What.FORCE,
            "end": chance.end.isoformat(),
            "power_w": chance.power_w,
        }
    return wish | {
        "starts_itself": itself,
        "takes_control": device.controllable and not itself,
        "reminds": not device.controllable,
    }


def _taken(home: Home, wish: Wish) -> Message | None:
    """Say what is done once because somebody took it up, or who is reminded."""
    name, start = home.devices[wish.device_id].model.name, dt_util.as_local(wish.start)
    if wish.reminds:
        return Message.of("reminder_is_set", device=name, start_time=start)
    if not wish.takes_control:
        return None
    if wish.end is None:
        return Message.of("starts_once", device=name, start_time=start)
    return Message.of(
        "runs_once",
        device=name,
        start_time=start,
        end_time=dt_util.as_local(wish.end),
    )


def _chances(home: Home, now: datetime) -> Iterator[_Chance]:
    prices, currency = _prices(home), home.hass.config.currency
    for device in (*_not_planned(home, now), *_cars(home, now)):
        if (chance := _best(device, prices, now)) is not None:
            yield _of_start(device, chance, currency)
    wished = {wish.device_id for wish in standing(home, now)}
    for device, run in by_hand(home, now, _AHEAD):
        if device.device_id not in wished:
            yield _Chance(
                device=device,
                start=run.start,
                end=run.end,
                power_w=w(run.power_kw),
                saving=run.saving,
                sentence=_by_hand_sentence(device, run, now, currency),
            )


def _of_start(device: ControlledDevice, chance: Opportunity, currency: str) -> _Chance:
    name = device.model.name
    if device.kind is not Kind.EV_CHARGER:
        sentence = Message.of(
            "opportunity",
            device=name,
            start_time=dt_util.as_local(chance.start),
            price_per_kwh=chance.price_per_kwh,
            now_per_kwh=chance.price_now_per_kwh,
            saving_cost=chance.saving,
            currency=currency,
        )
        return _Chance(
            device=device, start=chance.start, saving=chance.saving, sentence=sentence
        )
    profile_kw = _charge_kw(device)
    sentence = Message.of(
        "opportunity_charge",
        device=name,
        start_time=dt_util.as_local(chance.start),
        price_per_kwh=chance.price_per_kwh,
        now_per_kwh=chance.price_now_per_kwh,
        saving_cost=chance.saving,
        currency=currency,
    )
    return _Chance(
        device=device,
        start=chance.start,
        end=chance.start + len(profile_kw) * PROFILE_STEP,
        power_w=w(profile_kw[0]),
        saving=chance.saving,
        sentence=sentence,
    )


def _by_hand_sentence(
    device: ControlledDevice, run: ByHand, now: datetime, currency: str
) -> Message:
    start, end = dt_util.as_local(run.start), dt_util.as_local(run.end)
    name = device.model.name
    if device.kind is Kind.BATTERY:
        return Message.of(
            "opportunity_battery",
            device=name,
            start_time=start,
            end_time=end,
            power_kw=run.power_kw,
            saving_cost=run.saving,
            currency=currency,
        )
    if run.start > now and not run.in_sun:
        return Message.of(
            "opportunity_water",
            device=name,
            start_time=start,
            end_time=end,
            saving_cost=run.saving,
            currency=currency,
        )
    if run.start > now:
        return Message.of(
            "opportunity_water_sun",
            device=name,
            start_time=start,
            end_time=end,
            saving_cost=run.saving,
            currency=currency,
        )
    if not run.in_sun:
        return Message.of(
            "opportunity_water_now",
            device=name,
            end_time=end,
            saving_cost=run.saving,
            currency=currency,
        )
    return Message.of(
        "opportunity_water_sun_now",
        device=name,
        end_time=end,
        saving_cost=run.saving,
        currency=currency,
    )


def _appliances(home: Home) -> tuple[ControlledDevice, ...]:
    return home.by_kind(DeviceKind.APPLIANCE)


def _not_planned(home: Home, now: datetime) -> Iterator[ControlledDevice]:
    """Yield the appliances that nobody starts at the best time anyway."""
    wished = _wished(home, now)
    planned = home.plan.devices if home.plan else {}
    for device in _appliances(home):
        starts = device.device_id in planned and under_control(home, device)
        if not (starts or device.running or device.device_id in wished):
            yield device


def _cars(home: Home, now: datetime) -> Iterator[ControlledDevice]:
    """Yield the chargers with a car that nobody charges at the best time anyway.

    It may be charging: unlike a run it can be stopped. What somebody chose stays.
    """
    wished = _wished(home, now)
    for device in home.by_kind(DeviceKind.EV_CHARGER):
        chosen = device.charging is not Charging.PLAN or device.device_id in wished
        if device.connected and not (chosen or under_control(home, device)):
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
