"""The home's charger or heat pump over EEBUS: it keeps to limits, and to its failsafe.

Its times are simulated; so is the two minutes' silence after which it takes the CEM for
lost (LPC 1.0.0, 2.2).
"""

import asyncio
from typing import Final, Protocol

from cem_core.eebus.clock import Clock
from cem_core.eebus.controllable import ControllableSystem
from cem_core.eebus.home import Naming
from cem_core.eebus.peer import PeerRole
from cem_core.limits.limitation import LimitationSettings
from cem_core.model import Direction
from cem_core.simulation.charger import Charger
from cem_core.simulation.config_networks import EebusSetup
from cem_core.simulation.eebus_compressor import OfferedRun, RunSettings
from cem_core.simulation.eebus_consumer import CHARGING_STATION, HEAT_PUMP, Consumer
from cem_core.simulation.faults import Fault
from cem_core.simulation.heat_pump import RECOMMENDED_BOOST_K, HeatPump
from cem_core.simulation.home import Home
from cem_core.transport.eebus_identity import Identity
from cem_core.transport.eebus_node import EebusNode, NodeEvents, Pairing

_PHASES_V: Final = 690.0
_STEP_A: Final = 0.1  # IEC 61851-1: a pilot signal knows no finer ones
_FAILSAFE_W: Final = 4200.0
_DELAYS_S: Final = ((0.0, 1.0), (3.0, 6.0))


class Limited(Protocol):
    """What is behind the device: it draws, and is held to a power."""

    types: tuple[str, str]
    nominal_w: float

    @property
    def power_w(self) -> float:
        """What it draws."""

    @property
    def car(self) -> bool:
        """Whether a car is plugged in."""

    def hold(self, limit_w: float | None) -> None:
        """Draw at most ``limit_w``; None: as much as it likes."""

    def offered(self) -> OfferedRun | None:
        """Return the run that it may offer, None: it never does."""

    def tick(self, run: OfferedRun, indoor_c: float) -> None:
        """Let ``run`` go on by a second."""


class LimitedCharger:
    """The charger; below what 6 A are worth the car pauses."""

    types = CHARGING_STATION

    def __init__(self, charger: Charger) -> None:
        """Hold ``charger``."""
        self._charger = charger
        self.nominal_w = _PHASES_V * charger.parameters.max_current_a

    @property
    def power_w(self) -> float:
        """What it draws."""
        return self._charger.power_w

    @property
    def car(self) -> bool:
        """Whether a car is plugged in."""
        return self._charger.car.plugged

    def hold(self, limit_w: float | None) -> None:
        """Offer the car no more than that."""
        charger, p = self._charger, self._charger.parameters
        current_a = float(p.max_current_a)
        if limit_w is not None:
            steps = int(limit_w / _PHASES_V / _STEP_A + 1e-6)
            current_a = min(current_a, steps * _STEP_A)
        charger.enabled = current_a >= p.min_current_a
        if charger.enabled:
            charger.current_limit_a = round(current_a, 1)

    def offered(self) -> None:
        """Offer nothing: a charger has no compressor."""

    def tick(self, run: OfferedRun, indoor_c: float) -> None:
        """Do nothing."""


class LimitedHeatPump:
    """The heat pump; below its minimum it stops."""

    types = HEAT_PUMP
    car = False

    def __init__(self, heat_pump: HeatPump) -> None:
        """Hold ``heat_pump``."""
        self._heat_pump = heat_pump
        p = heat_pump.parameters
        self.nominal_w = p.max_power_w + p.standby_w

    @property
    def power_w(self) -> float:
        """What it draws."""
        return self._heat_pump.power_w

    def hold(self, limit_w: float | None) -> None:
        """Run the compressor at no more than that."""
        p = self._heat_pump.parameters
        most_w = p.max_power_w
        if limit_w is not None:
            most_w = min(most_w, max(0.0, limit_w - p.standby_w))
        self._heat_pump.power_limit_w = most_w

    def offered(self) -> OfferedRun:
        """Return a run of its compressor at full power."""
        p = self._heat_pump.parameters
        return OfferedRun(
            RunSettings(
                power_w=round(p.max_power_w),
                run_min_s=p.min_on_s,
                pause_min_s=p.min_off_s,
            )
        )

    def tick(self, run: OfferedRun, indoor_c: float) -> None:
        """Let the run go on as long as the rooms are not warm, and heat for it."""
        pump = self._heat_pump
        warm = indoor_c >= pump.target_c + RECOMMENDED_BOOST_K
        run.step(1.0, room=pump.heating and not warm)
        pump.offered_run = run.running


