"""What plans take of learned models."""

from datetime import UTC, datetime
from typing import Any

from homeassistant.core import HomeAssistant
import pytest

from custom_components.cem.const import Kind
from custom_components.cem.home import Home
from custom_components.cem.learning.models import Habits, building_of, store_of
from custom_components.cem.planning.document import request
from custom_components.cem.wishes import async_forget_learned
from tests.custom_components.conftest import SetUp
from tests.custom_components.test_planner import NOW, device, outlook

BATTERY = {
    "capacity_wh": 8000.0,
    "charge_efficiency": 0.9,
    "discharge_efficiency": 0.92,
    "idle_loss_w": 10.0,
}
# Who comes in the evening leaves at six, or seven, or eight; and needs 5 to 7 kWh.
EVENING = [24.0 + hour for hour in (6.0, 7.0, 8.0)]
CAR = {
    "arrive_h": [[17.0, 18.0, 19.0]] * 7,
    "depart_h": [[EVENING] * 4] * 7,
    "need_wh": [[[5000.0, 6000.0, 7000.0]] * 4] * 7,
}


def teach(home: Home, name: str, model: str, parameters: dict[str, Any]) -> None:
    """Let the home have learned ``parameters``."""
    part = home.learned.parts[home.devices[name].subentry_id]
    part["models"][model] |= {"parameters": parameters, "kept_prior": None}


async def test_a_plan_takes_the_learned_battery(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER, Kind.BATTERY)
    plate = device(request(home, outlook()).home, Kind.BATTERY)
    assert plate["capacity_kwh"] == 10
    teach(home, "cellar_battery", "battery", BATTERY)
    real = device(request(home, outlook()).home, Kind.BATTERY)
    assert real["capacity_kwh"] == 8
    assert real["initial_energy_kwh"] == 4  # half of it
    assert real["charge_efficiency"] == 0.9
    assert real["discharge_efficiency"] == 0.92
    home.devices["cellar_battery"].data = {
        **home.devices["cellar_battery"].data,
        "learn": False,
    }
    assert store_of(home.learned, home.devices["cellar_battery"]) is None


async def test_a_plan_takes_the_learned_house_and_its_walls(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER, Kind.HEAT_PUMP)
    pump = home.devices["heat_pump"]
    house = {
        "resistance_k_per_w": 0.01,
        "capacitance_wh_per_k": 6000.0,
        "solar_aperture_m2": 0.0,
        "internal_gains_w": 250.0,
        "heat_scale": 0.9,
        "cop_per_k_more": 0.05,
    }
    teach(home, "heat_pump", "building", house)
    cop = {"cop_at_0_c": 3.0, "cop_per_k": 0.1, "cop_per_flow_k": 0.05}
    teach(home, "heat_pump", "cop", cop)
    seen = outlook()
    asked = request(home, seen)
    thermal = device(asked.home, Kind.HEAT_PUMP)["thermal"]
    assert thermal["resistance_k_per_kw"] == pytest.approx(10)
    assert thermal["capacitance_kwh_per_k"] == 6
    assert thermal["initial_c"] == 20.5
    # 4 degrees outdoors: 0.9 times 3.6.
    assert asked.series["heat_pump_cop"][0] == pytest.approx(3.24)
    assert asked.series["heat_pump_gains_kw"][0] == 0.25
    seen.walls_apart_k["heat_pump"] = -0.4  # type: ignore[index]
    thermal = device(request(home, seen).home, Kind.HEAT_PUMP)["thermal"]
    assert thermal["initial_c"] == pytest.approx(20.1)
    pump.data = {**pump.data, "learn": False}
    start = building_of(home.learned, pump)
    assert start is not None
    assert start.resistance_k_per_w == pytest.approx(1 / 198)


async def test_a_plan_follows_the_habits_of_the_car(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    await hass.config.async_set_time_zone("Europe/Brussels")
    home = await set_up(Kind.METER, Kind.EV_CHARGER)
    car = home.devices["wallbox"]
    car.session.arrived = NOW
    (usual,) = device(request(home, outlook()).home, Kind.EV_CHARGER)["sessions"]
    assert (usual["depart"], usual["energy_kwh"]) == ("2026-01-16T06:00:00+00:00", 20)
    teach(home, "wallbox", "car", CAR)
    (known,) = device(request(home, outlook()).home, Kind.EV_CHARGER)["sessions"]
    assert known["depart"] == "2026-01-16T05:00:00+00:00"  # six in Brussels
    assert known["energy_kwh"] == pytest.approx(6.3)  # 7 at the charger
    car.data = {**car.data, "learn": False}
    (stated,) = device(request(home, outlook()).home, Kind.EV_CHARGER)["sessions"]
    assert stated["energy_kwh"] == 20


async def test_who_did_not_leave_early_leaves_as_usual_or_late(
    hass: HomeAssistant,
) -> None:
    await hass.config.async_set_time_zone("Europe/Brussels")
    cells = ((tuple(EVENING),) * 4,) * 7
    habits = Habits(depart_h=cells, need_wh=cells)
    arrived = datetime(2026, 3, 28, 18, tzinfo=UTC)  # the clock changes that night

    def departs(hour: int) -> datetime | None:
        return habits.departs(arrived, after=datetime(2026, 3, 29, hour, tzinfo=UTC))

    assert departs(2) == datetime(2026, 3, 29, 4, tzinfo=UTC)
    assert departs(4) == datetime(2026, 3, 29, 5, tzinfo=UTC)
    assert departs(7) is None


async def test_what_was_learned_can_be_forgotten(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER, Kind.BATTERY)
    teach(home, "cellar_battery", "battery", BATTERY)
    home.cycle()
    shown = hass.states.get("sensor.cellar_battery_real_capacity")
    assert shown is not None
    assert (float(shown.state), shown.attributes["learned"]) == (8, True)
    await hass.services.async_call(
        "cem", "forget_learned", {"device": "cellar_battery"}, blocking=True
    )
    shown = hass.states.get("sensor.cellar_battery_real_capacity")
    assert shown is not None
    assert (float(shown.state), shown.attributes["learned"]) == (10, False)
    await async_forget_learned(home, home.devices["cellar_battery"])  # again: no harm
