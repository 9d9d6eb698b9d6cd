"""A water heater's day lived again: its tank, drawn from as it was."""

from typing import Any

from homeassistant.core import HomeAssistant
import pytest

from custom_components.cem.const import Kind, Mode
from custom_components.cem.saving.baseline import doing_nothing
from tests.custom_components.conftest import SetUp
from tests.custom_components.house import DATA
from tests.custom_components.saving.recorded_day import BEGIN, BOILER, Columns
from tests.custom_components.saving.test_every_device import lived, of

LOST_W = 1500 / 24
# By the hour of the day: some 6 kWh, in the morning and in the evening.
DRAWN_W = {7: 1610, 8: 420, 12: 315, 18: 315, 20: 735, 21: 1505}
USED_AT_NIGHT = range(60, 72)  # quarter hours from noon on: 3 to 6 o'clock


@pytest.fixture(autouse=True)
def watched(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Return the form of a water heater whose water is measured."""
    form: dict[str, Any] = DATA[Kind.WATER_HEATER] | {
        "water_temperature": "sensor.boiler_water",
        "legionella_days": 0,
    }
    monkeypatch.setitem(DATA, Kind.WATER_HEATER, form)
    return form


def by_thermostat(quarter: int) -> float:
    """Return the power in W of a heater that keeps 50 °C all day."""
    return LOST_W + DRAWN_W.get((12 + quarter // 4) % 24, 0)


async def test_a_tank_that_was_watched_is_played_as_it_was(
    hass: HomeAssistant, set_up: SetUp, columns: Columns
) -> None:
    home = await of(hass, set_up, Kind.WATER_HEATER)
    (device,) = home.devices.values()
    assert doing_nothing(home, device).key == "without_cem_water_heater_set"
    columns[BOILER] = by_thermostat
    worker, day = await lived(home)
    (asked, series, _) = worker.asked[0]
    (tank,) = asked["devices"]
    assert tank["kind"] == "heat_pump"  # a tank is played as a house is
    assert tank["thermal"]["capacitance_kwh_per_k"] == pytest.approx(0.174, abs=1e-3)
    assert max(series["load_kw"]) == pytest.approx(0.5)
    drawn_kwh = -sum(series[f"{device.device_id}_gains_kw"][-96:]) / 4
    assert drawn_kwh == pytest.approx(sum(DRAWN_W.values()) / 1000, rel=0.02)
    # Whatever was drawn when: what was measured costs about what it cost.
    assert day.without == pytest.approx(day.bill, rel=0.05)
    assert day.planned < day.without
    assert home.savings.temperatures[device.subentry_id] == [50.0] * 24
    assert doing_nothing(home, device).key == "without_cem_water_heater_kept"


async def test_under_control_it_would_have_heated_when_water_was_drawn(
    hass: HomeAssistant, set_up: SetUp, columns: Columns
) -> None:
    """It was heated in the cheap night: by its thermostat it would have cost more."""
    home = await of(hass, set_up, Kind.WATER_HEATER)
    (device,) = home.devices.values()
    home.store.mode = Mode.CONTROL
    home.savings.temperatures[device.subentry_id] = [50.0] * 24
    needed_wh = sum(DRAWN_W.values()) + 24 * LOST_W
    power_w = needed_wh / (len(USED_AT_NIGHT) / 4)
    columns[BOILER] = lambda quarter: power_w if quarter in USED_AT_NIGHT else 0
    _, day = await lived(home)
    assert day.controlled
    assert day.unsure == 0
    assert day.saved > 0.1
    assert home.savings.temperatures[device.subentry_id] == [50.0] * 24


async def test_a_tank_and_a_heat_pump_have_one_outdoor_temperature(
    hass: HomeAssistant, set_up: SetUp, columns: Columns
) -> None:
    home = await of(hass, set_up, Kind.WATER_HEATER, Kind.HEAT_PUMP)
    columns[BOILER] = by_thermostat
    worker, day = await lived(home)
    (asked, series, _) = worker.asked[0]
    assert {each["kind"] for each in asked["devices"]} == {"heat_pump"}
    assert series["outdoor_temperature_c"][-1] == 2.0
    (tank,) = (d for d in home.devices.values() if d.kind is Kind.WATER_HEATER)
    gains = series[f"{tank.device_id}_gains_kw"][-96:]
    # In a room of 20 °C it loses less than out of doors: the difference is given back.
    assert max(gains) == pytest.approx((20 - 2) * LOST_W / 1000 / 30)
    assert day.saved > 0


@pytest.mark.parametrize("why", ["no sensor", "a cycle", "nothing drawn"])
async def test_what_cannot_be_told_stays_as_it_was_measured(
    hass: HomeAssistant,
    set_up: SetUp,
    columns: Columns,
    watched: dict[str, Any],
    why: str,
) -> None:
    columns[BOILER] = by_thermostat
    match why:
        case "no sensor":
            del watched["water_temperature"]
        case "a cycle":
            watched |= {"legionella_days": 7, "legionella_temperature": 60}
            columns["sensor.boiler_water"] = lambda quarter: (
                61.0 if quarter == 9 else 50
            )
        case _:
            columns[BOILER] = lambda _: 0
    home = await of(hass, set_up, Kind.WATER_HEATER)
    worker, day = await lived(home)
    assert worker.asked[0][0]["devices"] == []
    assert day.saved == pytest.approx(0.0)
    assert day.start == BEGIN
