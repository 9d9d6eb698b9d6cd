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
from custom_components.cem.listeners import Listener
from tests.custom_components.conftest import SetUp
from tests.custom_components.house import DATA, add_states, make_entry

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
