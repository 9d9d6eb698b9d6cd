"""What lasts becomes an issue, and its fix flow mends it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.repairs import ConfirmRepairFlow, RepairsFlow
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_mock_service

from cem_core.model import Interval, Reading, Series, SeriesError
from custom_components.cem.care.disk import Room
from custom_components.cem.care.faults import FaultKind, clock_off_s
from custom_components.cem.care.issues import LASTS_S, Issues
from custom_components.cem.const import DOMAIN, Kind, Mode
from custom_components.cem.home import Home
from custom_components.cem.planner import Planner
from custom_components.cem.planning.prices import Prices
from custom_components.cem.repairs import async_create_fix_flow
from tests.custom_components.conftest import SetUp
from tests.custom_components.house import DATA, STATES, W

ROOMY = Room(free_mb=5000)
MARKET = {"method": "nordpool", "price_factor": 1.0, "price_addition": 0.0}


@pytest.fixture(autouse=True)
def room() -> Iterator[Any]:
    """Let the disk have room, whatever the machine's has."""
    with (
        patch("custom_components.cem.care.issues.room_of", return_value=ROOMY) as seen,
        patch("custom_components.cem.care.fix_flow.room_of", seen),
    ):
        yield seen


async def look(home: Home, *, after_s: float = LASTS_S) -> dict[str, ir.IssueEntry]:
    """Let the issues look twice, ``after_s`` apart; return those with a fix flow."""
    issues = Issues(home)
    await issues.async_look()
    issues._since = {i: since - after_s for i, since in issues._since.items()}
    await issues.async_look()
    return open_issues(home.hass)


def open_issues(hass: HomeAssistant) -> dict[str, ir.IssueEntry]:
    """Return the issues with a fix flow, by what they are about."""
    return {
        issue.translation_key or "": issue
        for (domain, _), issue in ir.async_get(hass).issues.items()
        if domain == DOMAIN and issue.is_fixable
    }


async def flow(hass: HomeAssistant, issue: ir.IssueEntry) -> Any:
    """Return the fix flow of ``issue``, as Home Assistant would begin it."""
    data: Any = issue.data
    made = await async_create_fix_flow(hass, issue.issue_id, data)
    assert isinstance(made, RepairsFlow)
    made.hass = hass
    made.issue_id = issue.issue_id  # as Home Assistant 2026.9 does it
    made.handler = DOMAIN
    made.context = {"issue_id": issue.issue_id}
    return made


async def test_what_passes_by_itself_is_not_told(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER, Kind.BATTERY)
    hass.states.async_remove("sensor.battery")
    assert not await look(home, after_s=LASTS_S - 60)


async def test_a_home_that_is_well_has_no_issue(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER, Kind.TARIFF, Kind.BATTERY, Kind.EV_CHARGER)
    home.on_reading(Reading(format="", import_power_w=100, export_power_w=0))
    assert await look(home) == {}
    assert open_issues(hass) == {}


async def test_a_disk_that_cannot_be_asked_hides_nothing_else(
    hass: HomeAssistant, set_up: SetUp, room: Any
) -> None:
    room.side_effect = OSError("no such disk")
    home = await set_up(Kind.METER, Kind.BATTERY)
    hass.states.async_remove("sensor.battery")
    assert FaultKind.ENTITY_GONE in await look(home)


