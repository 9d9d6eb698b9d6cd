import pytest

from tests.optimizer.homes import HEAT_PUMP, home, plan, series

COLD = {
    "cop": 3.0,
    "t_min_c": 20.0,
    "t_max_c": 22.0,
    "outdoor_temperature_c": 0.0,
}


def test_the_house_follows_its_equation() -> None:
    result = plan(home(HEAT_PUMP), series([0.1, 0.3, 0.3], **COLD))
    pump = result["devices"]["heat_pump"]
    before = 20.0
    for power, indoor in zip(
        pump["power_kw"], pump["indoor_temperature_c"], strict=True
    ):
        expected = before + (3 * power - (before - 0) / 5) / 8
        assert indoor == pytest.approx(expected, abs=1e-5)
        before = indoor


def test_it_preheats_while_power_is_cheap() -> None:
    result = plan(home(HEAT_PUMP), series([0.1, 0.5, 0.5], **COLD))
    power = result["devices"]["heat_pump"]["power_kw"]
    assert power[0] > 1.5 > power[1]
    assert result["cost"]["comfort"] == 0


def test_comfort_that_cannot_be_kept_is_a_cost_not_a_relaxation() -> None:
    weak = {**HEAT_PUMP, "max_power_kw": 0.5}
    result = plan(home(weak), series([0.1] * 4, **COLD))
    assert result["status"] == "optimal"
    assert result["relaxed"] == []
    cold = [20 - t for t in result["devices"]["heat_pump"]["indoor_temperature_c"]]
    assert result["cost"]["comfort"] == pytest.approx(2 * sum(cold), rel=1e-5)


def test_free_heat_saves_electricity() -> None:
    sunny = {**HEAT_PUMP["thermal"], "gains_series": "gains_kw"}
    given = home({**HEAT_PUMP, "thermal": sunny})
    result = plan(given, series([0.2] * 3, gains_kw=4.0, **COLD))
    assert sum(result["devices"]["heat_pump"]["power_kw"]) == pytest.approx(0, abs=1e-6)
