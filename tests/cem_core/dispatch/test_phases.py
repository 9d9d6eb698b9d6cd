"""Limits on each phase, and the imbalance that generation and charging may cause."""

from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import given, settings, strategies as st
import pytest

from cem_core.dispatch import DispatchSettings, Memory, WarningCode, dispatch
from cem_core.model import (
    Device,
    DeviceKind,
    DeviceState,
    Direction,
    LimitsInForce,
    LimitSource,
    PhaseReading,
    PowerLimit,
    Reading,
    Scope,
)
from tests.cem_core.dispatch.home import BATTERY, CAR, START, Home, Machine

FUSE_W = 5750  # 25 A at 230 V
EVENLY = (1 / 3, 1 / 3, 1 / 3)

SMALL_CAR = replace(
    CAR, device_id="small", rated_power_w=7360, min_power_w=1380, step_w=230
)
THREE_PHASE_CAR = replace(CAR, phases=(1, 2, 3))


def on(*phases: int) -> tuple[float, float, float]:
    return tuple(1 / len(phases) if p in phases else 0.0 for p in (1, 2, 3))  # type: ignore[return-value]


def fuses(
    limit_w: int = FUSE_W, direction: Direction = Direction.IMPORT
) -> LimitsInForce:
    return LimitsInForce(
        per_phase={
            (direction, Scope.CONNECTION, phase): PowerLimit(
                limit_id=f"fuse_{direction}_{phase}",
                source=LimitSource.METER,
                issuer="meter",
                direction=direction,
                scope=Scope.CONNECTION,
                limit_w=limit_w,
                phase=phase,
            )
            for phase in (1, 2, 3)
        }
    )


@dataclass
class PhasedHome(Home):
    """``truth``: on which phases a machine stands, ``base_w`` the rest of the house."""

    truth: dict[str, tuple[float, float, float]] = field(default_factory=dict)
    base_w: tuple[float, float, float] = (500.0, 500.0, 500.0)
    phases: list[list[float]] = field(default_factory=list)
    currents_only: bool = False

    def measure(self, grid_w: int) -> Reading:
        del grid_w
        powers = list(self.base_w)
        for machine in self.machines:
            shares = self.truth.get(machine.device.device_id, EVENLY)
            for place, share in enumerate(shares):
                powers[place] += share * machine.grid_w
        self.phases.append(powers)
        return Reading(
            format="dsmr",
            import_power_w=max(0, round(sum(powers))),
            export_power_w=max(0, -round(sum(powers))),
            phases=tuple(self._phase(n, w) for n, w in enumerate(powers, 1)),
        )

    def _phase(self, phase: int, power_w: float) -> PhaseReading:
        if self.currents_only:
            return PhaseReading(
                phase=phase, voltage_v=230.0, current_a=abs(power_w) / 230
            )
        return PhaseReading(
            phase=phase,
            import_power_w=max(0, round(power_w)),
            export_power_w=max(0, -round(power_w)),
        )

    def highest(self, phase: int, since: int = 0) -> float:
        return max(powers[phase - 1] for powers in self.phases[since:])


def plugged(home: PhasedHome) -> PhasedHome:
    home.run(15)
    return home


@pytest.mark.parametrize("currents_only", [False, True])
@pytest.mark.parametrize("phases", [(2,), ()], ids=["known", "unknown"])
def test_a_single_phase_car_keeps_its_fuse(
    *, phases: tuple[int, ...], currents_only: bool
) -> None:
    car = Machine(replace(SMALL_CAR, phases=phases), 7360, 2, own_w=7360)
    home = PhasedHome(
        [car],
        truth={"small": on(2)},
        base_w=(300, 1500, 300),
        currents_only=currents_only,
    )
    home.run(15)
    assert home.highest(2) > FUSE_W
    home.limits = fuses()
    home.run(200)
    assert home.highest(2, since=25) <= FUSE_W
    # 5750 - 1500 W are 4250 W, less the margin of 1 %: 18 A.
    assert car.power_w == 4140
    assert home.changes("small", since=60) == 0


