"""A wallbox in a process of its own, paired in Home Assistant and limited by it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
import pytest

from cem_core.evidence import EvidenceLog, Kind as EvidenceKind
from cem_core.model import Direction, LimitSource, PowerLimit, Scope
from cem_core.transport.eebus_identity import Identity, create
from custom_components.cem.const import DOMAIN, Kind
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.drivers import EebusDriver
from custom_components.cem.forms import FORMS, ONLY
from custom_components.cem.home import Home
from script.rig.eebus_peer import EebusPeer, eebus_peer
from script.rig.processes import free_port
from tests.custom_components.conftest import SetUp
from tests.custom_components.house import DATA
from tests.custom_components.test_config_flow import body, start
from tests.custom_components.test_control_box import announced, found, until

pytestmark = pytest.mark.usefixtures("socket_enabled", "loopback_only")
STRANGER = create("Stranger", dt_util.utcnow()).ski


@pytest.fixture
def loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Listen where a test may."""
    place = "custom_components.cem.forms.eebus"
    monkeypatch.setattr(f"{place}.EVERY_NETWORK", "127.0.0.1")
    monkeypatch.setattr(f"{place}.PORT", 0)


@pytest.fixture
async def wallbox(identity: Identity, tmp_path: Path) -> AsyncIterator[EebusPeer]:
    """Run a wallbox that trusts the home."""
    async with eebus_peer("wallbox", tmp_path, "--peer", identity.ski) as running:
        yield running


def charger(wallbox: EebusPeer, **changes: Any) -> dict[str, Any]:
    """Return how the wallbox is filled in."""
    by_entities = ("switch", "throttle", "power", "plugged")
    data = {k: v for k, v in DATA[Kind.EV_CHARGER].items() if k not in by_entities}
    there = {"ski": wallbox.ski, "host": "127.0.0.1", "port": wallbox.port}
    return data | there | changes


def the_charger(home: Home) -> ControlledDevice:
    [device] = home.devices.values()
    return device


def limited(wallbox: EebusPeer) -> bool:
    """Tell whether it is held to 4.2 kW, of which dispatch leaves some unused."""
    said = wallbox.said
    return said.get("state") == "limited" and 4000 < said["import_limit_w"] <= 4200


def order(home: Home, limit_w: int) -> None:
    limit = PowerLimit(
        limit_id="operator",
        source=LimitSource.ORDER,
        issuer="operator",
        direction=Direction.IMPORT,
        scope=Scope.CONTROLLABLE,
        limit_w=limit_w,
    )
    home.store.orders.order(limit)
    home.cycle()


async def test_it_listens_where_the_home_says_and_only_with_devices(
    hass: HomeAssistant, set_up: SetUp, wallbox: EebusPeer
) -> None:
    port = free_port()
    options = {"listen_address": "127.0.0.1", "listen_port": float(port)}
    home = await set_up(Kind.METER, options=options)
    assert home.links.eebus.port is None
    assert await hass.config_entries.async_remove(home.entry.entry_id)
    with patch.dict(DATA, {Kind.EV_CHARGER: charger(wallbox)}):
        home = await set_up(Kind.METER, Kind.EV_CHARGER, options=options)
    assert home.links.eebus.port == port
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.close()
    assert await hass.config_entries.async_unload(home.entry.entry_id)


async def test_a_wallbox_is_limited_measured_and_given_back(
    hass: HomeAssistant, set_up: SetUp, wallbox: EebusPeer
) -> None:
    with patch.dict(DATA, {Kind.EV_CHARGER: charger(wallbox, failsafe_power=3.0)}):
        home = await set_up(Kind.METER, Kind.EV_CHARGER)
    device = the_charger(home)
    assert not device.available  # nothing has been heard yet
    # With the limit that is off it leaves Init: it is free to charge.
    await until(lambda: wallbox.said.get("state") == "unlimited_controlled")
    await until(lambda: device.available)
    wallbox.tell("plug on")
    wallbox.tell("power 9000")
    await until(lambda: device.connected is True)
    await until(lambda: device.power_w == 9000)
    order(home, 4200)
    await until(lambda: limited(wallbox))
    await until(lambda: device.power_w == wallbox.said["import_limit_w"])
    assert device.problem is None
    connected = "binary_sensor.wallbox_eebus_connected"
    power = "sensor.wallbox_power_over_eebus"
    await until(lambda: hass.states.is_state(connected, "on"))
    await until(lambda: hass.states.is_state(power, str(device.power_w)))
    driver = device.driver
    assert isinstance(driver, EebusDriver)
    assert driver.guard is not None
    # Without the CEM it keeps to what was filled in.
    await until(lambda: driver.guard is not None and not driver.guard.failsafe_refused)
    wallbox.tell("plug off")
    await until(lambda: device.connected is False)

    # The home goes, with no operator's limit in force: the wallbox is free again.
    home.store.orders.end("operator", "operator", administrator=True)
    home.cycle()
    assert await hass.config_entries.async_unload(home.entry.entry_id)
    await until(lambda: wallbox.said.get("state") == "unlimited_controlled")


