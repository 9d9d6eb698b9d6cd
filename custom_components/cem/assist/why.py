"""Why a device does what it does."""

from typing import Final

from cem_core.model import Message
from custom_components.cem.assist.question import Asked, DeviceQuestion
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.home import Home
from custom_components.cem.sentences import reason_for


async def _answer(home: Home, device: ControlledDevice, asked: Asked) -> Message:
    del asked
    why = reason_for(home, device)
    return Message.of("assist_of_device", device=device.model.name, answer=why)


WHY: Final = DeviceQuestion(
    intent_type="CemWhy",
    tool="why",
    description="Says why a device does, or does not, run or charge now",
    answer=_answer,
)
