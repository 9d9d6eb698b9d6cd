"""Carries out setpoints by a loadpoint of evcc, which charges the car."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.core import State

from cem_core.devices import Capability, DeviceError
from cem_core.evcc.error import EvccError
from cem_core.evcc.loadpoint import ChargeMode, Loadpoint
from cem_core.evcc.steering import Charger, Held, held, held_w
from cem_core.model import Setpoint
from cem_core.transport.evcc_client import EvccClient

# evcc itself sets the mode when a car leaves, and when it knows one that came.
_EVCC_SETTLES_S: Final = 120.0


class EvccDriver:
    """One loadpoint; away until evcc answered."""

    entities: tuple[str, ...] = ()
    controllable = True
    fallback = "keeps the last mode and current"

    def __init__(self, data: Mapping[str, Any]) -> None:
        """Command the loadpoint that the user described."""
        self.address: str = data["evcc_url"]
        self.number = int(data.get("evcc_loadpoint", 1))
        self._max_current_a = float(data["max_current"])
        self._own_mode = ChargeMode(data.get("evcc_mode", ChargeMode.PV))
        self._phases = int(data["phases"])
        switches = data.get("evcc_switches_phases", False)
        self._configured = self._phases if switches else None
        self._client: EvccClient | None = None
        self._why = "connecting"
        self._said: Loadpoint | None = None
        self._held: Held | None = None  # what evcc took last, None: nothing of ours
        self._ordered: Setpoint | None = None
        self._insists = False
        self._changed_by_evcc_until_s = 0.0

    def attach(self, client: EvccClient) -> None:
        """Speak through ``client`` from now on."""
        self._client = client

    def use_phases(self, count: int, *, configured: int | None) -> None:
        """Charge on ``count`` phases, of which ``configured`` are switched on."""
        self._phases, self._configured = count, configured

    @property
    def available(self) -> bool:
        """Whether evcc answers."""
        return self._said is not None

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What the loadpoint takes; its phases where the user leaves them to the CEM."""
        if self._said is None:
            return frozenset()
        found = {Capability.START_STOP, Capability.SET_CURRENT}
        if self._said.switches_phases and self._configured is not None:
            found.add(Capability.SWITCH_PHASES)
        return frozenset(found)

    @property
    def plugged(self) -> bool | None:
        """Whether a car is there."""
        return None if self._said is None else self._said.connected

    water_c: float | None = None  # it heats none

    @property
    def state_of_charge(self) -> float | None:
        """How full the car is, where evcc can ask it."""
        return None if self._said is None else self._said.state_of_charge

    @property
    def phases_active(self) -> int | None:
        """On how many phases the car charges, as evcc says, while one is there."""
        said = self._said
        return said.phases_active if said is not None and said.connected else None

    def measured_w(self) -> int | None:
        """Return what the car draws, None where evcc does not measure it."""
        if self._said is None or self._said.power_w is None:
            return None
        return round(self._said.power_w)

    def held_w(self) -> int | None:
        """Return the power that evcc holds it at, None: evcc decides."""
        return None if self._said is None else held_w(self._said, self._phases)

    def meddled(self) -> None:
        """Return nothing: what is set in evcc is told at once, as taken over."""

    def insist(self) -> None:
        """Set all of the next order, also what evcc says that it holds."""
        self._insists = True

    def is_as(self, setpoint: Setpoint) -> bool:
        """Tell whether evcc holds what ``setpoint`` means."""
        said = self._said
        return said is not None and self._wanted(said, setpoint).is_kept(said)

    def is_as_ordered(self) -> bool:
        """Tell whether what it is held at is an order of ours."""
        return self._ordered is not None and self._ordered.power_w is not None

    def is_ours(self, state: State) -> bool:
        """Tell whether ``state`` came from an order of ours: no entity is commanded."""
        del state
        return True

    def lost(self, why: str) -> None:
        """Take that evcc is away; it keeps what it was told, unless it was restarted."""
        self._why, self._said, self._held, self._ordered = why, None, None, None

    async def poll(self, now_s: float) -> bool:
        """Read the loadpoint; tell whether somebody else changed it. Raises EvccError.

        Not where a car came or went meanwhile: evcc does that by itself.
        """
        if self._client is None:
            return False
        told = self._held
        said = await self._client.loadpoint(self.number)
        before, self._said = self._said, said
        if before is not None and before.connected != said.connected:
            self._changed_by_evcc_until_s = now_s + _EVCC_SETTLES_S
        # An order that was given while evcc was asked makes its answer an old one.
        if told is None or told is not self._held or told.is_kept(said):
            return False
        self._held = self._ordered = None
        return now_s >= self._changed_by_evcc_until_s

    async def obey(self, setpoint: Setpoint) -> None:
        """Set what ``setpoint`` means; without a power evcc does as it likes."""
        client, said = self._client, self._said
        if client is None or said is None:
            raise DeviceError(f"evcc is not connected: {self._why}")
        target = self._wanted(said, setpoint)
        self._held = None  # until evcc took all of it
        try:
            for setting in target.settings(said, all_of_it=self._insists):
                await client.set(self.number, setting)
            self._insists = False
            self._said = await client.loadpoint(self.number)
        except EvccError as error:
            raise DeviceError(str(error)) from error
        self._ordered = setpoint
        self._held = target if setpoint.power_w is not None else None

    def _wanted(self, said: Loadpoint, setpoint: Setpoint) -> Held:
        charger = Charger(
            max_current_a=self._max_current_a,
            phases=self._phases,
            configured=self._configured,
            own_mode=self._own_mode,
        )
        power_w = setpoint.power_w
        return held(said, charger, None if power_w is None else float(max(0, power_w)))