async def test_a_reload_under_a_limit_never_frees_the_wallbox(
    hass: HomeAssistant, set_up: SetUp, wallbox: EebusPeer
) -> None:
    with patch.dict(DATA, {Kind.EV_CHARGER: charger(wallbox)}):
        home = await set_up(Kind.METER, Kind.EV_CHARGER)
        await until(lambda: the_charger(home).available)
        wallbox.tell("power 9000")
        order(home, 4200)
        await until(lambda: limited(wallbox))
        seen: list[dict[str, Any]] = []
        wallbox.heard = lambda: seen.append(dict(wallbox.said))
        await home.store.async_save()
        home.reloading = True
        assert await hass.config_entries.async_reload(home.entry.entry_id)
        again: Home = home.entry.runtime_data
        await until(lambda: the_charger(again).available)
        await until(lambda: the_charger(again).queue.sent is not None)
        await asyncio.sleep(1.0)
        assert seen
        assert all(said["import_limit_w"] <= 4200 for said in seen)
        assert await hass.config_entries.async_unload(home.entry.entry_id)


async def test_a_wallbox_that_is_gone_is_away_and_comes_back_limited(
    hass: HomeAssistant, set_up: SetUp, identity: Identity, tmp_path: Path
) -> None:
    arguments = ("--peer", identity.ski)
    async with eebus_peer("wallbox", tmp_path, *arguments) as first:
        with patch.dict(DATA, {Kind.EV_CHARGER: charger(first)}):
            home = await set_up(Kind.METER, Kind.EV_CHARGER)
        device = the_charger(home)
        await until(lambda: device.available)
        order(home, 4200)
        first.tell("power 9000")
        await until(lambda: limited(first))
    await until(lambda: not device.available)
    assert device.power_w is None
    again = (*arguments, "--port", str(first.port))
    async with eebus_peer("wallbox", tmp_path, *again) as second:
        await until(lambda: device.available)
        second.tell("power 9000")
        await until(lambda: limited(second))
        assert await hass.config_entries.async_unload(home.entry.entry_id)


async def test_pairing_and_unpairing_are_evidence(
    hass: HomeAssistant, set_up: SetUp, wallbox: EebusPeer, evidence_folder: Path
) -> None:
    with patch.dict(DATA, {Kind.EV_CHARGER: charger(wallbox)}):
        home = await set_up(Kind.METER, Kind.EV_CHARGER)
    entry = home.entry
    [subentry_id] = [
        s.subentry_id for s in entry.subentries.values() if "ski" in s.data
    ]
    hass.config_entries.async_remove_subentry(entry, subentry_id)
    await hass.async_block_till_done()
    await until(lambda: not any(wallbox.said.get("ready") for _ in "x"))
    assert await hass.config_entries.async_unload(entry.entry_id)
    said = [
        (record.data["what"], record.data["ski"])
        for record in EvidenceLog(evidence_folder).records(None, None)
        if record.kind is EvidenceKind.ADMINISTRATION
    ]
    assert said == [("paired", wallbox.ski), ("unpaired", wallbox.ski)]


async def test_a_stranger_is_told_of_and_not_heard(
    hass: HomeAssistant, set_up: SetUp, identity: Identity, tmp_path: Path
) -> None:
    with patch.dict(DATA, {Kind.EV_CHARGER: DATA[Kind.EV_CHARGER]}):
        data = charger(EebusPeer(process=None, ski=STRANGER), host=None)  # type: ignore[arg-type]
        data = {k: v for k, v in data.items() if k not in ("host", "port")}
        with patch.dict(DATA, {Kind.EV_CHARGER: data}):
            home = await set_up(Kind.METER, Kind.EV_CHARGER)
    port = home.links.eebus.port
    arguments = ("--peer", identity.ski, "--host", "127.0.0.1", "--dial", str(port))
    issues = ir.async_get(hass)
    async with eebus_peer("box", tmp_path, *arguments) as box:
        issue_id = "eebus_stranger_home_entry"
        await until(lambda: issues.async_get_issue(DOMAIN, issue_id) is not None)
        issue = issues.async_get_issue(DOMAIN, issue_id)
        assert issue is not None
        assert issue.translation_placeholders is not None
        assert issue.translation_placeholders["ski"] == box.ski
        assert not any(x.limit_id.startswith("eebus") for x in home.snapshot.limits)
        assert await hass.config_entries.async_unload(home.entry.entry_id)


async def test_another_certificate_at_the_wallboxs_place_is_told_of(
    hass: HomeAssistant, set_up: SetUp, wallbox: EebusPeer
) -> None:
    data = charger(wallbox, ski=STRANGER)
    with patch.dict(DATA, {Kind.EV_CHARGER: data}):
        home = await set_up(Kind.METER, Kind.EV_CHARGER)
    issue_id = "eebus_certificate_changed_home_entry"
    issues = ir.async_get(hass)
    await until(lambda: issues.async_get_issue(DOMAIN, issue_id) is not None)
    issue = issues.async_get_issue(DOMAIN, issue_id)
    assert issue is not None
    assert issue.translation_placeholders is not None
    assert issue.translation_placeholders["found"] == wallbox.ski
    assert not the_charger(home).available
    assert await hass.config_entries.async_unload(home.entry.entry_id)


