"""What is wrong with a home just now."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from homeassistant.util import dt as dt_util

from cem_core.dispatch import WarningCode
from cem_core.model import Message
from cem_core.model.message import renamed
from custom_components.cem.causes import in_words
from custom_components.cem.const import Kind
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.home import Home
from custom_components.cem.limit_names import limit_names

type Problem = tuple[str, Message]  # with its code

# A cycle that takes longer than was thought is running; nobody needs to see to it.
_A_LITTLE_LATE: Final = timedelta(hours=1)


def problems(home: Home) -> list[Problem]:
    """Return the home's problems, the gravest first."""
    return [
        *_of_meter(home),
        *_of_sources(home),
        *_of_broker(home),
        *_of_dispatch(home),
        *_of_devices(home),
        *home.plan_problems.items(),
    ]


def key_of(code: str, message: Message) -> str:
    """Return what is the same while a problem is the same one."""
    return ":".join(("problem", code, str(message.values.get("device", ""))))


def _of_meter(home: Home) -> Iterator[Problem]:
    if home.meter is None:
        yield "no_meter", Message.of("no_meter")
    elif home.snapshot.meter_silent:
        message = Message.of("meter_silent")
        if home.meter_problem:
            message = Message.of(
                "meter_silent_because", cause=in_words(home.meter_problem)
            )
        yield "meter_silent", message
    elif (doubt := home.meter_guard.doubt) is not None:
        yield "meter_doubted", doubt


def _of_sources(home: Home) -> Iterator[Problem]:
    for relays in home.sources.relays:
        for entity_id in relays.unreadable:
            yield (
                "contact_unreadable",
                Message.of("entity_unreadable", entity=entity_id, relays=relays.title),
            )
    mqtt = home.sources.mqtt
    if mqtt is not None and not mqtt.connected:
        yield "mqtt_missing", Message.of("mqtt_missing")
    elif mqtt is not None and mqtt.silent:
        yield "mqtt_silent", Message.of("mqtt_silent")


def _of_broker(home: Home) -> Iterator[Problem]:
    since = home.echo.silent_since
    if since is not None:
        names = ", ".join(device.model.name for device in home.echo.reached())
        message = Message.of("broker_silent", since_time=since, devices=names)
        yield "broker_silent", message


def _of_dispatch(home: Home) -> Iterator[Problem]:
    names = {"limit": limit_names(home.snapshot.limits)}
    for warning in home.snapshot.warnings:
        if warning.code is not WarningCode.METER_SILENT:
            yield warning.code.value, renamed(warning.message, names)


def _of_devices(home: Home) -> Iterator[Problem]:
    for device in home.devices.values():
        name = device.model.name
        # Of one that does not answer dispatch has told.
        if device.problem is not None and device.available:
            message = Message.of(
                "device_refuses", device=name, cause=in_words(device.problem)
            )
            yield "device_refuses", message
        if device.contactor is not None and device.contactor.problem is not None:
            cause = in_words(device.contactor.problem)
            message = Message.of("contactor_refuses", device=name, cause=cause)
            yield "contactor_refuses", message
        if device.kind is Kind.EV_CHARGER and device.car_unknown:
            yield "car_unknown", Message.of("car_unknown", device=name)
        yield from _of_hot_cycle(device)


def _of_hot_cycle(device: ControlledDevice) -> Iterator[Problem]:
    protection = device.protection
    if protection is None or protection.cycle is None:
        return
    now = dt_util.utcnow()
    by = protection.by(now)
    if by is None or now <= by + _A_LITTLE_LATE:
        return
    name, hot_c = device.model.name, protection.cycle.temperature_c
    message = Message.of("hot_cycle_overdue", device=name, due_time=by, hot_c=hot_c)
    if device.water_c is None:
        message = Message.of("hot_cycle_unseen", device=name, due_time=by)
    yield "hot_cycle_overdue", message
