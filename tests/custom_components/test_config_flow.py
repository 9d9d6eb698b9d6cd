"""Homes and their parts are set up by forms, which refuse what cannot serve."""

from typing import Any

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    SOURCE_USER,
    ConfigEntryState,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest

from cem_core.model import Priority
from custom_components.cem.const import DOMAIN, Kind, Mode
from custom_components.cem.forms import FORMS, ONLY
from custom_components.cem.forms.form import flat
from custom_components.cem.listeners import Listener
from tests.custom_components.conftest import SetUp
from tests.custom_components.house import DATA, W, add_states, make_entry

HOME = {"name": "Home", "import_limit": 9.2, "export_limit": 5, "phases": "3"}


def body(kind: Kind, **changes: Any) -> dict[str, Any]:
    """Return the form of ``kind`` as it is filled in, with changes; None: left out."""
    data = {k: v for k, v in DATA[kind].items() if k != "method"} | changes
    form = FORMS[kind][changes.pop("method", DATA[kind]["method"])]
    return form.nested({k: v for k, v in data.items() if v is not None})


NEED_BROKER = {Kind.MQTT_LIMITS, Kind.EVCC, Kind.SUBMETER}  # tests of their own


async def start(
    hass: HomeAssistant, kind: Kind, method: str | None = None
) -> dict[str, Any]:
    """Set up a home without parts and begin to add one."""
    add_states(hass)
    entry = make_entry()
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    method = method or DATA[kind]["method"]
    flows = hass.config_entries.subentries
    result = await flows.async_init(
        (entry.entry_id, str(kind)), context={"source": SOURCE_USER}
    )
    if method != ONLY:
        assert result["type"] is FlowResultType.MENU
        result = await flows.async_configure(
            result["flow_id"], {"next_step_id": method}
        )
    assert result["type"] is FlowResultType.FORM
    assert result["errors"] == {}
    return dict(result)


async def test_a_home_starts_by_observing(hass: HomeAssistant) -> None:
    flows = hass.config_entries.flow
    form = await flows.async_init(DOMAIN, context={"source": SOURCE_USER})
    result = await flows.async_configure(form["flow_id"], HOME)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    entry = result["result"]
    assert entry.state is ConfigEntryState.LOADED
    assert entry.runtime_data.mode is Mode.OBSERVE


async def test_the_same_home_twice_is_refused(hass: HomeAssistant) -> None:
    make_entry().add_to_hass(hass)
    flows = hass.config_entries.flow
    form = await flows.async_init(DOMAIN, context={"source": SOURCE_USER})
    result = await flows.async_configure(form["flow_id"], HOME)
    assert result["type"] is FlowResultType.FORM
    assert result["errors"] == {"name": "name_taken"}
    result = await flows.async_configure(form["flow_id"], HOME | {"name": "Cabin"})
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_another_home_is_offered_a_name_of_its_own(hass: HomeAssistant) -> None:
    flows, usual = hass.config_entries.flow, hass.config.location_name
    for expected in (usual, f"{usual} 2", f"{usual} 3"):
        form = await flows.async_init(DOMAIN, context={"source": SOURCE_USER})
        assert form["data_schema"] is not None
        name = next(key for key in form["data_schema"].schema if key == "name")
        assert name.default() == expected
        await flows.async_configure(form["flow_id"], HOME | {"name": expected})


async def test_the_contract_can_be_changed(hass: HomeAssistant, set_up: SetUp) -> None:
    home = await set_up(Kind.METER)
    form = await hass.config_entries.flow.async_init(
        DOMAIN,
        context={"source": SOURCE_RECONFIGURE, "entry_id": home.entry.entry_id},
    )
    result = await hass.config_entries.flow.async_configure(
        form["flow_id"], {"import_limit": 17, "export_limit": 0, "phases": "3"}
    )
    await hass.async_block_till_done()
    assert result["reason"] == "reconfigure_successful"
    state = hass.states.get("sensor.home_import_limit")
    assert state is not None
    assert state.state == "17000"


async def test_options_are_kept(hass: HomeAssistant, set_up: SetUp) -> None:
    home = await set_up()
    form = await hass.config_entries.options.async_init(home.entry.entry_id)
    await hass.config_entries.options.async_configure(
        form["flow_id"], {"hand_off_minutes": 15, "limit_users": ["somebody"]}
    )
    await hass.async_block_till_done()
    settings = home.entry.runtime_data.settings
    assert settings.hand_off.total_seconds() == 900
    assert settings.limit_users == {"somebody"}


