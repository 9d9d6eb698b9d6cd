"""A charger behind evcc: filled in, read, commanded, left alone, given back."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
import pytest

from cem_core.devices import DeviceError
from cem_core.devices.rivalry import CHANGES
from cem_core.model import Action, Cause, Owner, Setpoint
from custom_components.cem import charger_phases
from custom_components.cem.const import DOMAIN, Kind, Mode
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.drivers import EvccDriver
from custom_components.cem.home import Home
from custom_components.cem.wishes import async_set_mode
from tests.cem_core.evcc.served import Evcc, serving
from tests.custom_components.conftest import SetUp
from tests.custom_components.house import DATA
from tests.custom_components.test_config_flow import body, start
from tests.custom_components.test_control_box import until
from tests.custom_components.test_listeners import without_entities

pytestmark = pytest.mark.usefixtures("socket_enabled")


def charger(address: str, **changes: Any) -> dict[str, Any]:
    return without_entities(Kind.EV_CHARGER, evcc_url=address, **changes)


def order(power_w: int | None) -> Setpoint:
    return Setpoint(
        device_id="wallbox",
        action=Action.CHARGE,
        power_w=power_w,
        cause=Cause.HANDED_BACK if power_w is None else Cause.PLAN,
    )


@asynccontextmanager
async def running(
    set_up: SetUp, evcc: Evcc, **changes: Any
) -> AsyncGenerator[tuple[Home, ControlledDevice, EvccDriver]]:
    async with serving(evcc) as address:
        with (
            patch.dict(DATA, {Kind.EV_CHARGER: charger(address, **changes)}),
            patch("custom_components.cem.evcc_loadpoints.EVERY_S", 0.05),
        ):
            home = await set_up(Kind.EV_CHARGER)
            [one] = home.devices.values()
            driver = one.driver
            assert isinstance(driver, EvccDriver)
            await until(lambda: driver.available)
            yield home, one, driver
            await home.hass.config_entries.async_unload(home.entry.entry_id)


async def test_a_car_is_read_and_charged_with_a_current(set_up: SetUp) -> None:
    evcc = Evcc(chargePower=3450, vehicleSoc=55)
    async with running(set_up, evcc, car_capacity=60) as (_, one, driver):
        assert (one.power_w, one.connected) == (3450, True)
        assert one.state_of_charge == 0.55
        assert one.energy_wanted_kwh == pytest.approx(15)  # of 60 kWh, up to 80 %
        assert driver.held_w() is None  # evcc decides
        assert one.model.step_w == 690
        await driver.obey(order(6900))
        assert (driver.held_w(), evcc.loadpoint["offeredCurrent"]) == (6900, 10)
        await driver.obey(order(0))
        assert (driver.held_w(), evcc.loadpoint["mode"]) == (0, "off")
        assert driver.is_as_ordered()
        await driver.obey(order(None))
        assert (evcc.loadpoint["mode"], evcc.loadpoint["maxCurrent"]) == ("pv", 16)
        assert driver.is_as(order(None))
        assert not driver.is_as_ordered()


async def test_less_is_looked_at_at_once_and_more_when_evcc_does(
    set_up: SetUp,
) -> None:
    evcc = Evcc()
    async with running(set_up, evcc) as (_, _, driver):
        await driver.obey(order(11040))
        assert evcc.loadpoint["offeredCurrent"] == 16
        await driver.obey(order(4140))
        assert evcc.loadpoint["offeredCurrent"] == 6
        await driver.obey(order(6900))
        assert evcc.loadpoint["offeredCurrent"] == 6
        evcc.act()
        assert evcc.loadpoint["offeredCurrent"] == 10


async def test_it_is_left_in_the_mode_that_was_chosen(set_up: SetUp) -> None:
    evcc = Evcc()
    async with running(set_up, evcc, evcc_mode="minpv") as (_, _, driver):
        await driver.obey(order(6900))
        await driver.obey(order(None))
        assert evcc.loadpoint["mode"] == "minpv"


async def test_a_mode_that_somebody_chose_in_evcc_is_not_fought(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    evcc = Evcc()
    async with running(set_up, evcc) as (home, one, driver):
        home.store.mode = Mode.CONTROL
        await driver.obey(order(6900))
        told = len(evcc.set)
        evcc.loadpoint["mode"] = "pv"
        await until(lambda: one.owner is Owner.PERSON)
        assert one.person_until is not None
        await hass.async_block_till_done()
        assert len(evcc.set) == told
        # It was handed over once: that it stays so is no other change.
        until_then = one.person_until
        await asyncio.sleep(0.3)
        assert one.person_until == until_then
        assert evcc.loadpoint["mode"] == "pv"


async def test_one_who_changes_it_again_and_again_is_named(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    evcc = Evcc()
    async with running(set_up, evcc) as (home, one, _):
        home.store.mode = Mode.CONTROL
        # Changes that are this close together would be one.
        with patch("cem_core.devices.rivalry._ONE_CHANGE", timedelta()):
            for _ in range(CHANGES):
                home.others.changed_in(one, "evcc")
        issue = ir.async_get(hass).async_get_issue(
            DOMAIN, f"other_controller_{one.subentry_id}"
        )
        assert issue is not None
        assert issue.translation_placeholders is not None
        assert issue.translation_placeholders["other"] == "evcc"


async def test_what_evcc_sets_when_a_car_leaves_is_its_own_doing(
    set_up: SetUp,
) -> None:
    evcc = Evcc()
    async with running(set_up, evcc) as (home, one, driver):
        home.store.mode = Mode.CONTROL
        await driver.obey(order(6900))
        evcc.loadpoint |= {"connected": False, "mode": "pv", "phasesActive": 3}
        await until(lambda: one.connected is False)
        evcc.loadpoint |= {"mode": "minpv"}
        await until(lambda: driver.held_w() is None)
        assert one.owner is Owner.PLAN


async def test_phases_are_counted_as_evcc_says(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    evcc = Evcc(phasesActive=1)
    async with running(set_up, evcc) as (_, one, driver):
        assert one.phases_said == 1
        assert charger_phases.follow(hass, one, 0.0, one.phases_said) or (
            one.phases.count == 1
        )
        assert one.model.rated_power_w == 3680
        await driver.obey(order(2300))
        assert evcc.loadpoint["maxCurrent"] == 10
        assert ("phases", "1") not in evcc.set


async def test_phases_are_switched_where_that_is_wanted(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    evcc = Evcc(phasesConfigured=1, phasesActive=1)
    async with running(set_up, evcc, evcc_switches_phases=True) as (_, one, driver):
        assert one.choice is not None
        await driver.obey(order(6900))
        assert evcc.loadpoint["phasesConfigured"] == 3
        for second in (0.0, 61.0):
            charger_phases.choose(hass, one, second, 2000.0)
        await driver.obey(order(2070))
        assert evcc.loadpoint["phasesConfigured"] == 1
        assert evcc.loadpoint["maxCurrent"] == 9
        await driver.obey(order(None))
        assert evcc.loadpoint["phasesConfigured"] == 0  # evcc chooses again


async def test_a_lost_evcc_is_said_to_be_away(set_up: SetUp) -> None:
    evcc = Evcc()
    async with running(set_up, evcc) as (_, one, driver):
        driver.lost("no connection to it")
        with pytest.raises(DeviceError, match="no connection to it"):
            await driver.obey(order(0))
        assert one.power_w is None
        await until(lambda: driver.available)
        evcc.refuses = True
        with pytest.raises(DeviceError, match="charger not ready"):
            await driver.obey(order(6900))
        assert not driver.is_as_ordered()


async def test_an_order_comes_from_the_home(set_up: SetUp) -> None:
    evcc = Evcc()
    async with running(set_up, evcc) as (home, one, _):
        await async_set_mode(home, Mode.CONTROL)
        one.order(order(4830))
        await one.join()
        assert ("maxcurrent", "7") in evcc.set


@pytest.mark.parametrize(
    ("said", "changes", "error"),
    [
        ({}, {"switch": "switch.charger"}, "evcc_alone"),
        ({}, {"s2_token": "a-token-of-sixteen"}, "evcc_alone"),
        ({}, {"evcc_loadpoint": 2}, "evcc_not_understood"),
        ({}, {"evcc_url": "http://127.0.0.1:1"}, "evcc_gone"),
        ({}, {"evcc_url": "somewhere"}, "evcc_not_understood"),
        ({"minCurrent": 8}, {}, "evcc_min_current"),
        (
            {"chargerPhases1p3p": False},
            {"evcc_switches_phases": True},
            "evcc_no_phases",
        ),
        ({}, {}, None),
        ({}, {"car_capacity": 60}, None),
    ],
)
async def test_the_form_asks_evcc(
    hass: HomeAssistant,
    set_up: SetUp,
    said: dict[str, Any],
    changes: dict[str, Any],
    error: str | None,
) -> None:
    flow = await start(hass, Kind.EV_CHARGER)
    async with serving(Evcc(**said)) as address:
        with patch.dict(DATA, {Kind.EV_CHARGER: charger(address)}):
            answers = body(Kind.EV_CHARGER, **changes)
        shown = await hass.config_entries.subentries.async_configure(
            flow["flow_id"], answers
        )
        await hass.async_block_till_done()
    if error is None:
        assert shown["type"] is FlowResultType.CREATE_ENTRY
    else:
        assert shown["type"] is FlowResultType.FORM
        assert error in (shown["errors"] or {}).values()
    for entry in hass.config_entries.async_entries(DOMAIN):
        await hass.config_entries.async_unload(entry.entry_id)
