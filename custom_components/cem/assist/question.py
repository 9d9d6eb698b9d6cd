"""What can be asked: one question a file, one answer for speech, intents and tools."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from homeassistant.core import Context
import probatio

from cem_core.model import Message
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.home import Home


class CannotAnswerError(Exception):
    """Why there is no answer."""

    def __init__(self, message: Message) -> None:
        """Keep it as a message: who asks is told in their language."""
        super().__init__(message.key)
        self.message = message


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was said besides the device, and by whom."""

    slots: Mapping[str, Any]
    context: Context


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """An intent, its tool for LLMs, and what the tool's description tells them.

    ``slots`` has what is asked besides the device. ``acts``: it changes something.
    """

    intent_type: str
    tool: str
    description: str
    slots: Mapping[probatio.Marker, Any] = field(default_factory=dict)
    acts: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceQuestion(Question):
    """It is about one device."""

    answer: Callable[[Home, ControlledDevice, Asked], Awaitable[Message]]


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeQuestion(Question):
    """It is about a home; where there are several each answers."""

    answer: Callable[[Home, Asked], Awaitable[Message]]
