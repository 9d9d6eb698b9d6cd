"""When the car will be charged."""

from typing import Final

from cem_core.model import Message
from custom_components.cem.assist.question import (
    Asked,
    CannotAnswerError,
    DeviceQuestion,
)
from custom_components.cem.const import Charging, Kind
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.home import Home
from custom_components.cem.view import ready_at


def only_charger(device: ControlledDevice) -> None:
    """Refuse what charges no car. Raises `CannotAnswerError`."""
    if device.kind is not Kind.EV_CHARGER:
        name = device.model.name
        raise CannotAnswerError(Message.of("assist_no_charger", device=name))


async def _answer(home: Home, device: ControlledDevice, asked: Asked) -> Message:
    del asked
    only_charger(device)
    said = _of_car(home, device)
    return Message.of("assist_of_device", device=device.model.name, answer=said)


def _of_car(home: Home, device: ControlledDevice) -> Message:
    if device.connected is not True:
        return Message.of("no_car")
    if device.energy_wanted_kwh <= 0:
        return Message.of("car_has_enough")
    if home.plan is None:
        return Message.of("no_plan_yet")
    end = ready_at(home, device)
    if end is None and device.charging is Charging.NOT_TONIGHT:
        return Message.of("car_not_tonight")
    if end is None:
        return Message.of("car_waits", end_time=home.plan.end)
    wanted_kwh = device.energy_wanted_kwh
    ready = Message.of("assist_ready_at", end_time=end, wanted_kwh=wanted_kwh)
    # Where the plan could not do all that was wished it ends with less than that.
    own = (device.device_id, device.model.name)
    missed = (
        m.message for m in home.plan.relaxed if m.message.values.get("device") in own
    )
    return ready.then(*missed)


READY_AT: Final = DeviceQuestion(
    intent_type="CemReadyAt",
    tool="ready_at",
    description="Says when the plan has the car at a charger charged",
    answer=_answer,
)
