"""The paired control box at run time: its limits in, our meter's values out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
import logging
from typing import TYPE_CHECKING, Any, Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util

from cem_core.eebus.clock import Clock
from cem_core.eebus.controllable import ControllableSystem
from cem_core.eebus.error import EebusError
from cem_core.eebus.grid_point import GridPoint, GridValues
from cem_core.eebus.home import our_home
from cem_core.eebus.peer import PeerRole
from cem_core.limits.limitation import (
    AfterFailsafe,
    FailsafeWrite,
    LimitationSettings,
    LimitationState,
)
from cem_core.model import Direction, LimitSource, PowerLimit, Scope
from cem_core.transport.eebus_identity import normal_ski
from cem_core.transport.eebus_node import EebusNode, NodeEvents, Pairing
from custom_components.cem.eebus_identity import async_identity, async_naming
from custom_components.cem.ship_discovery import async_announce, async_withdraw
from custom_components.cem.store import Kept

if TYPE_CHECKING:
    from zeroconf.asyncio import AsyncServiceInfo

_LOGGER: Final = logging.getLogger(__name__)
_WAITING: Final = (LimitationState.INIT, LimitationState.FAILSAFE)
ISSUER: Final = "control box"
ISSUER_AWAY: Final = "control box (away: failsafe)"


type Changed = Callable[[], None]


class ControlBox:
    """One home's control box.

    ``snapshot`` tells what the meter said last; ``changed`` is called in the event
    loop when a limit came, went or changed.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        answers: Mapping[str, Any],
        kept: Kept,
        values: Callable[[], GridValues],
        changed: Changed,
    ) -> None:
        """Begin in Init, at the failsafe limit: whether the box is there or not."""
        self._hass = hass
        self._answers = answers
        self._values = values
        self._changed = changed
        clock = Clock(monotonic_s=hass.loop.time, utc=dt_util.utcnow)
        self._clock = clock
        failsafe = {
            Direction(direction): FailsafeWrite(**written)
            for direction, written in kept.items()
        }
        self._system = ControllableSystem(clock, _settings(answers), failsafe)
        self._node: EebusNode | None = None
        self._announced: AsyncServiceInfo | None = None
        self._seen: object = None
        self.problem = ""

    @property
    def ski(self) -> str:
        """The box's SKI."""
        return normal_ski(self._answers["ski"])

    @property
    def connected(self) -> bool:
        """Whether it is there."""
        return self._node is not None and any(self._node.peers().values())

    @property
    def states(self) -> Mapping[Direction, LimitationState]:
        """The state of each direction."""
        return {d: machine.state for d, machine in self._system.machines().items()}

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
            for each in self._system.take_written()
        ]

    def kept(self) -> Kept:
        """Return the failsafe values, to be kept over a restart."""
        return {d.value: asdict(written) for d, written in self._system.kept().items()}

    def limits(self) -> Sequence[PowerLimit]:
        """Return what holds now."""
        now = dt_util.utcnow()
        scope = Scope(self._answers["limit_scope"])
        found = []
        for direction, machine in self._system.machines().items():
            if machine.applied_w is None:
                continue
            export = direction is Direction.EXPORT
            end = None
            if machine.lifted_s is not None:
                left_s = machine.lifted_s - self._clock.monotonic_s()
                end = now + timedelta(seconds=max(left_s, 1.0))
            found.append(
                PowerLimit(
                    limit_id=f"eebus_{direction.value}",
                    source=LimitSource.CONTROL_BOX,
                    issuer=ISSUER_AWAY if machine.state in _WAITING else ISSUER,
                    direction=direction,
                    scope=Scope.CONNECTION if export else scope,
                    limit_w=int(machine.applied_w),
                    end=end,
                )
            )
        return tuple(found)

    async def async_start(self) -> None:
        """Listen, and dial where an address is known."""
        answers = self._answers
        try:
            identity = await async_identity(self._hass)
            naming = await async_naming(self._hass)
            home = our_home(
                naming, self._clock, self._system, GridPoint(self._values), {}
            )
            events = NodeEvents(
                changed=self.notice,
                paired=lambda pairing: _LOGGER.info(
                    "The control box calls itself %s", pairing.ship_id
                ),
                asked=lambda ski: _LOGGER.warning(
                    "A device with SKI %s asks to be paired and is kept waiting", ski
                ),
            )
            node = EebusNode(identity, home, self._clock, events)
            port = await node.listen(
                answers["listen_address"], int(answers["listen_port"])
            )
        except (EebusError, OSError) as error:
            self.problem = str(error)
            _LOGGER.error("EEBUS cannot listen: %s", error)  # noqa: TRY400 - no defect
            return
        self._node = node
        self._announced = await async_announce(self._hass, naming, identity.ski, port)
        dialled = answers.get("port")
        node.pair(
            Pairing(
                ski=self.ski,
                role=PeerRole.CONTROL_BOX,
                host=answers.get("host"),
                port=None if dialled is None else int(dialled),
            )
        )

    @callback
    def located(self, ski: str, host: str, port: int) -> None:
        """Take the address that mDNS reported."""
        if self._node is not None and "host" not in self._answers:
            self._node.located(ski, host, port)

    @callback
    def notice(self) -> None:
        """Tell when a limit or a failsafe value came, went or changed."""
        written = self._system.has_written
        seen = tuple(map(_essence, self.limits())), self.kept()
        if seen != self._seen or written:
            self._seen = seen
            self._changed()

    async def async_stop(self) -> None:
        """Leave the network."""
        if self._announced is not None:
            await async_withdraw(self._hass, self._announced)
            self._announced = None
        if self._node is not None:
            await self._node.close()
            self._node = None


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
