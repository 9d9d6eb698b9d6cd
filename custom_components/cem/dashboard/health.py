"""How well the home is known: age of data, links, forecasts."""

from datetime import datetime
from typing import Any

from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.components.websocket_api.decorators import websocket_command
from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util
import probatio

from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.dashboard.asked_home import Message, asked_home
from custom_components.cem.home import Home
from custom_components.cem.submeters import SlowMeter

type Json = dict[str, Any]


@callback
@websocket_command(
    {probatio.Required("type"): "cem/health", probatio.Required("entry_id"): str}
)
def ws_health(
    hass: HomeAssistant, connection: ActiveConnection, message: Message
) -> None:
    """Tell how well the home is known."""
    if (home := asked_home(hass, connection, message)) is not None:
        connection.send_result(message["id"], health(home, dt_util.utcnow()))


def health(home: Home, now: datetime) -> Json:
    """Return the state of everything that the CEM depends on."""
    return {
        "time": now.isoformat(),
        "links": [
            *([_meter(home)] if home.meter else []),
            *(_submeter(meter) for meter in home.submeters.meters.values()),
            *(_device(home, device) for device in home.devices.values()),
        ],
        "plan": _plan(home, now),
        "forecasts": _forecasts(home),
    }


def _meter(home: Home) -> Json:
    came = home.snapshot.reading_s
    return {
        "kind": "meter",
        "name": "",  # there is but one: its kind says it
        "ok": home.meter_connected and not home.snapshot.meter_silent,
        "age_s": None if came is None else round(home.hass.loop.time() - came, 1),
        "reaction_s": None,
    }


def _submeter(meter: SlowMeter) -> Json:
    reading = meter.reading
    at = None if reading is None else reading.timestamp
    age = None if at is None else dt_util.utcnow() - at
    return {
        "kind": "submeter",
        "name": meter.title,
        "ok": meter.cause is None,
        "age_s": None if age is None else round(age.total_seconds()),
        "reaction_s": None,
    }


def _device(home: Home, device: ControlledDevice) -> Json:
    reaction_s = device.reaction.seconds
    heard = home.echo.silent_since is None or device not in home.echo.reached()
    return {
        "kind": device.kind.value,
        "name": device.model.name,
        "ok": device.available and device.problem is None and heard,
        "age_s": _age_s(home, device),
        "reaction_s": None if reaction_s is None else round(reaction_s, 1),
    }


def _age_s(home: Home, device: ControlledDevice) -> int | None:
    """Return since when none of the device's entities has said anything."""
    told = [
        state.last_reported
        for entity_id in device.watched
        if (state := home.hass.states.get(entity_id)) is not None
    ]
    if not told:
        return None
    return round((dt_util.utcnow() - max(told)).total_seconds())


def _plan(home: Home, now: datetime) -> Json | None:
    plan, document = home.plan, home.plan_document
    if plan is None or document is None:
        return None
    return {
        "status": plan.status.value,
        "age_s": round((now - plan.created_at).total_seconds()),
        "until": plan.end.isoformat(),
        "prices_known_until": document["prices_known_until"],
        "solve_s": document.get("solve_seconds"),
        "gap": document.get("gap"),
    }


def _forecasts(home: Home) -> list[Json]:
    """Return how far off the forecasts of the last two weeks were, by what they tell."""
    errors = home.learned.errors
    names = {d.subentry_id: d.model.name for d in home.devices.values()}
    load = ("load", None, errors.get("load"))
    rows: list[tuple[str, str | None, Any]] = [load]
    rows += [
        ("solar", names.get(key), error)
        for key, error in errors.get("solar", {}).items()
    ]
    return [
        {"kind": kind, "name": name, "error": error}
        for kind, name, error in rows
        if error is not None
    ]
