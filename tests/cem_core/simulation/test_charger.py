from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from cem_core.simulation.car import Calendar, Car
from cem_core.simulation.charger import Charger, ChargerParameters, ChargerStatus

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
VOLTS = (230.0, 230.0, 230.0)


def charger(energy_wh: float = 20_000) -> Charger:
    calendar = Calendar(habits=(), time_zone=ZoneInfo("UTC"), seed=1)
    car = Car(capacity_wh=60_000, energy_wh=energy_wh, calendar=calendar)
    car.plug_in(NOW)
    return Charger(parameters=ChargerParameters(), car=car)


def run(it: Charger, seconds: int) -> list[float]:
    powers = []
    for _ in range(seconds):
        it.step(1, now=NOW, voltages_v=VOLTS, stuck=False)
        powers.append(it.power_w)
    return powers


def test_it_starts_after_some_seconds_at_6_a_and_ramps_to_11_kw() -> None:
    it = charger()
    powers = run(it, 12)
    assert powers[:2] == [0, 0]
    assert powers[2] == 6 * 3 * 230
    assert powers == sorted(powers)
    assert powers[-1] == 16 * 3 * 230
    assert it.status is ChargerStatus.CHARGING


def test_a_lower_limit_is_kept_within_the_5_s_of_iec_61851() -> None:
    it = charger()
    run(it, 20)
    it.current_limit_a = 6
    assert run(it, 5)[-1] == 6 * 3 * 230


def test_switched_off_it_is_off_within_5_s() -> None:
    it = charger()
    run(it, 20)
    it.enabled = False
    assert run(it, 5)[-1] == 0
    assert it.status is ChargerStatus.WAITING


def test_power_is_never_between_0_and_6_a() -> None:
    it = charger()
    powers = run(it, 20)
    it.enabled = False
    powers += run(it, 10)
    it.enabled = True
    powers += run(it, 10)
    assert all(power_w == 0 or power_w >= 6 * 3 * 230 for power_w in powers)


def test_what_it_draws_less_losses_is_in_the_car() -> None:
    it = charger()
    before_wh = it.car.energy_wh
    drawn_wh = sum(run(it, 1800)) / 3600
    assert drawn_wh > 5_000
    assert it.car.energy_wh - before_wh == pytest.approx(0.9 * drawn_wh)


def test_a_full_car_stops() -> None:
    it = charger(energy_wh=59_950)
    run(it, 120)
    assert (it.power_w, it.status) == (0, ChargerStatus.FULL)
    assert it.car.energy_wh == 60_000


def test_unplugged_it_draws_nothing() -> None:
    it = charger()
    run(it, 20)
    it.car.unplug(NOW)
    it.step(1, now=NOW, voltages_v=VOLTS, stuck=False)
    assert (it.power_w, it.status) == (0, ChargerStatus.DISCONNECTED)


def test_stuck_it_keeps_its_power() -> None:
    it = charger()
    run(it, 20)
    it.enabled = False
    it.step(1, now=NOW, voltages_v=VOLTS, stuck=True)
    assert it.power_w == 16 * 3 * 230
