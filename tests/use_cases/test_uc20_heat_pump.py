"""UC20: the heat pump warms up before the peak and pauses in it, in comfort."""

from tests.optimizer.homes import HEAT_PUMP, home, plan, series

PEAK = range(6, 9)
PRICES = [0.15] * 6 + [0.60] * 3 + [0.15] * 7
FLAT = [0.15] * 16
COLUMNS = {
    "cop": 3.0,
    "t_min_c": 20.0,
    "t_max_c": 23.0,
    "outdoor_temperature_c": 3.0,
}


def heat_pump(prices: list[float]) -> tuple[list[float], list[float]]:
    result = plan(home(HEAT_PUMP), series(prices, **COLUMNS))
    device = result["devices"]["heat_pump"]
    return device["power_kw"], device["indoor_temperature_c"]


def test_in_the_peak_hours_it_takes_at_most_a_third() -> None:
    normal_kw, _ = heat_pump(FLAT)
    power_kw, _ = heat_pump(PRICES)

    in_peak = sum(power_kw[t] for t in PEAK)
    assert in_peak <= 0.3 * sum(normal_kw[t] for t in PEAK)


def test_it_stays_inside_the_comfort_band() -> None:
    _, indoor_c = heat_pump(PRICES)

    assert min(indoor_c) >= 20.0 - 0.2
    assert max(indoor_c) <= 23.0 + 0.2


def test_the_rebound_is_no_new_peak() -> None:
    before_kw, _ = heat_pump(FLAT)
    after_kw, _ = heat_pump(PRICES)

    assert max(after_kw) <= 3.0 + 1e-6
    assert sum(after_kw) <= 1.2 * sum(before_kw)