class EebusDevice:
    """One device of the home on the EEBUS network."""

    def __init__(self, home: Home, limited: Limited, setup: EebusSetup) -> None:
        """Stand on the network for ``limited``."""
        self._home = home
        self._limited = limited
        self._setup = setup
        self._clock = Clock(monotonic_s=self._now_s, utc=lambda: home.now)
        self._applied_w: float | None = None
        self._node: EebusNode | None = None
        self._moving: asyncio.Task[None] | None = None
        self._cut = False
        self._renew()
        self.port = 0
        self.ski = ""

    @property
    def state(self) -> str:
        """The state of its LPC machine."""
        return self.system.machines()[Direction.IMPORT].state.value

    def _now_s(self) -> float:
        return self._home.now.timestamp()

    def _renew(self) -> None:
        """Start as after a power cut: in Init, without a limit of the CEM."""
        limited = self._limited
        limit = LimitationSettings(
            nominal_max_w=round(limited.nominal_w),
            failsafe_limit_w=round(min(_FAILSAFE_W, limited.nominal_w)),
        )
        self.system = ControllableSystem(self._clock, {Direction.IMPORT: limit})
        self.run = limited.offered() if self._setup.offers_runs else None
        self._consumer = Consumer(
            system=self.system,
            clock=self._clock,
            types=limited.types,
            power_w=lambda: self._limited.power_w,
            run=self.run,
        )

    async def start(self) -> None:
        """Listen, and dial the CEM where told so. Raises OSError."""
        await self._join()

    def tick(self) -> None:
        """Let a simulated second pass: keep to the limit, leave and come back."""
        faults, now, device = self._home.faults, self._home.now, self._setup.device
        if faults.dead(device, now) and not self._cut:
            self._cut = True
            self._renew()
        self._consumer.show_car(there=self._limited.car)
        applied_w = self.system.machines()[Direction.IMPORT].applied_w
        if applied_w != self._applied_w:  # else an order over MQTT would be undone
            self._applied_w = applied_w
            self._limited.hold(applied_w)
        if self.run is not None and self._home.building is not None:
            self._limited.tick(self.run, self._home.building.air_c)
        if self._node is not None:
            self._node.quiet(silent=faults.active(Fault.SILENCE, device, now))
        absent = faults.absent(device, now)
        if self._moving is None and absent == (self._node is not None):
            move = self._leave() if absent else self._join()
            self._moving = asyncio.create_task(move, name="eebus device")

    async def stop(self) -> None:
        """Leave the network."""
        if self._moving is not None:
            await asyncio.wait([self._moving])
        await self._leave()

    async def _leave(self) -> None:
        node, self._node = self._node, None
        if node is not None:
            await node.close()
        self._moving = None

    async def _join(self) -> None:
        setup = self._setup
        naming = Naming(brand="Simulated", model=setup.device, serial="1")
        identity = await asyncio.to_thread(Identity.read, setup.state, naming.ship_id)
        events = NodeEvents(changed=_nothing, paired=_ignore, asked=_ignore)
        home = self._consumer.home(naming)
        node = EebusNode(identity, home, self._clock, events, delays_s=_DELAYS_S)
        # After it was away it is found where it was.
        self.port = await node.listen(setup.host, self.port or setup.port)
        self.ski = identity.ski
        dials = setup.dial_port > 0
        node.pair(
            Pairing(
                ski=setup.peer,
                role=PeerRole.CONTROL_BOX,
                host=setup.dial_host if dials else None,
                port=setup.dial_port if dials else None,
            )
        )
        self._node, self._moving, self._cut = node, None, False


def _nothing() -> None:
    """Let nobody know."""


def _ignore(_: object) -> None:
    """Let nobody know."""
