"""Relay contacts: read as binary sensors, acted on, shown, reported when broken."""

from typing import Any

from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from cem_core.model import Direction, LimitSource, Scope
from custom_components.cem.const import DOMAIN, Kind
from custom_components.cem.events import HomeEvent
from custom_components.cem.home import Home
from custom_components.cem.problems import problems
from tests.custom_components.conftest import SetUp
from tests.custom_components.test_limits import value

ISSUE = f"contact_unreadable_id_{Kind.RELAY}"


class Clock:
    """Home Assistant's time, as the relays see it."""

    def __init__(self, hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> None:
        self.hass = hass
        self.ahead_s = 0.0
        running = hass.loop.time
        monkeypatch.setattr(
            "custom_components.cem.relays.monotonic_s",
            lambda _: running() + self.ahead_s,
        )

    async def turn_on(self, home: Home, seconds: float) -> None:
        self.ahead_s += seconds
        home.cycle()
        await self.hass.async_block_till_done()


@pytest.fixture
def clock(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Return what turns the loop's clock on."""
    return Clock(hass, monkeypatch)


def set_contact(hass: HomeAssistant, name: str, state: str) -> None:
    hass.states.async_set(f"binary_sensor.{name}", state)


async def test_a_closed_contact_limits_and_an_open_one_no_longer(
    hass: HomeAssistant, set_up: SetUp, clock: Clock
) -> None:
    home = await set_up(Kind.METER, Kind.RELAY)
    told: list[HomeEvent] = []
    home.listen_events(told.append)
    assert value(hass, "sensor.home_controllable_limit") == "unknown"
    set_contact(hass, "w4", "on")
    await hass.async_block_till_done()
    assert value(hass, "sensor.home_controllable_limit") == "unknown"  # it may bounce
    await clock.turn_on(home, 0.6)
    assert value(hass, "sensor.home_controllable_limit") == "4200"
    shown = home.snapshot.in_force.get(Direction.IMPORT, Scope.CONTROLLABLE)
    assert shown is not None
    assert (shown.source, shown.issuer) == (LimitSource.RELAY, "Operator's relays")
    assert home.operator_limit is shown
    set_contact(hass, "s1", "on")
    set_contact(hass, "w4", "off")
    await hass.async_block_till_done()
    await clock.turn_on(home, 0.6)
    assert value(hass, "sensor.home_controllable_limit") == "unknown"
    shown = home.snapshot.in_force.get(Direction.EXPORT, Scope.CONNECTION)
    assert shown is not None
    assert shown.limit_id == "contract_export"  # 5 kW, stricter than 60 % of 10 kW
    home.cycle()
    ordered, *others = told
    assert (ordered.event_type, ordered.attributes["limit_w"]) == (
        "limit_ordered",
        4200,
    )
    # Which contact has stood still first, nobody knows.
    ended, new = sorted(others, key=lambda event: event.event_type)
    assert (ended.event_type, ended.attributes["limit_w"]) == ("limit_ended", 4200)
    assert (new.event_type, new.attributes["limit_w"]) == ("limit_ordered", 6000)
    assert ended.attributes["cost"] is None  # no plan was made under it


async def test_a_contact_counts_without_waiting_for_a_telegram(
    hass: HomeAssistant, set_up: SetUp, clock: Clock
) -> None:
    home = await set_up(Kind.METER, Kind.RELAY)
    set_contact(hass, "w4", "on")
    await hass.async_block_till_done()
    clock.ahead_s += 0.6
    async_fire_time_changed(hass, fire_all=True)
    await hass.async_block_till_done()
    assert home.snapshot.in_force.get(Direction.IMPORT, Scope.CONTROLLABLE) is not None


@pytest.mark.parametrize("lost", ["unavailable", "unknown", None])
async def test_who_cannot_be_read_counts_as_limited_and_is_reported(
    hass: HomeAssistant, set_up: SetUp, clock: Clock, lost: str | None
) -> None:
    home = await set_up(Kind.METER, Kind.RELAY)
    if lost is None:
        hass.states.async_remove("binary_sensor.w4")
    else:
        set_contact(hass, "w4", lost)
    await hass.async_block_till_done()
    await clock.turn_on(home, 119)
    assert value(hass, "sensor.home_controllable_limit") == "unknown"
    await clock.turn_on(home, 1.5)
    assert value(hass, "sensor.home_controllable_limit") == "4200"
    shown = home.snapshot.in_force.get(Direction.IMPORT, Scope.CONTROLLABLE)
    assert shown is not None
    assert shown.reason is not None
    assert shown.reason.key == "contact_unreadable"
    issues = ir.async_get(hass)
    issue = issues.async_get_issue(DOMAIN, ISSUE)
    assert issue is not None
    assert issue.translation_placeholders is not None
    assert issue.translation_placeholders["entities"] == "binary_sensor.w4"
    assert "contact_unreadable" in dict(problems(home))
    set_contact(hass, "w4", "off")
    await hass.async_block_till_done()
    await clock.turn_on(home, 0.6)
    assert value(hass, "sensor.home_controllable_limit") == "unknown"
    assert issues.async_get_issue(DOMAIN, ISSUE) is None


async def test_a_wire_that_is_broken_from_the_start_is_found(
    hass: HomeAssistant, set_up: SetUp, clock: Clock
) -> None:
    hass.states.async_remove("binary_sensor.s1")
    home = await set_up(Kind.METER, Kind.RELAY)
    hass.states.async_remove("binary_sensor.s1")
    await hass.async_block_till_done()
    await clock.turn_on(home, 121)
    assert [x.limit_w for x in home.snapshot.limits if x.is_order] == [6000]


async def test_removed_relays_limit_no_longer_and_take_their_issue_along(
    hass: HomeAssistant, set_up: SetUp, clock: Clock
) -> None:
    home = await set_up(Kind.METER, Kind.RELAY)
    set_contact(hass, "w4", "unavailable")
    await hass.async_block_till_done()
    await clock.turn_on(home, 121)
    hass.config_entries.async_remove_subentry(home.entry, f"id_{Kind.RELAY}")
    await hass.async_block_till_done()
    assert value(hass, "sensor.home_controllable_limit") == "unknown"
    assert ir.async_get(hass).async_get_issue(DOMAIN, ISSUE) is None


SINGLE: dict[str, Any] = {
    "name": "Ripple control",
    "contact": "binary_sensor.w4",
    "relay_direction": "export",
    "relay_limit": 1.5,
    "limit_scope": "controllable",
    "contact_limits": "open",
    "advanced": {"debounce": 0},
}


async def test_a_single_contact_may_open_to_limit_the_export(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER)
    flows = hass.config_entries.subentries
    menu = await flows.async_init(
        (home.entry.entry_id, str(Kind.RELAY)), context={"source": SOURCE_USER}
    )
    form = await flows.async_configure(
        menu["flow_id"], {"next_step_id": "single_contact"}
    )
    await flows.async_configure(form["flow_id"], SINGLE)
    await hass.async_block_till_done()
    assert value(hass, "sensor.home_export_limit") == "1500"  # it is off, so open
    set_contact(hass, "w4", "on")
    await hass.async_block_till_done()
    await hass.async_block_till_done()
    home = home.entry.runtime_data
    home.cycle()
    await hass.async_block_till_done()
    assert value(hass, "sensor.home_export_limit") == "5000"