@pytest.mark.parametrize("truth", [1, 3])
def test_of_an_unknown_phase_the_fullest_counts_until_it_is_shown_not_to_be(
    truth: int,
) -> None:
    car = Machine(SMALL_CAR, 0, 2)
    home = PhasedHome([car], truth={"small": on(truth)}, base_w=(300, 300, 4000))
    home.limits = fuses()
    home.run(2)
    assert home.ordered("small") == [1610, 1610]
    home.run(200)
    assert max(home.highest(phase) for phase in (1, 2, 3)) <= FUSE_W
    assert car.power_w == {1: 5290, 3: 1610}[truth]


def test_of_a_known_phase_the_others_do_not_count() -> None:
    car = Machine(replace(SMALL_CAR, phases=(1,), rated_power_w=3680), 0, 2)
    home = PhasedHome([car], truth={"small": on(1)}, base_w=(300, 300, 5700))
    home.limits = fuses()
    home.run(200)
    assert car.power_w == 3680


def test_only_who_stands_on_the_phase_gives_way() -> None:
    first = Machine(replace(SMALL_CAR, phases=(1,)), 3680, 2, own_w=3680)
    second = Machine(
        replace(SMALL_CAR, device_id="second", phases=(2,)), 3680, 2, own_w=3680
    )
    home = PhasedHome(
        [first, second],
        truth={"small": on(1), "second": on(2)},
        base_w=(4000, 300, 300),
    )
    home.limits = fuses()
    home.run(200)
    assert first.power_w == 0 or first.power_w + 4000 <= FUSE_W
    assert second.power_w > 5000


def test_a_three_phase_car_follows_the_fullest_phase() -> None:
    car = Machine(THREE_PHASE_CAR, 11_040, 2, own_w=11_040)
    home = PhasedHome([car], base_w=(300, 3300, 300))
    home.limits = fuses()
    home.run(200)
    assert home.highest(2, since=10) <= FUSE_W
    assert car.power_w == 3 * 230 * 10  # 10 A: 2300 of the 2450 W that are left


def test_a_car_that_uses_one_phase_of_three_counts_there_alone() -> None:
    device = replace(SMALL_CAR, phases=(3, 1, 2))
    car = Machine(device, 0, 2)
    home = PhasedHome([car], truth={"small": on(3)}, base_w=(5600, 5600, 300))
    home.states["small"] = {"phases_in_use": 1}
    home.limits = fuses()
    home.run(200)
    assert car.power_w == 5290
    assert home.highest(3) <= FUSE_W


def test_solar_on_one_phase_is_turned_down_for_that_phase_alone() -> None:
    roof = Device(
        device_id="roof",
        name="Roof",
        kind=DeviceKind.SOLAR,
        rated_power_w=8000,
        step_w=10,
        phases=(1,),
        counts_as_controllable=False,
    )
    other = replace(roof, device_id="other", phases=(2,), rated_power_w=4000)
    home = PhasedHome(
        [Machine(roof, 8000, 2, own_w=8000), Machine(other, 4000, 2, own_w=4000)],
        truth={"roof": on(1), "other": on(2)},
    )
    home.limits = fuses(direction=Direction.EXPORT)
    home.run(100)
    lowest = min(powers[0] for powers in home.phases[10:])
    assert -FUSE_W <= lowest <= -0.95 * FUSE_W
    assert home.machines[1].power_w == 4000


def test_a_battery_takes_in_no_more_than_its_phase_carries() -> None:
    battery = Machine(replace(BATTERY, phases=(1,)), 0, 1)
    home = PhasedHome([battery], truth={"battery": on(1)}, base_w=(3000, -6000, -6000))
    home.limits = fuses()
    home.run(60)
    assert 2000 < battery.power_w <= FUSE_W - 3000
    assert home.highest(1) <= FUSE_W


