"""Carries out setpoints by limits over EEBUS: LPC for what is drawn, LPP for the rest.

A limit bounds the device and does not drive it: within it, it does as it likes. Only
a heat pump's compressor that offers a run of it (OHPCF) can be made to.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from homeassistant.core import State

from cem_core.devices import Capability, DeviceError
from cem_core.devices.rivalry import Meddled
from cem_core.eebus.compressor import Compressor, Wish
from cem_core.eebus.guard import Failsafe, Guard
from cem_core.eebus.hot_water import HotWater
from cem_core.eebus.offer import Offer
from cem_core.eebus.peer import PeerRole
from cem_core.model import Action, Direction, Setpoint
from cem_core.transport.eebus_identity import normal_ski
from cem_core.transport.eebus_node import EebusNode, Pairing
from custom_components.cem.const import Kind
from custom_components.cem.drivers.tank import target_c

_FAILSAFE_KW: Final = 4.2  # what section 14a EnWG leaves each device at least
_SECONDS_AN_HOUR: Final = 3600.0
_MEANS: Final = {
    Direction.IMPORT: Capability.LIMIT_POWER,
    Direction.EXPORT: Capability.CURTAIL,
}


class EebusDriver:
    """One device that was paired; it is away until a node is attached."""

    entities: tuple[str, ...] = ()
    controllable = True
    state_of_charge: float | None = None  # an entity of its own says so
    fallback = "keeps to its failsafe limit from 2 min on"

    def __init__(self, kind: Kind, data: Mapping[str, Any]) -> None:
        """Command the device that the user paired as a ``kind``."""
        self.ski = normal_ski(data["ski"])
        self._kind = kind
        self._data = data
        self._node: EebusNode | None = None
        self._heard = asyncio.Event()
        self._ordered: Mapping[Direction, float | None] = {}
        self._insists = False
        self._took = False  # whether it ever said that it holds what was ordered last
        self._meddled: Meddled | None = None

    @property
    def pairing(self) -> Pairing:
        """Whom to trust, where it is, and what it keeps to without us."""
        data, limit_w = self._data, {}
        if self._kind is not Kind.SOLAR:
            failsafe_kw = data.get("failsafe_power", _FAILSAFE_KW)
            limit_w = {Direction.IMPORT: failsafe_kw * 1000.0}
        elif "failsafe_power" in data:
            limit_w = {Direction.EXPORT: data["failsafe_power"] * 1000.0}
        port = data.get("port")
        return Pairing(
            ski=self.ski,
            role=PeerRole.DEVICE,
            host=data.get("host"),
            port=None if port is None else int(port),
            failsafe=Failsafe(
                limit_w=limit_w,
                duration_s=data.get("failsafe_hours", 2) * _SECONDS_AN_HOUR,
            ),
        )

    def attach(self, node: EebusNode | None) -> None:
        """Speak through ``node`` from now on."""
        self._node = node

    def notice(self) -> None:
        """Look again: something was heard on the network."""
        self._heard.set()
        self._compare()

    def _compare(self) -> None:
        """Notice a limit that is in force and is not the one that it had taken."""
        guard = self.guard
        if guard is None or self._holds(self._ordered):
            self._took = guard is not None and bool(self._ordered)
            return
        for direction, limit_w in self._ordered.items():
            said = guard.ordered.get(direction)
            ours = limit_w is None or said is None or said.value_w == limit_w
            if self._took and not ours and said is not None and said.active:
                use_case = "LPC" if direction is Direction.IMPORT else "LPP"
                self._meddled = Meddled(protocol="EEBUS", setting=use_case)
                self._took = False

    def meddled(self) -> Meddled | None:
        """Return which limit somebody else wrote since this was asked last."""
        found, self._meddled = self._meddled, None
        return found

    @property
    def guard(self) -> Guard | None:
        """What is known of the device, None while it is away."""
        peer = None if self._node is None else self._node.peers().get(self.ski)
        return None if peer is None else peer.guard

    @property
    def compressor(self) -> Compressor | None:
        """What a heat pump offers beside limits, None while it is away."""
        peer = None if self._node is None else self._node.peers().get(self.ski)
        return None if peer is None else peer.compressor

    @property
    def water_c(self) -> float | None:
        """How hot a heat pump's water is, where it says so."""
        water = self.hot_water
        return None if water is None else water.water_c

    @property
    def hot_water(self) -> HotWater | None:
        """What is known of a heat pump's water, None while it is away."""
        peer = None if self._node is None else self._node.peers().get(self.ski)
        return None if peer is None else peer.hot_water

    @property
    def available(self) -> bool:
        """Whether it is connected and has said what can be limited."""
        guard = self.guard
        return guard is not None and bool(guard.directions)

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What it offers: LPC, LPP or both."""
        guard = self.guard
        offered = () if guard is None else guard.directions
        return frozenset(_MEANS[direction] for direction in offered)

    @property
    def plugged(self) -> bool | None:
        """Whether a car is there, where the device shows it."""
        guard = self.guard
        return None if guard is None else guard.plugged

    def measured_w(self) -> int | None:
        """Return what it consumes (solar: produces), None if it does not say."""
        guard = self.guard
        power_w = None if guard is None else guard.measured.power_w
        if power_w is None:
            return None
        return round(-power_w if self._kind is Kind.SOLAR else power_w)

    def held_w(self) -> int | None:
        """Return the power that it says it is limited to, None if it is not."""
        guard = self.guard
        direction = Direction.EXPORT if self._kind is Kind.SOLAR else Direction.IMPORT
        said = None if guard is None else guard.ordered.get(direction)
        return round(said.value_w) if said is not None and said.active else None

    def offered(self) -> tuple[Offer | None, str | None]:
        """Return the run that its compressor offers, and why a step was refused."""
        compressor = self.compressor
        return (None, None) if compressor is None else compressor.shown

    def insist(self) -> None:
        """Write the next limit also where the device says that it has it."""
        self._insists = True

    def is_as(self, setpoint: Setpoint) -> bool:
        """Tell whether the device says that it is limited as ``setpoint`` means."""
        return self._holds(self._limits_w(setpoint))

    def is_as_ordered(self) -> bool:
        """Tell whether what limits it is an order of ours."""
        return bool(self._ordered) and self._holds(self._ordered)

    def is_ours(self, state: State) -> bool:
        """Tell whether ``state`` came from an order of ours: no entity is commanded."""
        del state
        return True

    async def obey(self, setpoint: Setpoint) -> None:
        """Limit the device, and wait until it says that it took the limit."""
        guard = self._connected()
        node, limits_w = self._node, self._limits_w(setpoint)
        missing = [d for d, limit_w in limits_w.items() if d not in guard.directions]
        if node is None or len(missing) == len(limits_w):
            raise DeviceError("it does not offer to be limited so over EEBUS")
        self._ordered = {d: w for d, w in limits_w.items() if d not in missing}
        self._took = False
        if self._kind is Kind.HEAT_PUMP and self._data.get("begins_runs", True):
            node.give(self.ski, self._wish(setpoint))
        if self._data.get("own_tank", False):
            # Beside the limit: one that refuses it holds no limit up.
            wished_c = target_c(setpoint, self._data)
            node.warm(self.ski, wished_c, once=setpoint.power_w is None)
        insists, self._insists = self._insists, False
        for direction, limit_w in self._ordered.items():
            holds = guard.holds(direction, limit_w) and not guard.waits(direction)
            if insists or not holds:
                node.limit(self.ski, direction, limit_w)
        for direction in self._ordered:
            await self._answered(guard, direction)
            if direction in guard.refused:
                raise DeviceError(f"it refused the limit: {guard.refused[direction]}")

    async def _answered(self, guard: Guard, direction: Direction) -> None:
        while guard.waits(direction):
            self._heard.clear()
            await self._heard.wait()
            if self._connected() is not guard:
                raise DeviceError("the connection was lost")

    def _connected(self) -> Guard:
        guard = self.guard
        if guard is None:
            why = "" if self._node is None else self._node.why(self.ski)
            raise DeviceError(f"it is not connected over EEBUS: {why or 'connecting'}")
        return guard

    def _holds(self, limits_w: Mapping[Direction, float | None]) -> bool:
        guard = self.guard
        return guard is not None and all(
            guard.holds(direction, limit_w)
            for direction, limit_w in limits_w.items()
            if direction in guard.directions
        )

    def _wish(self, setpoint: Setpoint) -> Wish:
        """Return how far its compressor may run: at the rated power, any run may."""
        power_w: float | None = setpoint.power_w
        if power_w is not None and power_w >= self._data["max_power"] * 1000:
            power_w = float("inf")
        return Wish(power_w, limited=setpoint.limit_id is not None)

    def _limits_w(self, setpoint: Setpoint) -> Mapping[Direction, float | None]:
        """Return what ``setpoint`` means, by direction; None: no limit."""
        power_w = setpoint.power_w
        if self._kind is Kind.SOLAR:
            whole = power_w is None or power_w >= self._data["peak_power"] * 1000
            return {Direction.EXPORT: None if whole else power_w}
        limits: dict[Direction, float | None] = {
            Direction.IMPORT: None if power_w is None else max(power_w, 0)
        }
        if self._kind is Kind.BATTERY:
            limits[Direction.EXPORT] = None if power_w is None else max(-power_w, 0)
            if setpoint.action is Action.BALANCE and setpoint.limit_id is None:
                return dict.fromkeys(limits)  # its own logic balances
        return limits
