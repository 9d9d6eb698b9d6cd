from dataclasses import replace
from datetime import timedelta

import pytest

from cem_core.meter import parse
from cem_core.model import Reading
from cem_core.simulation.charger import ChargerStatus
from cem_core.simulation.faults import Fault, FaultError, Order, order_from_json
from cem_core.simulation.forecasts import prices
from cem_core.simulation.home import Home
from cem_core.simulation.orders import RefusedError, obey
from cem_core.simulation.registers import Standard
from cem_core.simulation.states import states
from tests.cem_core.simulation.conftest import NOON

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


def test_a_power_cut_ends_with_a_staggered_return(home: Home) -> None:
    for _ in range(30):
        home.step()
    home.befall(Order(fault=Fault.POWER_CUT, device="home", seconds=60))
    home.step()
    assert home.grid_power_w == 0
    assert home.telegram() is None
    assert states(home).keys() & {("solar", "power"), ("battery", "power")} == set()
    back: dict[str, int] = {}
    for second in range(1, 300):
        home.step()
        back |= {
            device: back.get(device, second)
            for device in ("battery", "charger", "solar", "heat_pump")
            if (device, "power") in states(home)
        }
    assert back == {"battery": 84, "charger": 104, "solar": 119, "heat_pump": 179}
    assert home.solar is not None
    assert home.solar.power_w > 0


@pytest.mark.parametrize(("seconds", "long"), [(30, 0), (600, 1)])
def test_the_meter_counts_a_power_cut_and_logs_a_long_one(
    home: Home, seconds: int, long: int
) -> None:
    home.plate = replace(home.plate, standard=Standard.DSMR5)
    readings = []
    home.step()
    readings.append(read(home))
    home.befall(Order(fault=Fault.POWER_CUT, device="home", seconds=seconds))
    for _ in range(seconds + 3):
        home.step()
    readings.append(read(home))
    before, after = (reading.power_failures for reading in readings)
    assert before is not None
    assert after is not None
    assert (before.short, before.long, before.log) == (6, 2, ())
    assert (after.short, after.long) == (7, 2 + long)
    assert [failure.duration_s for failure in after.log] == [seconds - 1] * long
    for failure in after.log:
        assert failure.end == home.now - timedelta(seconds=3)


def read(home: Home) -> Reading:
    sent = home.telegram()
    assert sent is not None
    return parse(sent)


def charging(home: Home, **order: object) -> list[float]:
    """Pause a charging car for 20 s in the middle; return its currents."""
    charger = home.charger
    assert charger is not None
    fault = Order(device="charger", seconds=3600, **order)  # type: ignore[arg-type]
    home.befall(Order(fault=Fault.PLUG_IN, device="charger"))
    home.befall(fault)
    currents = []
    for second in range(120):
        charger.enabled = not 40 <= second < 60
        home.step()
        currents.append(charger.current_a)
    return currents


def test_a_car_sleeps_after_a_pause_until_its_supply_was_off(home: Home) -> None:
    currents = charging(home, fault=Fault.CAR_ASLEEP)
    assert currents[39] == 16
    assert max(currents[60:]) == 0
    assert home.charger is not None
    home.charger.supplied = False
    home.step()
    home.charger.supplied = True
    for _ in range(30):
        home.step()
    assert home.charger.current_a == 16


def test_a_car_has_a_limit_and_a_timer_of_its_own(home: Home) -> None:
    assert max(charging(home, fault=Fault.CAR_LIMIT, by=10)) == 10
    assert max(charging(home, fault=Fault.CAR_TIMER)[10:]) == 0


def test_prices_come_late_and_the_internet_is_out(home: Home) -> None:
    column = home.setup.load.import_price
    home.now = NOON + timedelta(hours=4)
    assert len(prices(home, column)) > 24
    home.befall(Order(fault=Fault.PRICES_LATE, device="tariff", seconds=86_400))
    assert prices(home, column)[-1].end - home.now < timedelta(hours=24)
    home.now = NOON + timedelta(hours=11, minutes=30)
    assert prices(home, column)[-1].end - home.now > timedelta(hours=24)
    home.befall(Order(fault=Fault.INTERNET_OUT, device="home", seconds=60))
    said = states(home)
    assert ("tariff", "import_price") not in said
    assert ("weather", "outdoor_temperature") not in said
    assert ("battery", "power") in said