async def test_an_entity_that_is_gone_is_replaced(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER, Kind.BATTERY)
    hass.states.async_remove("sensor.battery")
    hass.states.async_set("sensor.other", "0", W)
    hass.states.async_set("sensor.warm", "20", {"unit_of_measurement": "°C"})
    issue = (await look(home))[FaultKind.ENTITY_GONE]
    assert issue.translation_placeholders == {
        "subject": "Cellar battery",
        "entity": "sensor.battery",
    }
    fix = await flow(hass, issue)
    menu = await fix.async_step_init()
    assert menu["type"] is FlowResultType.MENU
    assert menu["menu_options"] == ["choose", "forget"]
    refused = await fix.async_step_choose({"entity": "sensor.warm"})
    assert refused["errors"] == {"base": "unit_power"}
    done = await fix.async_step_choose({"entity": "sensor.other"})
    assert done["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    assert home.entry.subentries["id_battery"].data["power"] == "sensor.other"
    assert FaultKind.ENTITY_GONE not in await look(home.entry.runtime_data)


async def test_an_entity_that_is_not_needed_is_forgotten(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER, Kind.EV_CHARGER)
    hass.states.async_remove("sensor.charger")
    fix = await flow(hass, (await look(home))[FaultKind.ENTITY_GONE])
    shown = await fix.async_step_forget()
    assert shown["type"] is FlowResultType.FORM
    done = await fix.async_step_forget({})
    await hass.async_block_till_done()
    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert "power" not in home.entry.subentries["id_ev_charger"].data


async def test_a_disabled_entity_is_enabled(
    hass: HomeAssistant, set_up: SetUp, entity_registry: er.EntityRegistry
) -> None:
    home = await set_up(Kind.METER, Kind.BATTERY)
    hass.states.async_remove("sensor.battery")
    entity_registry.async_get_or_create(
        "sensor",
        "other",
        "battery",
        suggested_object_id="battery",
        disabled_by=er.RegistryEntryDisabler.USER,
    )
    fix = await flow(hass, (await look(home))[FaultKind.ENTITY_GONE])
    assert "enable" in (await fix.async_step_init())["menu_options"]
    await fix.async_step_enable()
    found = entity_registry.async_get("sensor.battery")
    assert found is not None
    assert found.disabled_by is None


async def test_a_changed_unit_is_told_and_given_back(
    hass: HomeAssistant, set_up: SetUp, entity_registry: er.EntityRegistry
) -> None:
    home = await set_up(Kind.METER, Kind.BATTERY)
    hass.states.async_remove("sensor.battery")
    entity_registry.async_get_or_create(
        "sensor", "other", "battery", suggested_object_id="battery"
    )
    entity_registry.async_update_entity_options(
        "sensor.battery", "sensor", {"unit_of_measurement": "MW"}
    )
    hass.states.async_set("sensor.battery", "0", {"unit_of_measurement": "MW"})
    issue = (await look(home))[FaultKind.UNIT_CHANGED]
    assert issue.translation_placeholders is not None
    assert issue.translation_placeholders["unit"] == "MW"
    fix = await flow(hass, issue)
    assert "unit" in (await fix.async_step_init())["menu_options"]
    await fix.async_step_unit()
    found = entity_registry.async_get("sensor.battery")
    assert found is not None
    assert "unit_of_measurement" not in found.options.get("sensor", {})


async def test_prices_that_are_over_are_asked_anew(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER, Kind.TARIFF)
    now = dt_util.utcnow()

    def known_for(hours: float) -> Prices:
        span = Interval(
            start=now - timedelta(days=1), end=now + timedelta(hours=hours), value=0.3
        )
        return Prices(imported=Series((span,)), exported=Series(()))

    home.take_prices(known_for(-1))
    issue = (await look(home))[FaultKind.PRICES_STALE]
    home.take_prices(known_for(3))
    wrong = await look(home)
    assert FaultKind.PRICES_STALE not in wrong
    fix = await flow(hass, wrong[FaultKind.FORECAST_SHORT])
    assert (await fix.async_step_init())["step_id"] == "confirm"
    still = await fix.async_step_confirm({})
    assert (still["type"], still["reason"]) == (FlowResultType.ABORT, "still_wrong")

    async def replan() -> None:
        home.take_prices(known_for(30))

    home.replan_now = replan
    done = await fix.async_step_confirm({})
    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert await look(home) == {}
    assert issue.severity is ir.IssueSeverity.WARNING


@pytest.mark.parametrize(("hours", "told"), [(-3, True), (3, True), (9, False)])
async def test_a_forecast_that_is_over_is_too_short(
    hass: HomeAssistant, set_up: SetUp, *, hours: float, told: bool
) -> None:
    home = await set_up(Kind.METER)
    home.foretold_until = {"Roof": dt_util.utcnow() + timedelta(hours=hours)}
    wrong = await look(home)
    assert (FaultKind.FORECAST_SHORT in wrong) is told
    if told:
        said: Any = wrong[FaultKind.FORECAST_SHORT].translation_placeholders
        assert said["sources"] == "Roof"


async def test_prices_that_were_never_told_are_missed(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    gone = {**MARKET, "nordpool_entry": "removed", "area": "BE"}
    with patch.dict(DATA, {Kind.TARIFF: gone}):
        home = await set_up(Kind.METER, Kind.TARIFF)
    assert await look(home) == {}
    planner = Planner(home)
    with pytest.raises(SeriesError, match="Nord Pool"):
        await planner._foresight.async_outlook(dt_util.utcnow())
    assert FaultKind.PRICES_STALE in await look(home)
    home.take_prices(Prices(imported=Series(()), exported=Series(()), fixed_import=0.3))
    assert await look(home) == {}


async def test_a_silent_meters_line_is_opened_anew(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    hass.states.async_set("sensor.grid", "unavailable")
    with patch.dict(STATES, {"sensor.grid": ("unavailable", {})}):
        home = await set_up(Kind.METER)
    issue = (await look(home))[FaultKind.METER_SILENT]
    fix = await flow(hass, issue)
    assert (await fix.async_step_confirm())["type"] is FlowResultType.FORM
    hass.states.async_set("sensor.grid", "500", W)
    await fix.async_step_confirm({})
    await hass.async_block_till_done()
    again = home.entry.runtime_data
    assert again is not home
    assert not again.snapshot.meter_silent
    assert await look(again) == {}


async def test_a_clock_that_is_off_is_compared_again(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER)

    def says(off_s: float) -> None:
        at = dt_util.utcnow() + timedelta(seconds=off_s)
        home.on_reading(
            Reading(format="dsmr5", timestamp=at, import_power_w=1, export_power_w=0)
        )

    says(-3600)
    assert clock_off_s(home) == pytest.approx(-3600, abs=1)
    fix = await flow(hass, (await look(home))[FaultKind.CLOCK_OFF])
    assert (await fix.async_step_confirm({}))["reason"] == "still_wrong"
    says(2)
    assert (await fix.async_step_confirm({}))["type"] is FlowResultType.CREATE_ENTRY


async def test_a_device_that_refuses_is_ordered_again_or_left_alone(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER, Kind.BATTERY)
    home.store.mode = Mode.CONTROL
    device = home.devices["cellar_battery"]
    device.problem = "it says no"
    issue = (await look(home))[FaultKind.DEVICE_REFUSES]
    fix = await flow(hass, issue)
    menu = await fix.async_step_init()
    assert menu["menu_options"] == ["try_again", "leave_alone"]
    calls: list[str] = []

    async def no(call: Any) -> None:
        calls.append(call.service)

    hass.services.async_register("number", "set_value", no)
    hass.services.async_register("select", "select_option", no)
    await fix.async_step_try_again()
    assert calls
    assert FaultKind.DEVICE_REFUSES not in await look(home)
    device.problem = "it says no"
    await fix.async_step_leave_alone()
    assert not device.control
    assert home.store.uncontrolled == {"id_battery"}
    assert await look(home) == {}


async def test_a_full_disk_is_told(
    hass: HomeAssistant, set_up: SetUp, room: Any
) -> None:
    home = await set_up(Kind.METER)
    room.return_value = Room(free_mb=12)
    issue = (await look(home))[FaultKind.DISK_NEARLY_FULL]
    assert issue.translation_placeholders == {"home": "Home", "free_mb": "12"}
    fix = await flow(hass, issue)
    with patch("custom_components.cem.repairs.async_delete_exports") as delete:
        assert (await fix.async_step_confirm({}))["reason"] == "still_wrong"
        room.return_value = ROOMY
        done = await fix.async_step_confirm({})
    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert delete.call_count == 2


async def test_issues_go_with_the_home(hass: HomeAssistant, set_up: SetUp) -> None:
    home = await set_up(Kind.METER, Kind.BATTERY)
    hass.states.async_remove("sensor.battery")
    issue = (await look(home))[FaultKind.ENTITY_GONE]
    await hass.config_entries.async_remove(home.entry.entry_id)
    await hass.async_block_till_done()
    assert open_issues(hass) == {}
    late = await flow(hass, issue)
    assert (await late.async_step_init())["step_id"] == "confirm"


async def test_an_issue_told_before_a_reload_stays(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER, Kind.BATTERY)
    hass.states.async_remove("sensor.battery")
    assert await look(home)
    home.reloading = True
    await hass.config_entries.async_reload(home.entry.entry_id)
    again = Issues(home.entry.runtime_data)
    await again.async_look()
    assert FaultKind.ENTITY_GONE in open_issues(hass)


async def test_one_that_a_fix_closed_has_to_last_anew(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER, Kind.BATTERY)
    hass.states.async_remove("sensor.battery")
    issues = Issues(home)
    await issues.async_look()
    issues._since = {i: since - LASTS_S for i, since in issues._since.items()}
    await issues.async_look()
    (issue,) = open_issues(hass).values()
    ir.async_delete_issue(hass, DOMAIN, issue.issue_id)
    await issues.async_look()
    assert open_issues(hass) == {}


async def test_where_nothing_is_left_to_mend_it_is_only_confirmed(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER, Kind.BATTERY)
    about = {"entry_id": home.entry.entry_id, "kind": FaultKind.CLOCK_OFF}
    assert isinstance(
        await async_create_fix_flow(hass, "issue", None), ConfirmRepairFlow
    )
    assert await hass.config_entries.async_unload(home.entry.entry_id)
    made = await async_create_fix_flow(hass, "issue", dict(about))
    assert isinstance(made, ConfirmRepairFlow)


@pytest.mark.parametrize("step", ["init", "choose", "forget"])
async def test_a_device_that_was_removed_meanwhile_ends_the_flow(
    hass: HomeAssistant, set_up: SetUp, step: str
) -> None:
    home = await set_up(Kind.METER, Kind.BATTERY)
    hass.states.async_remove("sensor.battery")
    fix = await flow(hass, (await look(home))[FaultKind.ENTITY_GONE])
    hass.config_entries.async_remove_subentry(home.entry, "id_battery")
    await hass.async_block_till_done()
    done = await getattr(fix, f"async_step_{step}")({"entity": "sensor.solar"})
    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert "id_battery" not in home.entry.subentries


async def test_what_the_form_cannot_do_without_is_replaced_instead(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER, Kind.EV_CHARGER)
    data = dict(DATA[Kind.EV_CHARGER])
    del data["throttle"]
    (charger,) = home.entry.get_subentries_of_type(Kind.EV_CHARGER)
    hass.config_entries.async_update_subentry(home.entry, charger, data=data)
    await hass.async_block_till_done()
    hass.states.async_remove("switch.charger")
    hass.states.async_set("switch.other", "off")
    home = home.entry.runtime_data
    fix = await flow(hass, (await look(home))[FaultKind.ENTITY_GONE])
    refused = await fix.async_step_forget({})
    assert refused["errors"] == {"base": "form_refuses"}
    asked = await fix.async_step_choose()
    assert (asked["type"], asked["errors"]) == (FlowResultType.FORM, {})
    done = await fix.async_step_choose({"entity": "switch.other"})
    assert done["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    assert home.entry.subentries["id_ev_charger"].data["switch"] == "switch.other"


async def test_whoever_foretells_is_asked_first(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    hass.states.async_set("weather.home", "sunny", {"temperature_unit": "°C"})
    home = await set_up(Kind.METER, Kind.TARIFF, Kind.HEAT_PUMP)
    pump = home.entry.subentries["id_heat_pump"]
    data = dict(pump.data) | {"outdoor_forecast": "weather.home"}
    hass.config_entries.async_update_subentry(home.entry, pump, data=data)
    await hass.async_block_till_done()
    home = home.entry.runtime_data
    now = dt_util.utcnow()
    span = Interval(
        start=now - timedelta(days=1), end=now + timedelta(hours=3), value=0.3
    )
    home.take_prices(Prices(imported=Series((span,)), exported=Series(())))
    fix = await flow(hass, (await look(home))[FaultKind.FORECAST_SHORT])
    asked = async_mock_service(hass, "homeassistant", "update_entity")
    planned = []

    async def replan() -> None:
        planned.append(len(asked))

    home.replan_now = replan
    still = await fix.async_step_confirm({})
    assert (still["type"], still["reason"]) == (FlowResultType.ABORT, "still_wrong")
    (call,) = asked
    assert call.data["entity_id"] == ["weather.home"]
    assert planned == [1]


async def test_what_is_away_for_hours_is_told_once(
    hass: HomeAssistant, set_up: SetUp, freezer: FrozenDateTimeFactory
) -> None:
    home = await set_up(Kind.METER, Kind.BATTERY, Kind.HEAT_PUMP, Kind.SOLAR)
    for entity_id in ("sensor.battery", "number.battery", "sensor.solar"):
        assert hass.states.get(entity_id)
        hass.states.async_set(entity_id, "unavailable")
    freezer.tick(timedelta(hours=1, minutes=59))
    assert FaultKind.ENTITIES_AWAY not in await look(home)
    freezer.tick(timedelta(minutes=1))
    issue = (await look(home))[FaultKind.ENTITIES_AWAY]
    assert issue.translation_placeholders is not None
    # An inverter sleeps each night: it is told of after a whole day.
    assert issue.translation_placeholders["entities"] == (
        "Cellar battery: sensor.battery, Cellar battery: number.battery"
    )
    fix = await flow(hass, issue)
    assert (await fix.async_step_confirm({}))["reason"] == "still_wrong"
    freezer.tick(timedelta(hours=22))
    told = (await look(home))[FaultKind.ENTITIES_AWAY].translation_placeholders
    assert told is not None
    assert told["entities"].endswith(", Roof: sensor.solar")
    for entity_id in ("sensor.battery", "number.battery", "sensor.solar"):
        hass.states.async_set(entity_id, *STATES[entity_id])
    done = await fix.async_step_confirm({})
    assert done["type"] is FlowResultType.CREATE_ENTRY
