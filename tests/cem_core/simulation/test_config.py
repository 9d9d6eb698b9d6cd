from collections.abc import Callable
from typing import Any

import pytest

from cem_core.simulation.car import Habit
from cem_core.simulation.config import read_setup
from cem_core.simulation.fields import HomeError
from cem_core.simulation.registers import Standard
from tests.cem_core.simulation.conftest import demo_document

type Document = dict[str, Any]


def test_the_demo_home_is_what_it_says() -> None:
    setup = read_setup(demo_document())
    assert setup.p1.standard is Standard.BELGIUM
    assert setup.p1.host == "127.0.0.1"
    assert setup.mqtt is not None
    assert setup.mqtt.prefix == "cem_home"
    assert setup.battery is not None
    assert setup.battery.parameters.capacity_wh == 10_000
    assert setup.battery.energy_wh == 5_000
    assert setup.car is not None
    assert setup.car.charger.max_current_a == 16
    assert setup.heat_pump is not None
    assert setup.heat_pump.building.air_out_k_per_w == pytest.approx(0.010)
    assert setup.appliance is not None
    assert setup.appliance.profile_w[0] == 2000


def test_a_home_without_devices_and_section_is_a_meter_and_a_load() -> None:
    setup = read_setup({"time_zone": "Europe/Brussels"})
    assert (setup.battery, setup.car, setup.mqtt) == (None, None, None)
    assert setup.p1.port == 0


@pytest.mark.parametrize(
    "capacity", [{"peak_so_far_kw": 4}, [{"peak_so_far_kw": 4}, {"price_per_kw": 1}]]
)
def test_the_meter_has_the_month_peak_of_the_first_capacity_charge(
    capacity: object,
) -> None:
    home = {"time_zone": "Europe/Brussels", "tariff": {"capacity": capacity}}
    assert read_setup(home).month_peak_w == 4000


def test_habits_of_the_car_can_be_given() -> None:
    document = demo_document()
    document["simulate"]["car"]["habits"] = [
        {"weekdays": ["monday"], "arrive": "18:00", "depart": "07:00", "energy_kwh": 5}
    ]
    setup = read_setup(document)
    assert setup.car is not None
    [habit] = setup.car.habits
    assert isinstance(habit, Habit)
    assert (habit.weekdays, habit.energy_wh) == (frozenset({0}), 5000)


def put(*path: str | int, value: object) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        place: Any = document
        for part in path[:-1]:
            place = place[part]
        place[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (put("simulate", "sed", value=1), "simulate.sed: unknown field; allowed: "),
        (put("simulate", "p1", "prot", value=1), "simulate.p1.prot: unknown field"),
        (put("simulate", "p1", "port", value=70000), "simulate.p1.port: 70000 is out"),
        (put("simulate", "p1", "port", value="x"), "simulate.p1.port: a number"),
        (put("simulate", "p1", "port", value=True), "simulate.p1.port: a number"),
        (put("simulate", "p1", "standard", value="uk"), "belgium, dsmr5, not 'uk'"),
        (put("simulate", "mqtt", "prefix", value="a/b"), "simulate.mqtt.prefix"),
        (put("simulate", "car", value=3), "simulate.car: a mapping"),
        (put("simulate", "car", "plugged", value="yes"), "true or false"),
        (
            put("simulate", "car", "habits", value=[{"weekdays": ["Monday"]}]),
            r"simulate.car.habits\[0\].weekdays: a list of monday",
        ),
        (put("simulate", "building", value={"r": 1}), "simulate.building.r: unknown"),
        (put("simulate", "modbus", value={"port": -1}), "simulate.modbus.port: -1"),
        (put("devices", 1, "initial_energy_kwh", value=11), "initial_energy_kwh: 11"),
        (
            put("devices", 4, "profile_kw", value=[2, "x"]),
            "profile_kw: 'x' is no power",
        ),
        (put("devices", 4, "profile_kw", value=[]), "profile_kw: a list of powers"),
        (put("devices", 1, "capacity_kwh", value=-1), r"devices\[1\].capacity_kwh"),
        (put("devices", 1, "charge_limit_kw", value=None), "charge_limit_kw: is miss"),
        (put("devices", 0, "kind", value="battery"), r"devices\[1\].kind: only one"),
        (put("devices", 0, "kind", value="boiler"), r"devices\[0\].kind: one of"),
        (put("time_zone", value="Mars/Base"), "time_zone: 'Mars/Base'"),
    ],
)
def test_what_cannot_be_played_is_named(
    change: Callable[[Document], None], message: str
) -> None:
    document = demo_document()
    change(document)
    with pytest.raises(HomeError, match=message):
        read_setup(document)


@pytest.mark.parametrize(
    ("section", "path", "said"),
    [
        ({"ocpp": {}}, ("ocpp", "url"), "is missing"),
        ({"ocpp": {"url": "http://x"}}, ("ocpp", "url"), "such as ws://"),
        ({"s2": {"url": "ws://x"}}, ("s2", "battery_token"), "is missing"),
        ({"eebus": {"state": "s", "peer": "12"}}, ("eebus", "peer"), "is no SKI"),
    ],
)
def test_a_network_that_cannot_be_is_refused(
    section: Document, path: tuple[str, ...], said: str
) -> None:
    document = demo_document()
    document["simulate"] |= section
    with pytest.raises(HomeError, match=said) as refused:
        read_setup(document)
    assert refused.value.path == ("simulate", *path)


def test_a_network_needs_its_device() -> None:
    document = demo_document()
    document["devices"] = [d for d in document["devices"] if d["kind"] != "battery"]
    document["simulate"]["s2"] = {"url": "ws://x/s2", "battery_token": "t"}
    with pytest.raises(HomeError, match="the home has no battery"):
        read_setup(document)
