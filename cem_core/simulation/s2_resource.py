"""What a device of the home says over S2, as JSON. Source: s2-ws-json 0.0.2-beta."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final, Protocol
from uuid import UUID, uuid4, uuid5

from cem_core.simulation.home import Home

VERSION: Final = "0.0.2-beta"
QUANTITY: Final = "ELECTRIC.POWER.3_PHASE_SYMMETRIC"
_NAMES: Final = UUID("2f6d3c54-6a0e-4a0c-9d5b-0f6d4f4f1c11")

type Message = dict[str, Any]


class Resource(Protocol):
    """One device: how it is described, and how it takes instructions."""

    device: ClassVar[str]
    """Whose faults befall it."""
    role: ClassVar[str]
    control_type: ClassVar[str]

    def power_w(self, home: Home) -> float:
        """Return what it draws."""

    def describe(self, home: Home) -> Message:
        """Return what can be done with it."""

    def states(self, home: Home) -> list[Message]:
        """Return how it is by now."""

    def instruct(self, home: Home, instruction: Mapping[str, Any]) -> None:
        """Do what is instructed. Raises KeyError where there is no such mode."""

    def release(self, home: Home) -> None:
        """Do again what it does by itself."""


def identifier(text: str) -> str:
    """Return the identifier that always stands for ``text``."""
    return str(uuid5(_NAMES, text))


def message(kind: str, **fields: Any) -> Message:  # noqa: ANN401 (JSON)
    """Return a message with a new identifier."""
    return {"message_type": kind, "message_id": str(uuid4()), **fields}


def span(start: float, end: float) -> dict[str, float]:
    """Return a range of numbers."""
    return {"start_of_range": start, "end_of_range": end}


def powers(start_w: float, end_w: float) -> list[Message]:
    """Return a range of electric power."""
    return [{**span(start_w, end_w), "commodity_quantity": QUANTITY}]


def transition(before: str, after: str) -> Message:
    """Return a way from a mode to another that is always open."""
    return {
        "id": identifier(f"{before} to {after}"),
        "from": identifier(before),
        "to": identifier(after),
        "start_timers": [],
        "blocking_timers": [],
        "abnormal_condition_only": False,
    }
