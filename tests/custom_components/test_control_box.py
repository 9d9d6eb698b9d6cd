"""A control box, paired in Home Assistant, orders limits over real connections."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
import time
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from homeassistant.config_entries import SOURCE_ZEROCONF, ConfigFlowContext
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo
import pytest

from cem_core.eebus.clock import Clock
from cem_core.eebus.controllable import ControllableSystem
from cem_core.eebus.home import Naming, our_home
from cem_core.eebus.peer import PeerRole
from cem_core.limits.limitation import LimitationState
from cem_core.model import Direction
from cem_core.transport.eebus_identity import Identity, create
from cem_core.transport.eebus_node import EebusNode, NodeEvents, Pairing
from custom_components.cem.const import DOMAIN, Kind
from custom_components.cem.control_box import ISSUER, ISSUER_AWAY, ControlBox
from custom_components.cem.events import HomeEvent
from custom_components.cem.home import Home
from tests.custom_components.conftest import SetUp
from tests.custom_components.house import DATA
from tests.custom_components.test_config_flow import body, start

BOX = create("Box", datetime(2026, 1, 1, tzinfo=UTC))
IMPORT = Direction.IMPORT

pytestmark = pytest.mark.usefixtures("socket_enabled")


@pytest.fixture
async def box(identity: Identity, hass: HomeAssistant) -> AsyncIterator[EebusNode]:
    """Run a control box that the home is paired with."""
    clock = Clock(monotonic_s=time.monotonic, utc=lambda: datetime.now(UTC))
    naming = Naming(brand="Demo", model="Box", serial="1")
    idle = ControllableSystem(clock, {})
    home = our_home(naming, clock, idle, None, {IMPORT: 4200.0})
    events = NodeEvents(
        changed=lambda: None, paired=lambda _: None, asked=lambda _: None
    )
    node = EebusNode(BOX, home, clock, events)
    port = await node.listen("127.0.0.1", 0)
    node.pair(Pairing(ski=identity.ski, role=PeerRole.DEVICE))
    answers: dict[str, Any] = DATA[Kind.CONTROL_BOX] | {
        "ski": BOX.ski,
        "host": "127.0.0.1",
        "port": port,
        "listen_port": 0,
    }
    with patch.dict(DATA, {Kind.CONTROL_BOX: answers}):
        yield node
        await node.close()


async def until(true: Callable[[], bool], within_s: float = 20.0) -> None:
    async with asyncio.timeout(within_s):
        while not true():  # noqa: ASYNC110 - any condition
            await asyncio.sleep(0.02)


def issuers(home: Home) -> dict[str, tuple[str, int]]:
    return {
        limit.limit_id: (limit.issuer, limit.limit_w)
        for limit in home.snapshot.limits
        if limit.limit_id.startswith("eebus")
    }


async def test_limits_of_a_control_box_are_kept(
    hass: HomeAssistant, set_up: SetUp, box: EebusNode, identity: Identity
) -> None:
    home = await set_up(Kind.METER, Kind.CONTROL_BOX, Kind.EV_CHARGER)
    assert issuers(home) == {
        "eebus_import": (ISSUER_AWAY, 4200),
        "eebus_export": (ISSUER_AWAY, 0),
    }
    control_box = home.control_box
    assert control_box is not None
    await until(lambda: issuers(home) == {})
    assert control_box.connected
    states = control_box.states
    assert set(states.values()) == {LimitationState.CONTROLLED}
    told: list[HomeEvent] = []
    stop = home.listen_events(told.append)
    box.limit(identity.ski, IMPORT, 7560.0)
    await until(lambda: issuers(home) == {"eebus_import": (ISSUER, 7560)})
    for _ in range(3):
        home.cycle()
    box.limit(identity.ski, IMPORT, None)
    await until(lambda: issuers(home) == {})
    home.cycle()
    await until(lambda: len(told) > 1)
    stop()
    assert [
        (event.event_type, event.attributes["issuer"], event.attributes["limit_w"])
        for event in told
    ] == [("limit_ordered", ISSUER, 7560), ("limit_ended", ISSUER, 7560)]
    assert await hass.config_entries.async_unload(home.entry.entry_id)


def test_the_end_of_a_limit_stays_until_it_really_moves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Init ends by itself here, 120 s after the start of the machine."""
    now = begin = datetime(2026, 3, 1, 12, tzinfo=UTC)
    seconds = 0.0
    clock = Clock(monotonic_s=lambda: seconds, utc=lambda: now)
    utc = SimpleNamespace(utcnow=lambda: now)
    monkeypatch.setattr("custom_components.cem.control_box.dt_util", utc)
    answers = DATA[Kind.CONTROL_BOX] | {"after_failsafe": "release"}
    box = ControlBox(answers, clock, {}, lambda: None)

    def ends() -> set[datetime | None]:
        return {limit.end for limit in box.limits()}

    due = begin + timedelta(seconds=120)
    assert ends() == {due}
    for step in range(1, 119):
        seconds = step
        # The calendar's clock drifts and trembles against the one that counts.
        now = begin + timedelta(seconds=step * 1.01 + 0.3 * (step % 2))
        assert ends() == {due}
    now += timedelta(hours=1)  # it is set
    [moved] = ends()
    assert moved is not None
    assert moved > due + timedelta(minutes=59)
    now = moved + timedelta(seconds=0.5)  # late: it holds until the machine ends it
    assert ends() == {now + timedelta(seconds=120 - seconds)}
    seconds = 120.0
    assert ends() == set()


