"""Solar, the appliance and the uncontrolled load."""

import random

import pytest

from cem_core.simulation.appliance import (
    STANDBY_W,
    Appliance,
    ApplianceParameters,
    ApplianceState,
)
from cem_core.simulation.load import Load
from cem_core.simulation.mains import Mains
from cem_core.simulation.solar import Solar, SolarParameters


def draw() -> random.Random:
    return random.Random(7)  # noqa: S311 (no secret)


def solar(clouds: float = 0.0) -> Solar:
    return Solar(
        parameters=SolarParameters(rated_w=6000, clouds=clouds),
        limit_w=6000,
        draw=draw(),
    )


def appliance() -> Appliance:
    return Appliance(
        parameters=ApplianceParameters(
            profile_w=(2000, 300, 2000), profile_step_s=60, reload_s=100
        )
    )


def test_solar_follows_the_sky_up_to_its_rating() -> None:
    it = solar()
    for _ in range(10):
        it.step(1, sky_w=7000, stuck=False)
    assert it.power_w == 6000
    it.step(1, sky_w=0, stuck=False)
    assert it.power_w == 0


def test_curtailed_it_comes_down_within_seconds_and_returns() -> None:
    it = solar()
    for _ in range(10):
        it.step(1, sky_w=5000, stuck=False)
    it.limit_w = 1000
    for _ in range(5):
        it.step(1, sky_w=5000, stuck=False)
    assert it.power_w == 1000
    it.limit_w = 6000
    for _ in range(5):
        it.step(1, sky_w=5000, stuck=False)
    assert it.power_w == 5000


def test_clouds_keep_the_mean() -> None:
    it = solar(clouds=0.1)
    energy_wh, powers = 0.0, set()
    for _ in range(3600):
        it.step(1, sky_w=3000, stuck=False)
        powers.add(round(it.power_w))
        energy_wh += it.power_w / 3600
    assert energy_wh == pytest.approx(3000, rel=0.03)
    assert len(powers) > 300


def test_an_appliance_runs_its_whole_programme_and_only_once() -> None:
    it = appliance()
    it.step(1, stuck=False)
    assert it.power_w == STANDBY_W
    assert it.start()
    assert not it.start()
    energy_ws = 0.0
    for _ in range(180):
        it.step(1, stuck=False)
        energy_ws += it.power_w
    assert energy_ws == 60 * (2000 + 300 + 2000)
    it.step(1, stuck=False)
    assert (it.state, it.power_w) == (ApplianceState.DONE, STANDBY_W)
    assert not it.start()


def test_somebody_loads_it_again() -> None:
    it = appliance()
    it.start()
    for _ in range(180 + 102):
        it.step(1, stuck=False)
    assert it.state is ApplianceState.READY


@pytest.mark.parametrize("mean_w", [60, 300, 1200, 4700])
def test_a_restless_load_keeps_the_mean_of_its_series(mean_w: float) -> None:
    it = Load(draw=draw())
    energy_wh, powers = 0.0, set()
    for _ in range(20 * 3600):
        it.step(1, mean_w=mean_w)
        assert it.power_w >= 0
        assert sum(it.phases_w) == pytest.approx(it.power_w)
        powers.add(round(it.power_w))
        energy_wh += it.power_w / 3600
    assert energy_wh / 20 == pytest.approx(mean_w, rel=0.05)
    assert len(powers) > 10


def test_a_loaded_phase_has_a_lower_voltage() -> None:
    mains = Mains(draw=draw())
    for _ in range(100):
        mains.step(1, (5000.0, 0.0, -5000.0))
    first, second, third = mains.step(1, (5000.0, 0.0, -5000.0))
    assert first.voltage_v < second.voltage_v < third.voltage_v
    assert 207 < first.voltage_v < 253
    assert first.current_a == pytest.approx(5000 / first.voltage_v / 0.98)
    assert second.current_a == 0