def test_power_comes_back_when_the_limit_has_gone() -> None:
    car = Machine(replace(SMALL_CAR, phases=(2,)), 7360, 2, own_w=7360)
    home = PhasedHome([car], truth={"small": on(2)}, base_w=(300, 2000, 300))
    home.limits = fuses()
    home.run(60)
    assert car.power_w < 3800
    home.limits = LimitsInForce()
    home.run(20)
    assert car.power_w < 6000, "not all at once"
    home.run(100)
    assert car.power_w == 7360


def test_what_cannot_be_kept_is_said() -> None:
    home = PhasedHome([Machine(SMALL_CAR)], base_w=(300, 300, 7000))
    home.limits = fuses()
    home.run(30)
    assert home.last is not None
    [warning] = [w for w in home.last.warnings if w.code is WarningCode.LIMIT_NOT_KEPT]
    assert dict(warning.message.values)["limit"] == "fuse_import_3"


def test_while_the_meter_is_silent_what_is_on_a_fuse_goes_to_its_floor() -> None:
    car = Machine(replace(SMALL_CAR, phases=(2,)), 3680, 2, own_w=3680)
    home = PhasedHome([car], truth={"small": on(2)})
    home.limits = fuses()
    home.run(20)
    home.silent = True
    home.run(15)
    assert car.power_w == 0


def test_a_meter_without_phases_may_have_all_of_it_on_one() -> None:
    home = Home([Machine(replace(SMALL_CAR, phases=(2,)), 7360, 2, own_w=7360)])
    home.limits = fuses()
    home.run(100)
    assert max(home.grid[10:]) <= FUSE_W


@settings(max_examples=40, deadline=None)
@given(
    lag_s=st.integers(1, 8),
    report_s=st.integers(0, 3),
    phase=st.sampled_from([1, 2, 3]),
    known=st.booleans(),
    measured=st.booleans(),
    base_w=st.integers(0, 4000),
)
def test_a_fuse_settles_whatever_the_delay(
    *, lag_s: int, report_s: int, phase: int, known: bool, measured: bool, base_w: int
) -> None:
    device = replace(SMALL_CAR, phases=(phase,) if known else ())
    car = Machine(device, 7360, lag_s, report_s=report_s, own_w=7360, measured=measured)
    home = PhasedHome(
        [car, Machine(THREE_PHASE_CAR, 0, lag_s)],
        truth={"small": on(phase)},
        base_w=(base_w, 500, 500),
    )
    home.run(20)
    home.limits = fuses()
    home.run(300)
    for each in (1, 2, 3):
        assert home.highest(each, since=20 + 2 * 15) <= FUSE_W
    assert home.changes("small", since=220) <= 2


# Imbalance: 4.6 kVA by VDE-AR-N 4100 5.5.2.

BALANCED = DispatchSettings(imbalance_w=4600)


def imbalance(home: PhasedHome, kinds: tuple[str, ...]) -> float:
    """Return the highest difference of two phases by the machines of ``kinds``."""
    powers = [0.0] * 3
    for machine in home.machines:
        if machine.device.device_id in kinds:
            shares = home.truth.get(machine.device.device_id, EVENLY)
            for place, share in enumerate(shares):
                powers[place] += share * machine.grid_w
    return max(powers) - min(powers)


@pytest.mark.parametrize("phases", [(2,), ()], ids=["known", "unknown"])
def test_a_car_of_32_a_on_one_phase_gets_20(phases: tuple[int, ...]) -> None:
    car = Machine(replace(SMALL_CAR, phases=phases), 0, 2)
    home = PhasedHome([car], settings=BALANCED, truth={"small": on(2)})
    home.run(60)
    assert car.power_w == 4370  # 19 A, as the margin of 50 W leaves no 20
    assert imbalance(home, ("small",)) <= 4600


def test_a_car_of_16_a_is_left_alone() -> None:
    car = Machine(replace(SMALL_CAR, rated_power_w=3680, phases=(2,)), 0, 2)
    home = PhasedHome([car], settings=BALANCED, truth={"small": on(2)})
    home.run(60)
    assert car.power_w == 3680