async def test_a_limit_that_ends_by_itself_is_written_once(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    answers = DATA[Kind.CONTROL_BOX] | {"after_failsafe": "release", "listen_port": 0}
    with patch.dict(DATA, {Kind.CONTROL_BOX: answers}):
        home = await set_up(Kind.METER, Kind.CONTROL_BOX)
    written = hass.states.get("binary_sensor.home_limit_in_force")
    assert written is not None
    assert written.state == "on"
    assert written.attributes["end"] is not None
    for _ in range(5):
        await asyncio.sleep(0.01)
        home.cycle()
    assert hass.states.get("binary_sensor.home_limit_in_force") is written
    assert await hass.config_entries.async_unload(home.entry.entry_id)


async def test_failsafe_values_survive_a_restart(
    hass: HomeAssistant, set_up: SetUp, box: EebusNode
) -> None:
    answers = DATA[Kind.CONTROL_BOX] | {"failsafe_import": 9.0}
    with patch.dict(DATA, {Kind.CONTROL_BOX: answers}):
        home = await set_up(Kind.CONTROL_BOX)
        assert issuers(home)["eebus_import"] == (ISSUER_AWAY, 9000)
        # The box writes 4.2 kW when it connects.
        await until(
            lambda: home.store.failsafe.get("import", {}).get("limit_w") == 4200
        )
        await box.close()
        assert await hass.config_entries.async_reload(home.entry.entry_id)
        await hass.async_block_till_done()
        again: Home = home.entry.runtime_data
        assert issuers(again)["eebus_import"] == (ISSUER_AWAY, 4200)
        assert await hass.config_entries.async_unload(home.entry.entry_id)


async def test_a_port_that_is_taken_is_told_and_the_failsafe_limit_holds(
    hass: HomeAssistant, set_up: SetUp, caplog: pytest.LogCaptureFixture
) -> None:
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    answers = DATA[Kind.CONTROL_BOX] | {"listen_port": port}
    with patch.dict(DATA, {Kind.CONTROL_BOX: answers}):
        home = await set_up(Kind.CONTROL_BOX)
    assert "EEBUS cannot listen" in caplog.text
    issue = ir.async_get(hass).async_get_issue(DOMAIN, "eebus_port_taken_home_entry")
    assert issue is not None
    assert issue.translation_placeholders is not None
    assert issue.translation_placeholders["port"] == str(port)
    assert issuers(home)["eebus_import"] == (ISSUER_AWAY, 4200)
    server.close()
    assert await hass.config_entries.async_unload(home.entry.entry_id)


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"ski": "12"}, {"ski": "no_ski"}),
        ({"ski": "z" * 40}, {"ski": "no_ski"}),
        ({"ski": "own"}, {"ski": "own_ski"}),
        ({"host": "box.local"}, {"port": "port_missing"}),
    ],
)
async def test_what_cannot_be_paired_is_refused(
    hass: HomeAssistant,
    identity: Identity,
    changes: dict[str, Any],
    errors: dict[str, str],
) -> None:
    if changes.get("ski") == "own":
        changes = {"ski": identity.ski.upper()}
    form = await start(hass, Kind.CONTROL_BOX)
    shown = form["description_placeholders"]["own_ski"]
    assert shown.replace(" ", "") == identity.ski
    [code] = [
        selector
        for marker, selector in form["data_schema"].schema.items()
        if marker == "qr_code"
    ]
    assert f"SKI:{identity.ski};" in code.config["data"]
    result = await hass.config_entries.subentries.async_configure(
        form["flow_id"], body(Kind.CONTROL_BOX, **changes)
    )
    assert result["errors"] == errors


