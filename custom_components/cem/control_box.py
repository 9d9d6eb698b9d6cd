"""The paired control box at run time: what it orders, and how it is answered."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Final

from homeassistant.core import callback
from homeassistant.util import dt as dt_util

from cem_core.eebus.clock import Clock
from cem_core.eebus.controllable import ControllableSystem
from cem_core.eebus.peer import PeerRole
from cem_core.limits.limitation import (
    AfterFailsafe,
    FailsafeWrite,
    LimitationSettings,
    LimitationState,
)
from cem_core.model import Direction, LimitSource, PowerLimit, Scope
from cem_core.transport.eebus_identity import normal_ski
from cem_core.transport.eebus_node import EebusNode, Pairing
from custom_components.cem.forms.eebus import listens_at
from custom_components.cem.store import Kept

_COMES_WITHIN_S: Final = 120.0  # after a start, before anybody is told
_TREMBLES: Final = timedelta(seconds=2)
_WAITING: Final = (LimitationState.INIT, LimitationState.FAILSAFE)
ISSUER: Final = "control box"
ISSUER_AWAY: Final = "control box (away: failsafe)"


type Changed = Callable[[], None]


class ControlBox:
    """One home's control box.

    ``changed`` is called in the event loop when a limit came, went or changed.
    """

    def __init__(
        self,
        answers: Mapping[str, Any],
        clock: Clock,
        kept: Kept,
        changed: Changed,
    ) -> None:
        """Begin in Init, at the failsafe limit: whether the box is there or not."""
        self._answers = answers
        self._changed = changed
        self._clock = clock
        failsafe = {
            Direction(direction): FailsafeWrite(**written)
            for direction, written in kept.items()
        }
        self.system = ControllableSystem(clock, _settings(answers), failsafe)
        self._node: EebusNode | None = None
        self._began_s = clock.monotonic_s()
        self._seen: object = None
        self._ends: dict[Direction, datetime] = {}  # as they were told

    @property
    def ski(self) -> str:
        """The box's SKI."""
        return normal_ski(self._answers["ski"])

    @property
    def pairing(self) -> Pairing:
        """Whom to trust, and where it is if that was said."""
        port = self._answers.get("port")
        return Pairing(
            ski=self.ski,
            role=PeerRole.CONTROL_BOX,
            host=self._answers.get("host"),
            port=None if port is None else int(port),
        )

    @property
    def listens_at(self) -> tuple[str, int]:
        """The address and port at which it is to find us."""
        return listens_at(self._answers)

    def attach(self, node: EebusNode | None) -> None:
        """Be there as far as it is connected to ``node``."""
        self._node = node

    @property
    def connected(self) -> bool:
        """Whether it is there."""
        return self._node is not None and self._node.peers().get(self.ski) is not None

    @property
    def away(self) -> bool:
        """Whether the failsafe limit holds because it is silent."""
        waits_s = self._clock.monotonic_s() - self._began_s
        states = self.states.values()
        return LimitationState.FAILSAFE in states or (
            LimitationState.INIT in states and waits_s > _COMES_WITHIN_S
        )

    @property
    def states(self) -> Mapping[Direction, LimitationState]:
        """The state of each direction."""
        return {d: machine.state for d, machine in self.system.machines().items()}

    def take_answers(self) -> Sequence[Mapping[str, Any]]:
        """Return what the box wrote since this was last asked, and the answers."""
        return [
            {
                "direction": each.direction.value,
                "refused": None if each.refusal is None else each.refusal.value,
                **{
                    f"written_{name}": value
                    for name, value in asdict(each.written).items()
                    if value is not None and value is not False
                },
            }
            for each in self.system.take_written()
        ]

    def kept(self) -> Kept:
        """Return the failsafe values, to be kept over a restart."""
        return {d.value: asdict(written) for d, written in self.system.kept().items()}

    def limits(self) -> Sequence[PowerLimit]:
        """Return what holds now."""
        scope = Scope(self._answers["limit_scope"])
        found = []
        for direction, machine in self.system.machines().items():
            if machine.applied_w is None:
                self._ends.pop(direction, None)
                continue
            export = direction is Direction.EXPORT
            found.append(
                PowerLimit(
                    limit_id=f"eebus_{direction.value}",
                    source=LimitSource.CONTROL_BOX,
                    issuer=ISSUER_AWAY if machine.state in _WAITING else ISSUER,
                    direction=direction,
                    scope=Scope.CONNECTION if export else scope,
                    limit_w=int(machine.applied_w),
                    end=self._end(direction, machine.lifted_s),
                )
            )
        return tuple(found)

    def _end(self, direction: Direction, lifted_s: float | None) -> datetime | None:
        """Return when a limit ends, the same time at each call.

        The box says how long, not until when: the time of day moves with two clocks.
        """
        if lifted_s is None:
            self._ends.pop(direction, None)
            return None
        now, left_s = dt_util.utcnow(), lifted_s - self._clock.monotonic_s()
        end = now + timedelta(seconds=max(left_s, 1.0))
        told = self._ends.get(direction)
        if told is not None and told > now and abs(told - end) <= _TREMBLES:
            return told
        self._ends[direction] = end
        return end

    @callback
    def notice(self) -> None:
        """Tell when a limit or a failsafe value came, went or changed."""
        written = self.system.has_written
        seen = tuple(map(_essence, self.limits())), self.kept()
        if seen != self._seen or written:
            self._seen = seen
            self._changed()


def _essence(limit: PowerLimit) -> tuple[object, ...]:
    """Return what makes a limit another one: its end moves with the clock."""
    return limit.limit_id, limit.issuer, limit.limit_w, limit.end is None


def _settings(answers: Mapping[str, Any]) -> Mapping[Direction, LimitationSettings]:
    after = AfterFailsafe(answers["after_failsafe"])
    found = {
        Direction.IMPORT: LimitationSettings(
            nominal_max_w=answers["nominal_import"] * 1000,
            failsafe_limit_w=answers["failsafe_import"] * 1000,
            after_failsafe=after,
        )
    }
    if answers["limits_export"]:
        found[Direction.EXPORT] = LimitationSettings(
            production=True,
            nominal_max_w=answers["nominal_export"] * 1000,
            failsafe_limit_w=answers["failsafe_export"] * 1000,
            after_failsafe=after,
            strict_sign=answers["strict_sign"],
        )
    return found
