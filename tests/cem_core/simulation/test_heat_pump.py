import pytest

from cem_core.simulation.heat_pump import HeatPump, HeatPumpParameters, SgReady

PARAMETERS = HeatPumpParameters(max_power_w=2500, min_power_w=625)


def heat_pump() -> HeatPump:
    return HeatPump(parameters=PARAMETERS, target_c=21, power_limit_w=2500)


def run(it: HeatPump, seconds: int, indoor_c: float) -> float:
    for _ in range(seconds):
        it.step(1, indoor_c=indoor_c, stuck=False)
    return it.compressor_w


def test_cop_rises_with_the_outdoor_temperature_within_bounds() -> None:
    cops = [PARAMETERS.cop(outdoor_c) for outdoor_c in range(-30, 45)]
    assert cops == sorted(cops)
    assert (cops[0], cops[-1]) == (1.8, 5.5)
    assert PARAMETERS.cop(7) == pytest.approx(3.56)


def test_its_thermostat_modulates() -> None:
    assert run(heat_pump(), 120, 19) == 2500
    assert 625 < run(heat_pump(), 120, 20.9) < 2500
    assert run(heat_pump(), 120, 22) == 0


def test_once_started_it_runs_its_minimum_time_at_its_minimum() -> None:
    it = heat_pump()
    run(it, 60, 19)
    assert run(it, 500, 23) == 625
    assert run(it, 60, 23) == 0


def test_once_stopped_it_stays_off_for_a_while() -> None:
    it = heat_pump()
    run(it, 700, 19)
    run(it, 60, 23)
    assert run(it, 200, 19) == 0
    assert run(it, 200, 19) == 2500


def test_a_power_limit_is_kept_at_once_even_below_the_minimum() -> None:
    it = heat_pump()
    run(it, 60, 19)
    it.power_limit_w = 1200
    assert run(it, 10, 19) == 1200
    it.power_limit_w = 400
    assert run(it, 10, 19) == 0


def test_the_sg_ready_lock_stops_it_at_once() -> None:
    it = heat_pump()
    run(it, 60, 19)
    it.sg_ready = SgReady.OFF
    assert run(it, 10, 19) == 0


def test_forced_it_runs_at_full_power_until_3_k_above() -> None:
    it = heat_pump()
    it.sg_ready = SgReady.FORCED
    assert run(it, 120, 23.5) == 2500
    run(it, 600, 24.1)
    assert run(it, 60, 24.1) == 0


def test_recommended_it_heats_one_kelvin_more() -> None:
    it = heat_pump()
    it.sg_ready = SgReady.RECOMMENDED
    assert run(it, 120, 21.7) > 625
    assert run(heat_pump(), 120, 21.7) == 0


def test_off_it_draws_its_standby() -> None:
    it = heat_pump()
    it.heating = False
    run(it, 60, 15)
    assert it.power_w == PARAMETERS.standby_w


def test_stuck_it_keeps_its_power() -> None:
    it = heat_pump()
    run(it, 60, 19)
    it.power_limit_w = 0
    it.step(1, indoor_c=19, stuck=True)
    assert it.compressor_w == 2500
