from hypothesis import given, strategies as st
import pytest

from cem_core.simulation.battery import Battery, BatteryMode, BatteryParameters


def battery(energy_wh: float = 5_000, watchdog_s: float | None = None) -> Battery:
    parameters = BatteryParameters(
        capacity_wh=10_000,
        min_energy_wh=1_000,
        charge_limit_w=5_000,
        discharge_limit_w=5_000,
        charge_efficiency=0.95,
        discharge_efficiency=0.9,
        watchdog_s=watchdog_s,
    )
    return Battery(parameters=parameters, energy_wh=energy_wh)


def external(energy_wh: float, setpoint_w: float) -> Battery:
    ordered = battery(energy_wh)
    ordered.order_mode(BatteryMode.EXTERNAL)
    ordered.order_setpoint(setpoint_w)
    return ordered


def run(it: Battery, seconds: int, grid_power_w: float = 0) -> tuple[float, float]:
    """Return what went in and what came out at the terminals, in Wh."""
    charged_wh = discharged_wh = 0.0
    for _ in range(seconds):
        it.step(1, grid_power_w=grid_power_w, stuck=False)
        charged_wh += max(0.0, it.power_w) / 3600
        discharged_wh += max(0.0, -it.power_w) / 3600
    return charged_wh, discharged_wh


@given(
    setpoints=st.lists(st.integers(-5000, 5000), min_size=1, max_size=20),
    energy_wh=st.integers(1000, 10_000),
)
def test_what_goes_in_less_what_is_lost_is_what_is_there(
    setpoints: list[int], energy_wh: int
) -> None:
    it = external(energy_wh, 0)
    charged_wh = discharged_wh = 0.0
    for setpoint_w in setpoints:
        it.order_setpoint(setpoint_w)
        more_in_wh, more_out_wh = run(it, 60)
        charged_wh += more_in_wh
        discharged_wh += more_out_wh
    stored_wh = it.energy_wh - energy_wh
    assert stored_wh == pytest.approx(0.95 * charged_wh - discharged_wh / 0.9, abs=1e-6)
    assert 1000 - 1e-6 <= it.energy_wh <= 10_000 + 1e-6


def test_it_follows_a_setpoint_within_seconds() -> None:
    it = external(5_000, -3_000)
    run(it, 3)
    assert it.power_w == -3_000


def test_a_full_battery_takes_nothing_and_an_empty_one_gives_nothing() -> None:
    full, empty = external(10_000, 5_000), external(1_000, -5_000)
    run(full, 10)
    run(empty, 10)
    assert (full.power_w, empty.power_w) == (0, 0)


def test_its_own_controller_brings_the_grid_to_zero() -> None:
    it = battery()
    house_w = 1_800.0
    for _ in range(20):
        it.step(1, grid_power_w=house_w + it.power_w, stuck=False)
    assert house_w + it.power_w == pytest.approx(0, abs=20)


def test_a_setpoint_means_nothing_in_other_modes() -> None:
    it = battery()
    it.order_mode(BatteryMode.IDLE)
    it.order_setpoint(4_000)
    run(it, 5, grid_power_w=2_000)
    assert it.power_w == 0


def test_without_orders_its_watchdog_returns_it_to_itself() -> None:
    it = battery(watchdog_s=30)
    it.order_mode(BatteryMode.EXTERNAL)
    it.order_setpoint(2_000)
    modes = []
    for seconds in (29, 29, 1):
        run(it, seconds)
        modes.append(it.mode)
        if len(modes) == 1:
            it.order_setpoint(2_000)  # the same again is an order too
    external_still = BatteryMode.EXTERNAL
    assert modes == [external_still, external_still, BatteryMode.SELF_CONSUMPTION]


def test_without_a_watchdog_it_obeys_for_ever() -> None:
    it = external(5_000, 100)
    run(it, 7200)
    assert it.mode is BatteryMode.EXTERNAL


def test_a_stuck_battery_keeps_its_power_until_it_is_full() -> None:
    it = external(9_990, 4_000)
    run(it, 2)
    it.order_setpoint(-4_000)
    it.step(1, grid_power_w=0, stuck=True)
    assert it.power_w == 4_000
    for _ in range(60):
        it.step(1, grid_power_w=0, stuck=True)
    assert it.power_w == pytest.approx(0, abs=1e-3)
    assert it.energy_wh == pytest.approx(10_000)