async def test_a_silent_control_box_is_told_of_after_two_minutes(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    answers = DATA[Kind.CONTROL_BOX] | {"listen_port": 0}
    with patch.dict(DATA, {Kind.CONTROL_BOX: answers}):
        home = await set_up(Kind.METER, Kind.CONTROL_BOX)
    box = home.control_box
    assert box is not None
    early = box.away
    assert not early
    states = hass.states
    connected = states.get("binary_sensor.home_control_box_connected")
    assert connected is not None
    assert connected.state == "off"
    state = states.get("sensor.home_control_box_import_state")
    assert state is not None
    assert state.state == "init"
    box._began_s -= 121
    assert box.away
    home.links.eebus.check()
    issue_id = "eebus_box_away_home_entry"
    assert ir.async_get(hass).async_get_issue(DOMAIN, issue_id) is not None
    assert await hass.config_entries.async_unload(home.entry.entry_id)


@pytest.mark.parametrize(
    ("option", "filled_in", "kind"),
    [
        (
            "pair_ev_charger",
            {"name": "Box", "phases": "1", "max_current": 32, "failsafe_power": 1.5},
            Kind.EV_CHARGER,
        ),
        ("pair_heat_pump", {"name": "Pump", "max_power": 6}, Kind.HEAT_PUMP),
    ],
)
async def test_a_device_that_is_found_is_paired_when_a_person_says_what_it_is(
    hass: HomeAssistant,
    set_up: SetUp,
    option: str,
    filled_in: dict[str, Any],
    kind: Kind,
) -> None:
    home = await set_up(Kind.METER)
    flow = await found(hass, announced(cat="3", type="ChargingStation"))
    assert flow["type"] is FlowResultType.MENU
    assert flow["description_placeholders"]["name"] == "Demo Box"
    flows = hass.config_entries.flow
    form = await flows.async_configure(flow["flow_id"], {"next_step_id": option})
    result = await flows.async_configure(form["flow_id"], filled_in)
    assert result["reason"] == "device_paired"
    await hass.async_block_till_done()
    again: Home = home.entry.runtime_data
    device = the_charger(again)
    assert device.kind is kind
    assert isinstance(device.driver, EebusDriver)
    assert device.model.name == filled_in["name"]
    assert (await found(hass, announced(cat="3")))["reason"] == "already_paired"
    assert await hass.config_entries.async_unload(home.entry.entry_id)


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"ski": "12"}, {"base": "no_ski"}),
        ({"ski": STRANGER, "host": "wallbox.local"}, {"base": "port_missing"}),
        ({"ski": STRANGER, "switch": "switch.charger"}, {"base": "eebus_alone"}),
        ({}, {"base": "no_control", "plugged": "plugged_missing"}),
    ],
)
async def test_a_wallbox_that_cannot_be_paired_is_refused(
    hass: HomeAssistant, changes: dict[str, Any], errors: dict[str, str]
) -> None:
    form = await start(hass, Kind.EV_CHARGER)
    nothing = dict.fromkeys(("switch", "throttle", "power", "plugged"))
    result = await hass.config_entries.subentries.async_configure(
        form["flow_id"], body(Kind.EV_CHARGER, **nothing | changes)
    )
    assert result["errors"] == errors


async def test_two_devices_cannot_have_one_ski(
    hass: HomeAssistant, set_up: SetUp, wallbox: EebusPeer
) -> None:
    with patch.dict(DATA, {Kind.EV_CHARGER: charger(wallbox)}):
        home = await set_up(Kind.EV_CHARGER)
    flows = hass.config_entries.subentries
    form = await flows.async_init(
        (home.entry.entry_id, Kind.SOLAR), context={"source": "user"}
    )
    asked = FORMS[Kind.SOLAR][ONLY]
    data = {k: v for k, v in DATA[Kind.SOLAR].items() if k != "curtailment"}
    answers = asked.nested(data | {"ski": wallbox.ski.upper()})
    result = await flows.async_configure(form["flow_id"], answers)
    assert result["errors"] == {"base": "ski_taken"}
    assert await hass.config_entries.async_unload(home.entry.entry_id)


async def test_reading_back_needs_the_device(wallbox: EebusPeer) -> None:
    driver = EebusDriver(Kind.SOLAR, {"ski": wallbox.ski, "peak_power": 6})
    assert (driver.available, driver.measured_w(), driver.held_w()) == (
        False,
        None,
        None,
    )
    assert driver.pairing.failsafe is not None
    assert driver.pairing.failsafe.limit_w == {}
    assert timedelta(seconds=driver.pairing.failsafe.duration_s) == timedelta(hours=2)