def test_a_heat_pump_and_the_house_may_be_as_uneven_as_they_are() -> None:
    heat_pump = Device(
        device_id="heat_pump",
        name="Heat pump",
        kind=DeviceKind.HEAT_PUMP,
        rated_power_w=8000,
        step_w=10,
        phases=(1,),
    )
    machine = Machine(heat_pump, 8000, own_w=8000)
    home = PhasedHome(
        [machine],
        settings=BALANCED,
        truth={"heat_pump": on(1)},
        base_w=(9000, 0, 0),
    )
    home.run(60)
    assert machine.power_w == 8000


def test_solar_on_the_cars_own_phase_makes_room_for_it() -> None:
    roof = Device(
        device_id="roof",
        name="Roof",
        kind=DeviceKind.SOLAR,
        rated_power_w=4600,
        step_w=10,
        phases=(2,),
        counts_as_controllable=False,
    )
    car = Machine(replace(SMALL_CAR, phases=(2,)), 0, 2)
    sun = Machine(roof, 3000, 1, own_w=3000)
    home = PhasedHome(
        [car, sun], settings=BALANCED, truth={"small": on(2), "roof": on(2)}
    )
    home.run(100)
    assert car.power_w == 7360
    sun.own_w = 0  # a cloud
    home.run(10)
    assert imbalance(home, ("small", "roof")) <= 4600


def test_solar_on_another_phase_leaves_less() -> None:
    roof = Device(
        device_id="roof",
        name="Roof",
        kind=DeviceKind.SOLAR,
        rated_power_w=4600,
        step_w=10,
        phases=(1,),
        counts_as_controllable=False,
    )
    car = Machine(replace(SMALL_CAR, phases=(2,)), 0, 2)
    home = PhasedHome(
        [car, Machine(roof, 3000, 1, own_w=3000)],
        settings=BALANCED,
        truth={"small": on(2), "roof": on(1)},
    )
    home.run(100)
    assert imbalance(home, ("small", "roof")) <= 4600
    assert home.machines[1].power_w == 3000, "the car gives way, not the sun"


@settings(max_examples=200)
@given(st.data())
def test_no_setpoints_are_more_uneven_than_allowed(data: st.DataObject) -> None:
    def device(place: int) -> tuple[Device, DeviceState]:
        kind = data.draw(
            st.sampled_from(
                [DeviceKind.SOLAR, DeviceKind.BATTERY, DeviceKind.EV_CHARGER]
            )
        )
        rated_w = data.draw(st.integers(1000, 11_000))
        values: dict[str, Any] = {
            "phases": data.draw(st.sampled_from([(1,), (2,), (3,), (1, 2, 3), (3, 1)])),
            "rated_discharge_w": rated_w if kind is DeviceKind.BATTERY else 0,
            "min_power_w": 1000 if kind is DeviceKind.EV_CHARGER else 0,
        }
        made = Device(
            device_id=f"d{place}",
            name="",
            kind=kind,
            rated_power_w=rated_w,
            step_w=10,
            **values,
        )
        power_w = data.draw(st.integers(0, rated_w))
        return made, DeviceState(device_id=f"d{place}", time=START, power_w=power_w)

    found = [device(place) for place in range(data.draw(st.integers(1, 5)))]
    devices = [made for made, _ in found]
    grid_w = data.draw(st.integers(-20_000, 20_000))
    result = dispatch(
        now=START,
        monotonic_s=1000.0,
        reading=Reading(
            format="dsmr",
            import_power_w=max(0, grid_w),
            export_power_w=max(0, -grid_w),
        ),
        limits=LimitsInForce(),
        plan=None,
        devices=devices,
        states={made.device_id: state for made, state in found},
        settings=BALANCED,
        memory=Memory(),
    )
    powers = [0.0] * 3
    for (made, state), setpoint in zip(found, result.setpoints, strict=True):
        power_w = state.power_w if setpoint.power_w is None else setpoint.power_w
        if made.kind is DeviceKind.SOLAR:
            power_w = -min(power_w or 0, state.power_w or 0)
        for phase in made.phases:
            powers[phase - 1] += (power_w or 0) / len(made.phases)
    assert max(powers) - min(powers) <= 4600
