"""What the five control types have in common for the CEM."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Protocol
from uuid import UUID

from s2python.common import ControlType, RevokableObjects
from s2python.ddbc import DDBCInstruction
from s2python.frbc import FRBCInstruction
from s2python.message import S2Message
from s2python.ombc import OMBCInstruction
from s2python.pebc import PEBCInstruction
from s2python.ppbc import (
    PPBCEndInterruptionInstruction,
    PPBCScheduleInstruction,
    PPBCStartInterruptionInstruction,
)

from cem_core.s2.power import Span

type NewId = Callable[[], UUID]
type Instruction = (
    DDBCInstruction
    | FRBCInstruction
    | OMBCInstruction
    | PEBCInstruction
    | PPBCEndInterruptionInstruction
    | PPBCScheduleInstruction
    | PPBCStartInterruptionInstruction
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a device is to do: draw ``power_w`` (negative: give), as near as it can.

    ``limited`` means at most that much in the direction of its sign, by a limit that
    is in force: S2 calls this an abnormal condition, under which a device may have to
    offer more. It holds for ``lasts`` and is given again before; a device that hears no
    more goes back to what it does by itself.
    """

    power_w: float
    limited: bool = False
    handed_back: bool = False
    """It is left to itself, though it stays selected."""
    lasts: timedelta = timedelta(minutes=15)


class Control(Protocol):
    """What is known of a device under one control type."""

    control_type: ClassVar[ControlType]

    def take(self, message: S2Message) -> bool:
        """Keep what ``message`` says; False: it is none of this control type.

        Raises S2Error where it contradicts what was said before.
        """

    def revoke(self, kind: RevokableObjects, subject: str) -> bool:
        """Forget what the device takes back; False: it is not known."""

    def power_w(self, now: datetime) -> Span | None:
        """Return the least and the most that it can draw next, None: not known yet."""

    def instruct(self, order: Order, now: datetime) -> Sequence[Instruction]:
        """Return what makes the device do ``order``; nothing where it does so already.

        Raises S2Error where it cannot be instructed now.
        """

    def refused(self) -> None:
        """Take that the last instructions were refused: they are to be given again."""

    def expects_w(self) -> float | None:
        """Return the power that the last instructions come to, None before any."""

    def described(self, now: datetime) -> dict[str, Any] | None:
        """Return it as fields of a device of HOME (kW, kWh), None: not known yet."""
