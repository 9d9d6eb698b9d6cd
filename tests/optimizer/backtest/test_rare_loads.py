from dataclasses import replace

import numpy as np
import pytest

from optimizer.backtest.rare_loads import holdable, rare_loads
from tests.optimizer.backtest.test_stored_value import BATTERY

LOSSLESS = replace(
    BATTERY,
    min_energy_kwh=0.0,
    capacity_kwh=8.0,
    charge_efficiency=1.0,
    discharge_efficiency=1.0,
)


def test_half_a_battery_holds_what_its_energy_allows() -> None:
    net = np.full(48, 0.5)
    net[20:24] = 4.0  # two hours: 4 kWh, half of the battery, hold 2 kW
    assert holdable(LOSSLESS, net, 0.5, 48) == pytest.approx(2.0, abs=0.25)


def test_its_power_bounds_it_too() -> None:
    net = np.full(48, 0.5)
    net[20] = 6.0  # half an hour, 3 kW at most
    assert holdable(LOSSLESS, net, 0.5, 48) == pytest.approx(3.0)


def test_each_day_is_judged_for_itself() -> None:
    net = np.full(96, 0.5)
    net[70:76] = 3.8  # three hours
    assert holdable(LOSSLESS, net, 0.5, 48) == pytest.approx(
        [0.8, 3.8 - 4 / 3], abs=0.21
    )


def test_an_even_load_cannot_be_lowered() -> None:
    assert holdable(LOSSLESS, np.full(48, 1.0), 0.5, 48) == pytest.approx(1.0)


def test_a_rare_load_is_expected_about_its_hour() -> None:
    net = np.full(4 * 48, 0.5)
    net[48 + 36] = 5.0  # once, at 18:00
    rare = rare_loads(net, np.arange(4 * 48), 48)
    at = rare.net_kw(np.arange(48), np.zeros(48))
    assert at[36] == at[34] == 5.0
    assert at[12] == 0.5
    assert 0 < rare.share < 0.2


def test_planned_devices_come_on_top() -> None:
    rare = rare_loads(np.full(48, 1.0), np.arange(48), 48)
    at = rare.net_kw(np.array([0, 1]), np.array([2.0, 0.0, 9.0]))
    assert at == pytest.approx([3.0, 1.0])