def announced(**changes: str) -> ZeroconfServiceInfo:
    """Return what a control box announces."""
    said = {
        "txtvers": "1",
        "path": "/ship/",
        "id": "Demo-Box-1",
        "ski": BOX.ski,
        "brand": "Demo",
        "model": "Box",
        "type": "ElectricitySupplySystem",
        "register": "false",
        "cat": "1",
    }
    address = ip_address("192.0.2.7")
    return ZeroconfServiceInfo(
        ip_address=address,
        ip_addresses=[address],
        port=4711,
        hostname="box.local.",
        type="_ship._tcp.local.",
        name="Demo-Box-1._ship._tcp.local.",
        properties=said | changes,
    )


async def found(hass: HomeAssistant, info: ZeroconfServiceInfo) -> dict[str, Any]:
    """Let a box be found."""
    context = ConfigFlowContext(source=SOURCE_ZEROCONF)
    flows = hass.config_entries.flow
    return dict(await flows.async_init(DOMAIN, context=context, data=info))


async def test_a_box_that_is_found_is_paired_when_a_person_confirms_it(
    hass: HomeAssistant, set_up: SetUp, identity: Identity
) -> None:
    home = await set_up(Kind.METER)
    form = await found(hass, announced())
    assert form["step_id"] == "pair"
    shown = form["description_placeholders"]
    compared = (shown["ski"].replace(" ", ""), shown["own_ski"].replace(" ", ""))
    assert compared == (BOX.ski, identity.ski)
    assert shown["name"] == "Demo Box"
    assert home.control_box is None  # nothing is trusted before
    result = await hass.config_entries.flow.async_configure(form["flow_id"], {})
    assert result["reason"] == "paired"
    await hass.async_block_till_done()
    paired: Home = home.entry.runtime_data
    assert paired.control_box is not None
    assert paired.control_box.ski == BOX.ski
    assert issuers(paired)["eebus_import"] == (ISSUER_AWAY, 4200)
    again = await found(hass, announced())
    assert again["reason"] == "already_paired"
    assert await hass.config_entries.async_unload(home.entry.entry_id)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"ski": "12"}, "no_control_box"),
        ({"ski": "own"}, "no_control_box"),
        ({"cat": "2", "type": "EnergyManagementSystem"}, "no_control_box"),
        ({}, "no_home_to_pair"),
    ],
)
async def test_what_is_no_box_to_pair_is_left(
    hass: HomeAssistant, identity: Identity, changes: dict[str, str], reason: str
) -> None:
    if changes.get("ski") == "own":
        changes = {"ski": identity.ski}
    assert (await found(hass, announced(**changes)))["reason"] == reason


async def test_a_box_that_moved_is_dialled_where_it_is_now(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    answers = DATA[Kind.CONTROL_BOX] | {"ski": BOX.ski, "listen_port": 0}
    with patch.dict(DATA, {Kind.CONTROL_BOX: answers}):
        home = await set_up(Kind.CONTROL_BOX)
        assert home.control_box is not None
        with patch.object(EebusNode, "located") as located:
            assert (await found(hass, announced()))["reason"] == "already_paired"
        located.assert_called_once_with(BOX.ski, "192.0.2.7", 4711)
        assert await hass.config_entries.async_unload(home.entry.entry_id)


@pytest.mark.parametrize("scope", ["controllable", "connection"])
async def test_what_an_import_limit_counts_is_said_in_the_form(
    hass: HomeAssistant, set_up: SetUp, scope: str
) -> None:
    # Field fault 6: applied to the whole connection, other loads starve the devices.
    answers = DATA[Kind.CONTROL_BOX] | {"limit_scope": scope, "listen_port": 0}
    with patch.dict(DATA, {Kind.CONTROL_BOX: answers}):
        home = await set_up(Kind.CONTROL_BOX)
    assert home.control_box is not None
    scopes = {x.direction: x.scope.value for x in home.control_box.limits()}
    assert scopes == {IMPORT: scope, Direction.EXPORT: "connection"}
    assert await hass.config_entries.async_unload(home.entry.entry_id)
