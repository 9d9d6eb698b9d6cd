"""Carries out setpoints as instructions of S2 (EN 50491-12-2)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from homeassistant.core import State

from cem_core.devices import Capability, DeviceError
from cem_core.model import Setpoint
from cem_core.model.plan import PlannedSection
from custom_components.cem.const import Kind

if TYPE_CHECKING:
    from cem_core.s2.frbc import FillRate
    from cem_core.s2.session import Session
    from cem_core.transport.s2_server import S2Server


class S2Driver:
    """One device behind a resource manager; away until a server is attached."""

    entities: tuple[str, ...] = ()
    controllable = True
    fallback = "does again what it does by itself"
    plugged: bool | None = None  # S2 does not say

    def __init__(self, kind: Kind, data: Mapping[str, Any], name: str) -> None:
        """Command the device that connects with the user's token."""
        self.token: str = data["s2_token"]
        self.own_tank: bool = data.get("own_tank", False)
        self.name = name
        self.kind = kind
        self._server: S2Server | None = None
        self._ordered: Setpoint | None = None
        self._descriptions = 0

    def attach(self, server: S2Server | None) -> None:
        """Speak through ``server`` from now on."""
        self._server = server

    @property
    def session(self) -> Session | None:
        """The session of its resource manager, None while it is away."""
        return None if self._server is None else self._server.sessions().get(self.name)

    @property
    def available(self) -> bool:
        """Whether its resource manager is there and lets it be controlled."""
        session = self.session
        return session is not None and session.controllable

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What the control type that its resource manager offers amounts to."""
        session = self.session
        if session is None or session.offers is None:
            return frozenset()
        solar = self.kind is Kind.SOLAR
        match session.offers.value:
            case "POWER_PROFILE_BASED_CONTROL":
                return frozenset({Capability.RUN_ONCE})
            case "POWER_ENVELOPE_BASED_CONTROL":
                bound = Capability.CURTAIL if solar else Capability.LIMIT_POWER
                return frozenset({bound})
            case _:
                return frozenset({Capability.SET_POWER})

    def _storage(self) -> FillRate | None:
        """Return what fills and empties, None where the device is no storage."""
        # Loaded with the server: a session is there only then.
        from cem_core.s2.frbc import FillRate  # noqa: PLC0415

        control = self.session.control if self.session is not None else None
        return control if isinstance(control, FillRate) else None

    @property
    def state_of_charge(self) -> float | None:
        """How full its storage is, None: it has none, or has not said."""
        storage = self._storage() if self.session is not None else None
        return None if storage is None else storage.state_of_charge

    @property
    def water_c(self) -> float | None:
        """How hot its storage is, None where its fill level is no temperature."""
        storage = self._storage() if self.session is not None else None
        return None if storage is None else storage.temperature_c

    def described(self, now: datetime) -> Mapping[str, Any] | None:
        """Return how it describes itself as fields of HOME, None: not yet."""
        session = self.session
        if session is None or session.control is None:
            return None
        if self.own_tank and (tank := self._storage()) is not None:
            tank.is_drawn_from = True
        return session.control.described(now)

    def described_anew(self) -> bool:
        """Whether it says, since this was asked last, that it can do something else."""
        found = 0 if self.session is None else self.session.descriptions
        before, self._descriptions = self._descriptions, found
        return found != before

    @property
    def interruptible(self) -> bool:
        """Whether a run that is under way can be paused."""
        if self.session is None:
            return False
        # Loaded with the server: a session is there only then.
        from cem_core.s2.ppbc import PowerProfile  # noqa: PLC0415

        control = self.session.control
        return isinstance(control, PowerProfile) and control.interruptible

    def planned(self, sections: Sequence[PlannedSection]) -> None:
        """Take when which sequences of its run are planned."""
        if self.session is None:
            return
        # Loaded with the server: a session is there only then.
        from cem_core.s2.ppbc import PowerProfile  # noqa: PLC0415

        control = self.session.control
        if isinstance(control, PowerProfile):
            control.planned(sections)

    @property
    def currency(self) -> str | None:
        """In what it counts costs, None: it does not say."""
        details = None if self.session is None else self.session.details
        found = None if details is None else details.currency
        return None if found is None else found.value

    def demand_kw(self) -> Sequence[tuple[datetime, datetime, float]]:
        """Return what is taken out of its storage, or wanted, from when until when."""
        if self.session is None:
            return ()
        # Loaded with the server: a session is there only then.
        from cem_core.s2.ddbc import DemandDriven  # noqa: PLC0415

        control = self.session.control
        if isinstance(control, DemandDriven):
            return control.demand_kw()
        storage = self._storage()
        return () if storage is None else storage.demand_kw()

    def measured_w(self) -> int | None:
        """Return what it draws (solar: produces), None if it does not say."""
        session = self.session
        if session is None or session.measured_w is None:
            return None
        power_w = session.measured_w
        return round(-power_w if self.kind is Kind.SOLAR else power_w)

    def held_w(self) -> int | None:
        """Return the power that it was instructed to, None: none of ours."""
        return None if self._ordered is None else self._ordered.power_w

    def meddled(self) -> None:
        """Return nothing: a resource manager has one energy manager at a time."""

    def insist(self) -> None:
        """Instruct it anew whatever it was told."""
        self._ordered = None

    def is_as(self, setpoint: Setpoint) -> bool:
        """Tell whether it was told, and has not refused, what ``setpoint`` means."""
        session = self.session
        if session is None or session.refused:
            return False
        told = None if self._ordered is None else self._ordered.power_w
        return told == setpoint.power_w

    def is_as_ordered(self) -> bool:
        """Tell whether what it does is an order of ours."""
        return self._ordered is not None

    def is_ours(self, state: State) -> bool:
        """Tell whether ``state`` came from an order of ours: no entity is commanded."""
        del state
        return True

    def lost(self) -> None:
        """Take that the device is away: it does again what it does by itself."""
        self._ordered = None

    async def obey(self, setpoint: Setpoint) -> None:
        """Instruct it; without a power it is handed back."""
        # Loaded with the server, which is there by now: see `S2Network`.
        from cem_core.s2.control import Order  # noqa: PLC0415
        from cem_core.s2.messages import S2Error  # noqa: PLC0415

        server = self._server
        if server is None:
            raise DeviceError("nothing listens for S2 devices")
        try:
            if setpoint.power_w is None:
                if self.kind is Kind.APPLIANCE:
                    # Deselected, it would offer no run any more: one goes on.
                    order = Order(power_w=0.0, handed_back=True)
                    await server.order(self.name, order)
                else:
                    await server.hand_back(self.name)
                self._ordered = None
                return
            power_w = setpoint.power_w
            if self.kind is Kind.SOLAR:
                power_w = -power_w
            order = Order(power_w=float(power_w), limited=setpoint.limit_id is not None)
            await server.order(self.name, order)
        except S2Error as error:
            raise DeviceError(error.cause) from error
        self._ordered = setpoint
        session = self.session
        if session is not None and session.refused:
            raise DeviceError(f"it refused the instruction: {session.refused}")
