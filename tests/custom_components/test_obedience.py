"""Devices are timed, tested, insisted on and cut, in a home of Home Assistant."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from unittest.mock import Mock, patch

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
import pytest

from cem_core.devices import Capability, Reaction
from cem_core.evidence import Kind as EvidenceKind
from cem_core.model import Action, DevicePlan, Plan, PlanStatus, PlanStep
from custom_components.cem.const import DOMAIN, EVENT_NOT_OBEYING, Kind, Mode
from custom_components.cem.drivers import EntityDriver
from custom_components.cem.events import HomeEvent
from custom_components.cem.home import Home
from custom_components.cem.wishes import async_set_control, async_set_mode
from tests.custom_components.conftest import SetUp
from tests.custom_components.house import DATA, W
from tests.custom_components.test_control import obedient, settle
from tests.custom_components.test_limits import end, order, value

CONTACTOR = "switch.contactor"


class Street:
    """A home whose clock moves by hand, and a car that does as the test says."""

    def __init__(self, hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> None:
        self.hass = hass
        self.second = 0
        self.lag_s: int | None = 1  # None: it takes no notice
        self.most_w = 11_040
        self._ordered: list[int] = []
        real = hass.loop.time
        monkeypatch.setattr(hass.loop, "time", lambda: real() + self.second)

    async def run(self, home: Home, seconds: int) -> None:
        for _ in range(seconds):
            self.second += 1
            self._car()
            # Something feeds in beside it, so that the contract has room for it.
            grid_w = float(value(self.hass, "sensor.charger")) - 3000
            self.hass.states.async_set("sensor.grid", f"{grid_w + self.second % 2}", W)
            await settle(home)

    def _car(self) -> None:
        offered_w = 0
        if value(self.hass, "switch.charger") == "on":
            offered_w = round(float(value(self.hass, "number.charger")) * 690)
        self._ordered.append(min(offered_w, self.most_w))
        power_w = int(float(value(self.hass, "sensor.charger")))
        if self.lag_s is not None:
            power_w = self._ordered[max(0, len(self._ordered) - 1 - self.lag_s)]
        contactor = self.hass.states.get(CONTACTOR)
        if contactor is not None and contactor.state == "off":
            power_w = 0
        self.hass.states.async_set("sensor.charger", str(power_w), W)


@pytest.fixture
def street(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> Street:
    return Street(hass, monkeypatch)


@pytest.fixture
def contactor(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> None:
    hass.states.async_set(CONTACTOR, "on")
    data = DATA[Kind.EV_CHARGER] | {"contactor": CONTACTOR}
    monkeypatch.setitem(DATA, Kind.EV_CHARGER, data)


async def charging(street: Street, set_up: SetUp) -> Home:
    home = await set_up(Kind.METER, Kind.EV_CHARGER)
    obedient(street.hass)
    for entity_id, power_w in (("sensor.charger", "11040"), ("sensor.grid", "8040")):
        street.hass.states.async_set(entity_id, power_w, W)
    street.hass.states.async_set("switch.charger", "on")
    await async_set_mode(home, Mode.CONTROL)
    await street.run(home, 5)
    assert value(street.hass, "sensor.charger") == "11040"
    return home


def noted(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> list[tuple[EvidenceKind, Mapping[str, Any]]]:
    notes: list[tuple[EvidenceKind, Mapping[str, Any]]] = []
    monkeypatch.setattr(home.evidence, "note", lambda *note: notes.append(note))
    return notes


def issues(hass: HomeAssistant) -> set[str]:
    return {
        issue.translation_key or ""
        for (domain, _), issue in ir.async_get(hass).issues.items()
        if domain == DOMAIN
    }


@pytest.mark.usefixtures("contactor")
async def test_what_does_not_obey_is_cut_until_the_limit_ends(
    hass: HomeAssistant,
    set_up: SetUp,
    street: Street,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    home = await charging(street, set_up)
    notes = noted(home, monkeypatch)
    fired: list[HomeEvent] = []
    home.listen_events(fired.append)
    street.lag_s = None
    limit = await order(hass)
    await street.run(home, 14)
    assert notes == []
    assert value(hass, CONTACTOR) == "on"
    await street.run(home, 4)
    assert [note["action"] for _, note in notes] == ["repeat"]
    assert "not_obeying" in issues(hass)
    await street.run(home, 20)
    assert value(hass, CONTACTOR) == "off"
    assert value(hass, "sensor.charger") == "0"
    kind, cut = notes[-1]
    assert kind is EvidenceKind.EXCEPTION
    assert (cut["action"], cut["power_w"]) == ("contactor", 11_040)
    assert cut["limit_id"] == limit["limit_id"]
    alarms = [x.attributes for x in fired if x.event_type == EVENT_NOT_OBEYING]
    assert [(x["name"], x["action"]) for x in alarms] == [
        ("Wallbox", "repeat"),
        ("Wallbox", "contactor"),
    ]
    assert "not_obeying_cut" in issues(hass)
    assert home.store.cut == {"id_ev_charger"}
    # A restart does not give it its supply back while the limit holds.
    assert await hass.config_entries.async_reload(home.entry.entry_id)
    home = home.entry.runtime_data
    await street.run(home, 5)
    assert value(hass, CONTACTOR) == "off"
    street.lag_s = 1
    await end(hass, limit["limit_id"])
    await street.run(home, 3)
    assert value(hass, CONTACTOR) == "on"
    assert home.store.cut == set()


async def test_without_a_contactor_the_order_is_sent_again_and_the_owner_told(
    hass: HomeAssistant, set_up: SetUp, street: Street
) -> None:
    home = await charging(street, set_up)
    street.lag_s = None
    await order(hass, limit_w=5000)
    await street.run(home, 14)
    told = obedient(hass)
    await street.run(home, 3)
    assert "switch.charger" in {call.data["entity_id"] for call in told}
    assert "not_obeying" in issues(hass)
    await street.run(home, 15)
    assert value(hass, "switch.charger") == "off"
    street.lag_s = 1  # it hears at last
    await street.run(home, 3)
    assert "not_obeying" in issues(hass)
    assert value(hass, "sensor.charger") == "0"


async def test_a_contactor_that_the_owner_opens_is_no_dead_device(
    hass: HomeAssistant, set_up: SetUp, street: Street, contactor: None
) -> None:
    del contactor
    home = await charging(street, set_up)
    hass.states.async_set(CONTACTOR, "off")
    hass.states.async_set("switch.charger", "unavailable")
    await order(hass)
    home.cycle()
    await settle(home)
    assert home.snapshot.states["wallbox"].cut
    assert home.store.cut == set()  # it is not ours to close
    assert all(w.device_id != "wallbox" for w in home.snapshot.warnings)


async def reaction_test(hass: HomeAssistant) -> dict[str, Any]:
    answer = await hass.services.async_call(
        "cem",
        "test_device",
        {"device": "wallbox"},
        blocking=True,
        return_response=True,
    )
    assert isinstance(answer, dict)
    return answer


async def test_a_slow_device_is_found_out_and_its_owner_told(
    hass: HomeAssistant, set_up: SetUp, street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = await charging(street, set_up)
    assert value(hass, "sensor.wallbox_reaction_time") == "unknown"
    street.lag_s = 30
    await street.run(home, 31)
    testing = asyncio.create_task(reaction_test(hass))
    await street.run(home, 40)
    answer = await testing
    assert answer["followed"]
    assert 29 <= answer["after_s"] <= 35
    assert answer["ordered_w"] == 8280
    assert not answer["keeps_operator_limits"]
    assert value(hass, "number.charger") == "16.0"  # as it was
    state = hass.states.get("sensor.wallbox_reaction_time")
    assert state is not None
    assert 29 <= float(state.state) <= 35
    assert state.attributes["keeps_operator_limits"] is False
    assert "too_slow" in issues(hass)
    # It is known after a restart, and again timed while an order is kept.
    assert await hass.config_entries.async_reload(home.entry.entry_id)
    home = home.entry.runtime_data
    assert home.devices["wallbox"].model.slow
    notes = noted(home, monkeypatch)
    await street.run(home, 60)
    limit = await order(hass, limit_w=7000)
    await street.run(home, 40)
    (effect,) = [note for kind, note in notes if kind is EvidenceKind.EFFECT]
    assert effect["limit_id"] == limit["limit_id"]
    assert effect["device"] == "wallbox"
    assert 29 <= effect["after_s"] <= 35
    assert effect["power_w"] <= 7000


@pytest.mark.usefixtures("contactor")
async def test_the_contactor_bridges_the_time_of_a_slow_device(
    hass: HomeAssistant, set_up: SetUp, street: Street
) -> None:
    home = await charging(street, set_up)
    device = home.devices["wallbox"]
    device.reaction = Reaction((30.0,), (0,))
    home.models_changed()
    street.lag_s = 30
    await street.run(home, 31)
    await order(hass, limit_w=5000)
    await street.run(home, 9)
    assert value(hass, "sensor.charger") == "0"  # inside in less than 10 s
    assert "too_slow" not in issues(hass)
    await street.run(home, 50)
    assert value(hass, CONTACTOR) == "on"
    assert float(value(hass, "sensor.charger")) <= 5000
    assert "not_obeying" not in issues(hass)


async def test_a_device_that_never_follows_its_test(
    hass: HomeAssistant, set_up: SetUp, street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.cem.obedience.TEST_TAKES_AT_MOST_S", 0.05)
    home = await charging(street, set_up)
    street.lag_s = None
    answer = await reaction_test(hass)
    assert not answer["followed"]
    assert not answer["keeps_operator_limits"]
    assert home.devices["wallbox"].test_w is None


async def refused(hass: HomeAssistant) -> str | None:
    with pytest.raises(ServiceValidationError) as caught:
        await reaction_test(hass)
    return caught.value.translation_key


async def test_when_no_test_order_is_sent(
    hass: HomeAssistant, set_up: SetUp, street: Street
) -> None:
    home = await charging(street, set_up)
    device = home.devices["wallbox"]
    testing = asyncio.create_task(reaction_test(hass))
    await asyncio.sleep(0)
    assert await refused(hass) == "test_under_way"
    await street.run(home, 5)
    assert (await testing)["followed"]
    limit = await order(hass, limit_w=9000)
    assert await refused(hass) == "test_under_limit"
    await end(hass, limit["limit_id"])
    await async_set_control(home, device, on=False)
    assert await refused(hass) == "test_not_controlled"
    await async_set_control(home, device, on=True)
    hass.states.async_set("sensor.charger", "0", W)
    assert await refused(hass) == "test_not_running"
    with pytest.raises(ServiceValidationError):
        await hass.services.async_call(
            "button",
            "press",
            {"entity_id": "button.wallbox_test_reaction"},
            blocking=True,
        )


async def test_a_device_that_never_followed_an_order_is_tested_once_it_runs(
    hass: HomeAssistant, set_up: SetUp, street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.cem.first_test.STEADY_S", 30)
    home = await charging(street, set_up)
    device = home.devices["wallbox"]
    await street.run(home, 20)
    assert device.test_w is None
    await street.run(home, 15)
    assert device.reaction.seconds is not None
    assert device.test_w is None
    assert value(hass, "sensor.charger") == "11040"


async def test_one_that_could_only_be_stopped_is_not_tested_unasked(
    set_up: SetUp, street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.cem.first_test.STEADY_S", 10)
    home = await charging(street, set_up)
    switched = frozenset({Capability.START_STOP})
    with patch.object(EntityDriver, "capabilities", switched):
        await street.run(home, 20)
        assert home.devices["wallbox"].reaction.seconds is None


async def test_the_button_tests_in_the_background(
    hass: HomeAssistant, set_up: SetUp, street: Street
) -> None:
    home = await charging(street, set_up)
    await hass.services.async_call(
        "button", "press", {"entity_id": "button.wallbox_test_reaction"}, blocking=True
    )
    assert home.devices["wallbox"].test_w == 8280
    await street.run(home, 5)
    assert float(value(hass, "sensor.wallbox_reaction_time")) <= 6


async def test_a_single_phase_car_goes_on_with_the_power_of_one_phase(
    hass: HomeAssistant, set_up: SetUp, street: Street
) -> None:
    home = await charging(street, set_up)
    device = home.devices["wallbox"]
    assert device.model.min_power_w == 4140
    hass.states.async_set("sensor.charger", "3680", W)
    for _ in range(70):  # 16 A on one phase, whatever is offered on three
        street.second += 1
        hass.states.async_set("sensor.grid", str(600 + street.second % 2), W)
    assert device.model.min_power_w == 1380
    assert device.model.rated_power_w == 3680
    await order(hass, limit_w=1500)
    await settle(home)
    assert value(hass, "switch.charger") == "on"
    assert value(hass, "number.charger") == "6.0"
    hass.states.async_set("binary_sensor.plugged", "off")
    await settle(home)
    assert device.model.min_power_w == 4140


async def stands_still(street: Street, home: Home, seconds: int) -> None:
    """Let time pass with a plan that has the car rest, and a look each 20 s."""
    now = dt_util.utcnow()
    rests = PlanStep(action=Action.OFF, power_w=0)
    (device_id,) = home.devices
    home.plan = Plan(
        created_at=now,
        edges=(now, now + timedelta(hours=4)),
        status=PlanStatus.OPTIMAL,
        devices={device_id: DevicePlan(steps=(rests,))},
    )
    for _ in range(seconds // 20):
        street.second += 19
        await street.run(home, 1)


async def test_what_does_more_than_its_plan_is_ordered_again_and_its_owner_told(
    hass: HomeAssistant, set_up: SetUp, street: Street
) -> None:
    home = await charging(street, set_up)
    street.lag_s = None
    (device,) = home.devices.values()
    insist = Mock(wraps=device.driver.insist)
    with patch.object(device.driver, "insist", insist):
        await stands_still(street, home, 80)
        insist.assert_not_called()
        await stands_still(street, home, 60)
        insist.assert_called_once()
        assert "not_following" not in issues(hass)
        await stands_still(street, home, 240)
        insist.assert_called_once()
    assert "not_following" in issues(hass)
    street.lag_s = 0
    await stands_still(street, home, 60)
    assert value(hass, "sensor.charger") == "0"
    assert "not_following" not in issues(hass)


async def test_in_a_persons_hand_nothing_is_to_be_followed(
    hass: HomeAssistant, set_up: SetUp, street: Street
) -> None:
    home = await charging(street, set_up)
    (device,) = home.devices.values()
    await stands_still(street, home, 60)
    device.hand_off(dt_util.utcnow() + timedelta(hours=2))
    street.lag_s = None
    hass.states.async_set("sensor.charger", "7000", W)
    before = home.obedience.obeyed_percent(device)
    await stands_still(street, home, 400)
    assert home.obedience.obeyed_percent(device) == before
    assert "not_following" not in issues(hass)
