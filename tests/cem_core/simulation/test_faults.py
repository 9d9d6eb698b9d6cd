from datetime import timedelta

import pytest

from cem_core.simulation.charger import ChargerStatus
from cem_core.simulation.faults import Fault, FaultError, Order, order_from_json
from cem_core.simulation.home import Home
from cem_core.simulation.orders import RefusedError, obey

NAMES = {"car": "charger"}


def test_an_order_has_defaults() -> None:
    order = order_from_json({"fault": "silence"}, NAMES)
    assert order == Order(fault=Fault.SILENCE, device="meter", seconds=60)


def test_an_id_of_home_yaml_names_the_device() -> None:
    order = order_from_json({"fault": "stuck", "device": "car", "seconds": 3}, NAMES)
    assert order == Order(fault=Fault.STUCK, device="charger", seconds=3)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ([], "a JSON object"),
        ({}, "fault: one of silence"),
        ({"fault": "flood"}, "fault: one of silence"),
        ({"fault": []}, "fault: one of silence"),
        ({"fault": "stuck", "device": "meter"}, "device: stuck befalls battery"),
        ({"fault": "stuck", "device": 3}, "device: a text"),
        ({"fault": "stuck", "seconds": -1}, "seconds: at least 0"),
        ({"fault": "stuck", "seconds": "9"}, "seconds: a number"),
        ({"fault": "stuck", "for": 9}, "for: unknown field"),
    ],
)
def test_an_order_that_makes_no_sense_is_refused(
    document: object, message: str
) -> None:
    with pytest.raises(FaultError, match=message):
        order_from_json(document, NAMES)


def test_a_fault_ends_by_itself_or_by_zero_seconds(home: Home) -> None:
    home.befall(Order(fault=Fault.REFUSE, device="battery", seconds=10))
    with pytest.raises(RefusedError, match="takes no orders"):
        obey(home, "battery", "setpoint", "100")
    obey(home, "charger", "enabled", "OFF")
    home.now += timedelta(seconds=10)
    obey(home, "battery", "setpoint", "100")
    home.befall(Order(fault=Fault.REFUSE, device="battery", seconds=10))
    home.befall(Order(fault=Fault.REFUSE, device="battery", seconds=0))
    obey(home, "battery", "setpoint", "200")


def test_the_car_is_sent_away_and_fetched_back(home: Home) -> None:
    assert home.charger is not None
    statuses = []
    for fault in (Fault.UNPLUG, Fault.PLUG_IN):
        home.befall(Order(fault=fault, device="charger"))
        home.step()
        statuses.append(home.charger.status)
    assert statuses == [ChargerStatus.DISCONNECTED, ChargerStatus.WAITING]


@pytest.mark.parametrize(
    ("device", "key", "payload", "message"),
    [
        ("battery", "setpoint", "5010", "outside -5000 to 5000 W"),
        ("battery", "setpoint", "nan", "outside"),
        ("battery", "setpoint", "much", "no number"),
        ("battery", "mode", "turbo", "not one of self_consumption"),
        ("charger", "current", "5", "outside 6 to 16 A"),
        ("charger", "current", "6.5", "whole number"),
        ("charger", "enabled", "on", "not one of ON, OFF"),
        ("solar", "limit", "6001", "outside 0 to 6000 W"),
        ("heat_pump", "power_limit", "-1", "outside 0 to 2500 W"),
        ("heat_pump", "climate_temperature", "40", "outside 15 to 25"),
        ("heat_pump", "sg_ready", "3", "not one of off, normal"),
        ("heat_pump", "climate_mode", "cool", "not one of heat, off"),
        ("battery", "power", "0", "nothing called power"),
    ],
)
def test_a_device_refuses_what_it_cannot_do(
    home: Home, device: str, key: str, payload: str, message: str
) -> None:
    with pytest.raises(RefusedError, match=message):
        obey(home, device, key, payload)


def test_a_running_dishwasher_is_not_started_again(home: Home) -> None:
    obey(home, "dishwasher", "start", "PRESS")
    with pytest.raises(RefusedError, match="it is running"):
        obey(home, "dishwasher", "start", "PRESS")
