"""What a form refuses, and how that is mended."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest

from custom_components.cem.const import Kind
from custom_components.cem.forms import FORMS, ONLY
from custom_components.cem.forms.form import flat
from tests.custom_components.conftest import SetUp
from tests.custom_components.house import W
from tests.custom_components.test_config_flow import body, start


async def test_a_share_of_no_solar_power_is_refused(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER)
    options = hass.config_entries.options
    form = await options.async_init(home.entry.entry_id)
    refused = await options.async_configure(form["flow_id"], {"feed_in_cap": "70"})
    assert refused["errors"] == {"feed_in_peak": "cap_peak_missing"}
    await options.async_configure(
        form["flow_id"], {"feed_in_cap": "70", "feed_in_peak": 5}
    )
    await hass.async_block_till_done()
    state = hass.states.get("sensor.home_export_limit")
    assert state is not None
    assert state.state == "3500"


REFUSED = [
    (
        Kind.BUDGET,
        {"medium": "gas", "measure": "cost"},
        {"unit_price": "price_missing"},
    ),
    (Kind.METER, {"power": "switch.charger"}, {"power": "wrong_domain"}),
    (Kind.METER, {"power": "sensor.none"}, {"power": "entity_not_found"}),
    (Kind.METER, {"power": "sensor.battery_charge"}, {"power": "unit_power"}),
    (Kind.METER, {"import_energy": "sensor.grid"}, {"import_energy": "unit_energy"}),
    (Kind.METER, {"current_l1": "sensor.grid"}, {"base": "unit_current"}),
    (Kind.METER, {"power": None}, {"base": "no_power"}),
    (Kind.METER, {"import_power": "sensor.grid"}, {"power": "power_twice"}),
    (Kind.RELAY, {"w4": "sensor.grid"}, {"w4": "wrong_domain"}),
    (Kind.RELAY, {"w4": None, "s1": None}, {"base": "no_contact"}),
    (Kind.RELAY, {"s1": "binary_sensor.w4"}, {"base": "contact_twice"}),
    (
        Kind.TARIFF,
        {"export_price_entity": "sensor.grid"},
        {"export_price_entity": "no_forecast"},
    ),
    (
        Kind.SOLAR,
        {"curtailment": "number.charger"},
        {"curtailment": "unit_power_or_percent"},
    ),
    (
        Kind.SOLAR,
        {"forecast_entity": "sensor.solar"},
        {"forecast_entity": "no_forecast"},
    ),
    (
        Kind.BATTERY,
        {"state_of_charge": "sensor.battery"},
        {"state_of_charge": "unit_percent"},
    ),
    (Kind.BATTERY, {"discharge_limit": 6}, {"setpoint": "range_min"}),
    (
        Kind.BATTERY,
        {"setpoint": None, "charge_setpoint": "number.battery"},
        {"base": "one_or_two_setpoints"},
    ),
    (
        Kind.BATTERY,
        {
            "setpoint": None,
            "charge_setpoint": "number.battery",
            "discharge_setpoint": "number.all_or_nothing",
        },
        {"base": "range_max"},
    ),
    (Kind.BATTERY, {"charge_limit": 6}, {"setpoint": "range_max"}),
    (Kind.BATTERY, {"setpoint": "number.heat_pump"}, {"setpoint": "range_min"}),
    (Kind.BATTERY, {"mode_external": None}, {"mode_external": "option_missing"}),
    (Kind.BATTERY, {"mode_own": "holiday"}, {"mode_own": "no_such_option"}),
    (
        Kind.BATTERY,
        {"mode_charge": "own"},
        {"base": "direction_incomplete"},
    ),
    (
        Kind.BATTERY,
        {"mode_charge": "own", "mode_discharge": "holiday"},
        {"base": "direction_incomplete"},
    ),
    (Kind.BATTERY, {"name": " "}, {"name": "name_missing"}),
    (
        Kind.BATTERY,
        {"min_state_of_charge": 90, "max_state_of_charge": 80},
        {"base": "state_of_charge_order"},
    ),
    (Kind.EV_CHARGER, {"min_current": 20}, {"min_current": "current_order"}),
    (Kind.EV_CHARGER, {"max_current": 32}, {"throttle": "range_max"}),
    (Kind.EV_CHARGER, {"discharge_limit": 7}, {"base": "gives_back_needs_charge"}),
    (Kind.EV_CHARGER, {"min_current": 5}, {"throttle": "range_min"}),
    (
        Kind.EV_CHARGER,
        {"throttle": "number.coarse"},
        {"throttle": "step_too_coarse"},
    ),
    (
        Kind.EV_CHARGER,
        {"switch": None, "throttle": None},
        {"base": "no_control"},
    ),
    (
        Kind.EV_CHARGER,
        {"car_state_of_charge": "sensor.car_charge"},
        {"base": "state_of_charge_needs_capacity"},
    ),
    (
        Kind.EV_CHARGER,
        {"throttle": "number.percent"},
        {"throttle": "unit_current_or_power"},
    ),
    (Kind.SOLAR, {"curtailment": "number.watts"}, {"curtailment": "range_zero"}),
    (
        Kind.BATTERY,
        {"setpoint_sign": "discharge_positive", "discharge_limit": 6},
        {"setpoint": "range_max"},
    ),
    (Kind.EV_CHARGER, {"throttle": "number.watts"}, {"throttle": "range_max"}),
    (
        Kind.EV_CHARGER,
        {"phase_switch": "select.heat_pump", "option_one": "off"},
        {"base": "option_missing"},
    ),
    (
        Kind.EV_CHARGER,
        {"switch": None, "throttle": None, "start": "button.dishwasher"},
        {"base": "start_and_stop"},
    ),
    (Kind.EV_CHARGER, {"stop": "button.dishwasher"}, {"base": "start_and_stop"}),
    (Kind.EV_CHARGER, {"s2_token": "0123"}, {"base": "s2_alone"}),
    (
        Kind.EV_CHARGER,
        {"switch": None, "throttle": None, "s2_token": "0123"},
        {"base": "s2_token_short"},
    ),
    (
        Kind.EV_CHARGER,
        {"contactor": "switch.charger"},
        {"base": "contactor_is_control"},
    ),
    (Kind.HEAT_PUMP, {"comfort_min": 23}, {"comfort_min": "comfort_order"}),
    (
        Kind.HEAT_PUMP,
        {"comfort_min": 15, "frost_room": 16},
        {"base": "warmer_than_comfort"},
    ),
    (
        Kind.HEAT_PUMP,
        {"legionella_days": 7},
        {"base": "water_temperature_missing"},
    ),
    (Kind.HEAT_PUMP, {"max_power": 4}, {"power_limit": "range_max"}),
    (
        Kind.HEAT_PUMP,
        {"power_limit": "number.all_or_nothing"},
        {"power_limit": "step_too_coarse"},
    ),
    (
        Kind.HEAT_PUMP,
        {"indoor_temperature": "sensor.grid"},
        {"indoor_temperature": "unit_temperature"},
    ),
    (Kind.APPLIANCE, {"profile": "two kW"}, {"profile": "profile"}),
    (Kind.APPLIANCE, {"profile": "1, -1"}, {"profile": "profile"}),
    (Kind.APPLIANCE, {"start": "sensor.grid"}, {"start": "wrong_domain"}),
    (Kind.APPLIANCE, {"start": None}, {"base": "no_start"}),
    (Kind.APPLIANCE, {"s2_token": "0123456789abcdef"}, {"base": "s2_alone"}),
    (
        Kind.APPLIANCE,
        {"start": "select.heat_pump"},
        {"start_option": "option_missing"},
    ),
    (
        Kind.APPLIANCE,
        {"start": "select.heat_pump", "start_option": "never"},
        {"start_option": "no_such_option"},
    ),
]


@pytest.mark.parametrize(
    ("kind", "changes", "errors"),
    [case for case in REFUSED if case[2] is not None],
)
async def test_what_cannot_serve_is_refused_and_can_be_mended(
    hass: HomeAssistant, kind: Kind, changes: dict[str, Any], errors: dict[str, str]
) -> None:
    ampere = {"unit_of_measurement": "A", "min": 0, "max": 16}
    hass.states.async_set("number.coarse", "0", ampere | {"step": 16})
    hass.states.async_set("number.percent", "0", ampere | {"unit_of_measurement": "%"})
    watts = W | {"min": 1000, "max": 5000, "step": 100}
    hass.states.async_set("number.watts", "1000", watts)
    watts = W | {"min": 0, "max": 4000, "step": 4000}
    hass.states.async_set("number.all_or_nothing", "0", watts)
    form = await start(hass, kind)
    flows = hass.config_entries.subentries
    result = await flows.async_configure(form["flow_id"], body(kind, **changes))
    assert result["type"] is FlowResultType.FORM
    assert result["errors"] == errors
    result = await flows.async_configure(form["flow_id"], body(kind))
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()


async def test_a_boiler_whose_limit_does_not_reach_its_power_is_refused(
    hass: HomeAssistant,
) -> None:
    method = "power_limit"
    form = await start(hass, Kind.WATER_HEATER, method)
    limit = {
        "method": method,
        "water_heater": None,
        "power_limit": "number.heat_pump",
        "legionella_days": 0,
    }
    flows = hass.config_entries.subentries
    for wrong, errors in (
        ({"max_power": 3}, {"power_limit": "range_max"}),
        ({"power_limit": "number.none"}, {"power_limit": "entity_not_found"}),
    ):
        said = body(Kind.WATER_HEATER, **limit | wrong)
        result = await flows.async_configure(form["flow_id"], said)
        assert result["errors"] == errors
    result = await flows.async_configure(
        form["flow_id"], body(Kind.WATER_HEATER, **limit)
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY, result["errors"]
    await hass.async_block_till_done()


TWO_NUMBERS = {
    "setpoint": None,
    "mode": None,
    "charge_setpoint": "number.gone",
    "discharge_setpoint": "number.gone_too",
}


@pytest.mark.parametrize(
    ("kind", "method", "data"),
    [
        (Kind.BATTERY, ONLY, TWO_NUMBERS),
        (Kind.HEAT_PUMP, "power_limit", {}),
        (Kind.WATER_HEATER, "power_limit", {"power_limit": "number.gone"}),
        (Kind.WATER_HEATER, "on_off", {"switch": "switch.gone"}),
    ],
)
async def test_to_mend_one_entity_none_that_is_gone_stands_in_the_way(
    hass: HomeAssistant, kind: Kind, method: str, data: dict[str, Any]
) -> None:
    form = FORMS[kind][method]
    assert form.check is not None
    known = body(kind, method=method, legionella_days=0, **data)
    fields = {field.key for field in form.fields}
    flat_data = {k: v for k, v in flat(known).items() if k in fields}
    complete = flat(form.schema()(form.nested(flat_data)))
    assert await form.check(hass, complete) == {}


async def test_a_price_must_be_per_energy_and_foretold(hass: HomeAssistant) -> None:
    forecast = {"forecast": [{"start": "2026-01-01T00:00+00:00", "value": 0.3}]}
    hass.states.async_set("sensor.bare", "0.3", {"unit_of_measurement": "EUR/kWh"})
    hass.states.async_set("sensor.watt", "3", {"unit_of_measurement": "W"} | forecast)
    hass.states.async_set(
        "sensor.price", "0.3", {"unit_of_measurement": "EUR/kWh"} | forecast
    )
    form = await start(hass, Kind.TARIFF, "price_entity")
    flows = hass.config_entries.subentries
    for entity_id, error in (
        ("sensor.bare", "no_forecast"),
        ("sensor.watt", "unit_price"),
    ):
        result = await flows.async_configure(
            form["flow_id"], {"price_entity": entity_id}
        )
        assert result["errors"] == {"price_entity": error}
    result = await flows.async_configure(
        form["flow_id"], {"price_entity": "sensor.price"}
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
