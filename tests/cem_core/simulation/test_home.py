from collections.abc import Callable

import pytest

from cem_core.simulation.faults import Fault, Order
from cem_core.simulation.home import Home
from cem_core.simulation.orders import obey
from tests.cem_core.simulation.conftest import NewHome


def device_power_w(home: Home) -> float:
    assert home.battery
    assert home.solar
    assert home.charger
    assert home.heat_pump
    assert home.appliance
    return (
        home.load.power_w
        + home.battery.power_w
        + home.charger.power_w
        + home.heat_pump.power_w
        + home.appliance.power_w
        - home.solar.power_w
    )


def test_the_meter_counts_what_the_devices_draw(home: Home) -> None:
    before = sum(home.registers.import_wh.values())
    before_out = sum(home.registers.export_wh.values())
    net_wh = 0.0
    for _ in range(3600):
        home.step()
        assert home.grid_power_w == pytest.approx(device_power_w(home), abs=1e-6)
        net_wh += device_power_w(home) / 3600
    counted_wh = sum(home.registers.import_wh.values()) - before
    counted_wh -= sum(home.registers.export_wh.values()) - before_out
    assert counted_wh == pytest.approx(net_wh)


@pytest.mark.soak
def test_two_days_are_plausible(home: Home) -> None:
    assert home.building
    assert home.charger
    assert home.solar
    assert home.heat_pump
    used_wh = dict.fromkeys(("load", "series", "solar", "sky", "heat_pump", "car"), 0.0)
    temperatures_c = []
    for _ in range(48 * 3600):
        home.step()
        used_wh["load"] += home.load.power_w / 3600
        used_wh["series"] += home.series.at("load_kw", home.now) / 3.6
        used_wh["solar"] += home.solar.power_w / 3600
        used_wh["sky"] += home.series.at("pv_kw", home.now) / 3.6
        used_wh["heat_pump"] += home.heat_pump.power_w / 3600
        used_wh["car"] += home.charger.power_w / 3600
        temperatures_c.append(home.building.air_c)
    assert 20 < min(temperatures_c) < max(temperatures_c) < 24
    assert used_wh["load"] == pytest.approx(used_wh["series"], rel=0.1)
    assert used_wh["solar"] == pytest.approx(used_wh["sky"], rel=0.03)
    assert 10_000 < used_wh["heat_pump"] < 50_000
    assert 40_000 < used_wh["car"] < 80_000


def test_the_same_seed_is_the_same_home(new_home: NewHome) -> None:
    one, other = new_home(), new_home()
    for _ in range(60):
        one.step()
        other.step()
    assert one.telegram() == other.telegram()


def test_a_battery_s_power_is_seen_at_the_meter(home: Home) -> None:
    obey(home, "charger", "enabled", "OFF")
    obey(home, "battery", "mode", "external")
    obey(home, "battery", "setpoint", "0")
    for _ in range(60):
        home.step()
    before_w = home.grid_power_w - home.load.power_w
    obey(home, "battery", "setpoint", "-3000")
    for _ in range(5):
        home.step()
    change_w = home.grid_power_w - home.load.power_w - before_w
    assert change_w == pytest.approx(-3000, abs=400)  # clouds and compressor


@pytest.mark.parametrize(
    ("device", "key", "payload"),
    [
        ("charger", "enabled", "OFF"),
        ("solar", "limit", "0"),
        ("heat_pump", "sg_ready", "off"),
    ],
)
def test_a_stuck_device_takes_orders_and_does_nothing(
    home: Home, device: str, key: str, payload: str
) -> None:
    powers: dict[str, Callable[[], float | None]] = {
        "charger": lambda: home.charger.current_a if home.charger else None,
        "solar": lambda: home.solar.power_w if home.solar else None,
        "heat_pump": lambda: home.heat_pump.power_w if home.heat_pump else None,
    }
    for _ in range(120):
        home.step()
    before = powers[device]()
    assert before
    home.befall(Order(fault=Fault.STUCK, device=device, seconds=30))
    obey(home, device, key, payload)
    for _ in range(20):
        home.step()
    assert powers[device]() == before
    for _ in range(30):
        home.step()
    assert powers[device]() != before
