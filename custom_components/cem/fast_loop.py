"""The fast loop: a reading in, limits, setpoints and warnings out. No IO.

It needs no plan and never waits; time is an argument.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from random import Random
from typing import Final

from cem_core.dispatch import (
    Comeback,
    DispatchSettings,
    DispatchWarning,
    Insistence,
    Memory,
    Side,
    come_back,
    dispatch,
    relief,
)
from cem_core.limits import (
    Contract,
    Level,
    NearLimit,
    NearLimitDetector,
    NearLimitSettings,
    OrderBook,
    PeakGuard,
    QuarterHour,
    QuarterHourTracker,
    Relief,
    TripWatch,
    arbitrate,
    meter_limits,
)
from cem_core.model import (
    Device,
    DeviceKind,
    DeviceState,
    Direction,
    LimitsInForce,
    Plan,
    PowerLimit,
    Reading,
    Scope,
    Setpoint,
)
from cem_core.model.limit import PhaseSide
from cem_core.tariff import PeaksSoFar
from custom_components.cem.steady_load import SteadyLoad

# No secret, only another time than at the neighbours'. To ask the system each time
# would give Python's lock away in the middle of each decision.
_RANDOM: Final = Random()  # noqa: S311


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The home at one moment: what entities and the dashboard show."""

    time: datetime
    reading: Reading | None = None
    reading_s: float | None = None  # when it came, monotonic
    meter_silent: bool = True
    limits: tuple[PowerLimit, ...] = ()
    in_force: LimitsInForce = field(default_factory=LimitsInForce)
    near: tuple[tuple[PowerLimit, Level], ...] = ()  # what comes near, how near
    trip_s: float | None = None  # until the connection trips at this power
    powers_w: Mapping[Side, int] = field(default_factory=dict)
    quarter: QuarterHour | None = None
    load_w: int | None = None
    load_estimated: bool = False
    solar_w: int | None = None
    states: Mapping[str, DeviceState] = field(default_factory=dict)
    setpoints: Mapping[str, Setpoint] = field(default_factory=dict)
    warnings: tuple[DispatchWarning, ...] = ()
    insisted: Mapping[str, Insistence] = field(default_factory=dict)

    @property
    def grid_w(self) -> int | None:
        """Net power at the connection, None while the meter says nothing."""
        if self.reading is None or self.meter_silent:
            return None
        return self.reading.power_w