async def test_an_address_that_is_none_is_refused(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up()
    options = hass.config_entries.options
    form = await options.async_init(home.entry.entry_id)
    refused = await options.async_configure(
        form["flow_id"], {"listen_address": "wallbox.local"}
    )
    assert refused["errors"] == {"listen_address": "no_address"}
    await options.async_configure(form["flow_id"], {"listen_address": "192.0.2.3"})
    assert home.entry.options["listen_address"] == "192.0.2.3"
    assert home.entry.options["listen_port"] == 4712


async def test_a_card_that_cannot_be_read_is_refused(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up()
    options = hass.config_entries.options
    form = await options.async_init(home.entry.entry_id)
    schema = form["data_schema"]
    assert schema is not None
    said = schema({"ocpp": {"cards": ["04A1B2 half past five"]}})
    refused = await options.async_configure(form["flow_id"], said)
    assert refused["errors"] == {"base": "no_card"}
    said["ocpp"]["cards"] = ["04A1B2 17:30 20"]
    await options.async_configure(form["flow_id"], said)
    assert home.entry.options["cards"] == ["04A1B2 17:30 20"]


async def test_fuse_and_feed_in_cap_become_limits(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER, Kind.SOLAR)
    options = hass.config_entries.options
    form = await options.async_init(home.entry.entry_id)
    refused = await options.async_configure(
        form["flow_id"], {"feed_in_cap": "power", "fuse": 16}
    )
    assert refused["errors"] == {"feed_in_cap_power": "cap_power_missing"}
    await options.async_configure(form["flow_id"], {"feed_in_cap": "60", "fuse": 16})
    await hass.async_block_till_done()
    snapshot = home.entry.runtime_data.snapshot
    shown = {x.limit_id: x for x in snapshot.limits if x.phase is None}
    assert shown["feed_in_cap"].limit_w == 3600  # of the roof's 6 kW
    assert shown["feed_in_cap"].priority is Priority.OBLIGATION
    assert shown["contract_fuse_import"].limit_w == 11_040
    assert len(snapshot.in_force.per_phase) == 6
    state = hass.states.get("sensor.home_export_limit")
    assert state is not None
    assert state.state == "3600"


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


@pytest.mark.usefixtures("socket_enabled")
@pytest.mark.parametrize("kind", sorted(set(Kind) - NEED_BROKER))
async def test_each_kind_is_added_and_changed(hass: HomeAssistant, kind: Kind) -> None:
    form = await start(hass, kind)
    flows = hass.config_entries.subentries
    result = await flows.async_configure(form["flow_id"], body(kind))
    assert result["type"] is FlowResultType.CREATE_ENTRY, result
    await hass.async_block_till_done()
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    (subentry,) = entry.subentries.values()
    assert subentry.data.items() >= DATA[kind].items()

    again = await flows.async_init(
        (entry.entry_id, str(kind)),
        context={
            "source": SOURCE_RECONFIGURE,
            "subentry_id": subentry.subentry_id,
        },
    )
    assert again["step_id"] == DATA[kind]["method"]
    change = {"name": "Another"} if "name" in DATA[kind] else {}
    result = await flows.async_configure(again["flow_id"], body(kind, **change))
    await hass.async_block_till_done()
    assert result["reason"] == "reconfigure_successful"
    assert entry.state is ConfigEntryState.LOADED
    assert [s.title for s in entry.subentries.values()] == [
        change.get("name", subentry.title)
    ]


@pytest.mark.parametrize("kind", [Kind.BATTERY, Kind.EV_CHARGER])
async def test_what_commands_a_device_commands_no_second_one(
    hass: HomeAssistant, kind: Kind
) -> None:
    form = await start(hass, kind)
    flows = hass.config_entries.subentries
    await flows.async_configure(form["flow_id"], body(kind))
    await hass.async_block_till_done()
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    second = await flows.async_init(
        (entry.entry_id, str(kind)), context={"source": SOURCE_USER}
    )
    refused = await flows.async_configure(
        second["flow_id"], body(kind, name="The same again")
    )
    assert refused["type"] is FlowResultType.FORM
    assert set((refused["errors"] or {}).values()) == {"commanded_twice"}
    assert len(entry.subentries) == 1


@pytest.mark.parametrize(
    ("kind", "method"),
    [(kind, method) for kind, forms in FORMS.items() for method in forms],
)
async def test_every_form_opens(hass: HomeAssistant, kind: Kind, method: str) -> None:
    form = await start(hass, kind, method)
    assert form["step_id"] == method
    await hass.async_block_till_done()


@pytest.mark.parametrize("kind", [Kind.METER, Kind.TARIFF])
async def test_a_home_has_one_meter_and_one_tariff(
    hass: HomeAssistant, set_up: SetUp, kind: Kind
) -> None:
    home = await set_up(kind)
    result = await hass.config_entries.subentries.async_init(
        (home.entry.entry_id, str(kind)), context={"source": SOURCE_USER}
    )
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "only_one")


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


HEAT_PUMPS = [
    ("climate", {"climate": "climate.heat_pump"}, {"comfort_max": 29.5}, None),
    ("climate", {"climate": "climate.heat_pump"}, {"comfort_min": 9}, "range_min"),
    (
        "climate",
        {"climate": "climate.heat_pump"},
        {"climate": "climate.mild"},
        "range_max",
    ),
    (
        "climate",
        {"climate": "climate.heat_pump"},
        {"advanced": {"climate_mode": "dry"}},
        "no_such_option",
    ),
    (
        "sg_ready",
        {
            "sg_ready": "select.heat_pump",
            "sg_off": "off",
            "sg_normal": "normal",
            "sg_recommended": "recommended",
        },
        {"sg_off": "never"},
        "no_such_option",
    ),
    (
        "sg_contacts",
        {"sg_lock": "switch.heat_pump", "sg_more": "switch.charger"},
        {"sg_more": "switch.heat_pump"},
        "same_contact",
    ),
    (
        "s2",
        {"s2_token": "0123456789abcdef"},
        {"s2_token": "0123"},
        "s2_token_short",
    ),
    (
        "on_off",
        {"switch": "switch.heat_pump"},
        {"switch": "sensor.grid"},
        "wrong_domain",
    ),
]


@pytest.mark.usefixtures("no_listener")
@pytest.mark.parametrize(("method", "control", "changes", "error"), HEAT_PUMPS)
async def test_a_heat_pump_is_controlled_in_one_of_many_ways(
    hass: HomeAssistant,
    method: str,
    control: dict[str, Any],
    changes: dict[str, Any],
    error: str | None,
) -> None:
    hass.states.async_set("climate.mild", "heat", {"min_temp": 10, "max_temp": 21})
    form = await start(hass, Kind.HEAT_PUMP, method)
    flows = hass.config_entries.subentries
    good = body(Kind.HEAT_PUMP, method=method, power_limit=None, **control)
    if error is not None:
        result = await flows.async_configure(form["flow_id"], good | changes)
        assert error in str(result["errors"])
    result = await flows.async_configure(form["flow_id"], good)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()


@pytest.fixture
def no_listener(monkeypatch: pytest.MonkeyPatch) -> None:
    """Open no port for a device that would call."""

    async def stay_closed(_: Listener) -> None:
        """Begin nothing."""

    monkeypatch.setattr(Listener, "async_start", stay_closed)


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


async def test_a_closed_section_shows_what_was_kept(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    """The frontend takes a section's own default before what is suggested in it."""
    home = await set_up(Kind.BATTERY)
    (subentry,) = home.entry.subentries.values()
    kept = {**subentry.data, "min_state_of_charge": 35}
    hass.config_entries.async_update_subentry(home.entry, subentry, data=kept)
    await hass.async_block_till_done()
    form = await hass.config_entries.subentries.async_init(
        (home.entry.entry_id, Kind.BATTERY),
        context={
            "source": SOURCE_RECONFIGURE,
            "subentry_id": subentry.subentry_id,
        },
    )
    assert form["data_schema"] is not None
    (advanced,) = (k for k in form["data_schema"].schema if str(k) == "advanced")
    shown = advanced.description["suggested_value"]
    assert shown["min_state_of_charge"] == 35
    assert shown["max_state_of_charge"] == 100  # the default of what was left out