class FastLoop:
    """Carries what lasts from one reading to the next."""

    def __init__(
        self,
        contract: Contract,
        settings: DispatchSettings,
        *,
        insisted: Mapping[str, Insistence] | None = None,
        near: NearLimitSettings | None = None,
        trip: TripWatch | None = None,
        peak_guard: PeakGuard | None = None,
        chance: Callable[[], float] = _RANDOM.random,
    ) -> None:
        """Start with the contract and no reading.

        ``insisted`` are devices that were cut before a restart.
        """
        self._contract = contract
        self._static = contract.limits()
        self._import_most_w = min(
            (x.limit_w for x in self._static if x.direction is Direction.IMPORT),
            default=None,
        )
        self._peak_guard = peak_guard
        self._settings = settings
        self._chance = chance
        self._near = NearLimitDetector(near)
        self._trip = trip
        self._quarter = QuarterHourTracker()
        self._memory = Memory(insisted=insisted or {})
        self._load = SteadyLoad()
        self._reading: Reading | None = None
        self._reading_s: float | None = None

    def run(
        self,
        reading: Reading | None,
        *,
        now: datetime,
        monotonic_s: float,
        orders: OrderBook,
        plan: Plan | None,
        devices: Sequence[Device],
        states: Mapping[str, DeviceState],
        controlled: Sequence[PowerLimit] = (),
        peaks: PeaksSoFar | None = None,
        shed: Mapping[str, Direction] | None = None,
    ) -> tuple[Snapshot, tuple[NearLimit, ...]]:
        """Return the home as it is now, and which limits came near or not.

        ``controlled`` are the limits of a control box; ``peaks`` those of the
        billing window, None where nobody wants them kept; ``shed`` the devices
        that somebody turned down.
        """
        if reading is not None:
            self._reading, self._reading_s = reading, monotonic_s
            self._quarter.update(reading, now)
            if self._peak_guard is not None:
                fresh = plan if self._is_fresh(plan, now) else None
                self._peak_guard.update(reading, now, peaks or PeaksSoFar(), fresh)
        silent = (
            self._reading_s is None
            or monotonic_s - self._reading_s > self._settings.meter_silent_after_s
        )
        limits = (*self._limits(orders, now), *controlled)
        in_force = nearing = arbitrate(limits, now)
        if peaks is not None and not silent:
            # It is run into on purpose: no limit to warn of.
            limits = (*limits, *self._peak_limit())
            in_force = arbitrate(limits, now)
        dispatched = dispatch(
            now=now,
            monotonic_s=monotonic_s,
            reading=self._reading,
            limits=in_force,
            plan=plan,
            devices=devices,
            states=states,
            settings=self._settings,
            memory=self._memory,
            announced=orders.announced(now),
            chance=self._chance(),
            shed=shed,
        )
        self._memory = dispatched.memory
        heard = None if silent else self._reading
        grid_w = None if heard is None else heard.power_w
        trip_s = self._trip.update(heard, monotonic_s) if self._trip else None
        changes = self._near.update(
            nearing,
            dispatched.counted_w,
            at_s=monotonic_s,
            phases_w=_phase_powers(heard, nearing),
            trip_s=trip_s,
            meter_warns=heard is not None and bool(heard.limit_warning),
        )
        notices = tuple(
            replace(change, helping=self.relief(change.direction, states))
            if change.near
            else change
            for change in changes
        )
        load_w, estimated = house_load(grid_w, devices, states)
        load_w = self._load.update(load_w, monotonic_s)
        snapshot = Snapshot(
            time=now,
            reading=self._reading,
            reading_s=self._reading_s,
            meter_silent=silent,
            limits=limits,
            in_force=in_force,
            near=self._near.near,
            trip_s=trip_s,
            powers_w=dispatched.counted_w,
            quarter=None if silent else self._quarter.quarter,
            load_w=load_w,
            load_estimated=estimated,
            solar_w=_solar_w(devices, states),
            states=states,
            setpoints={order.device_id: order for order in dispatched.setpoints},
            warnings=dispatched.warnings,
            insisted=dispatched.memory.insisted,
        )
        return snapshot, notices

    @property
    def comeback(self) -> Comeback | None:
        """How devices come back after a power cut, None: nothing waits."""
        return self._memory.comeback

    @comeback.setter
    def comeback(self, comeback: Comeback | None) -> None:
        self._memory = replace(self._memory, comeback=comeback)

    def come_back(self, devices: Sequence[Device], *, since_s: float) -> None:
        """Let ``devices`` wait for their turns; power is back ``since_s``."""
        chances = [self._chance() for _ in devices]
        comeback = come_back(
            devices, since_s=since_s, chances=chances, settings=self._settings
        )
        self.comeback = comeback

    def relief(
        self, direction: Direction, states: Mapping[str, DeviceState]
    ) -> tuple[Relief, ...]:
        """Return what could be turned down now, first what is missed least."""
        fleet = self._memory.fleet
        return () if fleet is None else relief(direction, fleet, states)

    def _is_fresh(self, plan: Plan | None, now: datetime) -> bool:
        stale_after = self._settings.plan_stale_after
        return plan is not None and now - plan.created_at <= stale_after

    def _peak_limit(self) -> tuple[PowerLimit, ...]:
        """Return what keeps the peak; what is left of a period may be any power."""
        guard, most_w = self._peak_guard, self._import_most_w
        if guard is None or guard.limit is None:
            return ()
        if most_w is None or guard.limit.limit_w <= most_w:
            return (guard.limit,)
        return (replace(guard.limit, limit_w=most_w),)

    def _limits(self, orders: OrderBook, now: datetime) -> tuple[PowerLimit, ...]:
        metered = meter_limits(self._reading) if self._reading else ()
        of_phases = self._contract.of_phases(self._reading)
        return (*self._static, *of_phases, *metered, *orders.active(now))


def _phase_powers(
    reading: Reading | None, limits: LimitsInForce
) -> Mapping[PhaseSide, int]:
    """Return what flows in and out on each phase that has a limit."""
    if reading is None or not limits.per_phase:
        return {}
    powers: dict[PhaseSide, int] = {}
    for phase in reading.phases:
        if phase.import_power_w is None and phase.export_power_w is None:
            continue
        power_w = (phase.import_power_w or 0) - (phase.export_power_w or 0)
        powers[Direction.IMPORT, Scope.CONNECTION, phase.phase] = max(0, power_w)
        powers[Direction.EXPORT, Scope.CONNECTION, phase.phase] = max(0, -power_w)
    return powers


def believed_w(device: Device, state: DeviceState | None) -> tuple[int, bool]:
    """Return a device's power and whether it is only an estimate.

    Unmeasured: what it was told. Not answering: its rated power, the worst.
    """
    if state is None or not state.available:
        return device.rated_power_w, True
    if state.power_w is not None:
        return state.power_w, False
    if state.connected is False:
        return 0, True
    return state.setpoint_w or 0, True


def house_load(
    grid_w: int | None, devices: Sequence[Device], states: Mapping[str, DeviceState]
) -> tuple[int | None, bool]:
    """Return what cannot be controlled: never measured, so never counted twice.

    Load = connection point + solar + battery - the controlled devices.
    """
    if grid_w is None:
        return None, False
    load_w, estimated = grid_w, False
    for device in devices:
        state = states.get(device.device_id)
        power_w, guessed = believed_w(device, state)
        if guessed and state is not None and not state.available:
            power_w = state.power_w or 0
        estimated = estimated or guessed
        load_w += power_w if device.kind is DeviceKind.SOLAR else -power_w
    return load_w, estimated


def _solar_w(
    devices: Sequence[Device], states: Mapping[str, DeviceState]
) -> int | None:
    powers = [
        state.power_w
        for device in devices
        if device.kind is DeviceKind.SOLAR
        and (state := states.get(device.device_id)) is not None
        and state.power_w is not None
    ]
    return sum(powers) if powers else None
