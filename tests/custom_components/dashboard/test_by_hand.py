"""What could be done once with what is not under control, and that it is done."""

from datetime import datetime, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_mock_service
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from cem_core.model import Cause
from cem_core.model.what_if import What
from custom_components.cem import wishes
from custom_components.cem.const import Kind, Mode
from custom_components.cem.dashboard.opportunities import opportunities
from custom_components.cem.device_wishes import (
    WishError,
    async_wish,
    standing,
    wish_from,
)
from custom_components.cem.home import Home
from custom_components.cem.messages.recipients import person_of
from custom_components.cem.messages.watch import Watch
from custom_components.cem.planning.document import Request
from custom_components.cem.planning.replay import Solved
from tests.custom_components.conftest import SetUp, make_it_noon
from tests.custom_components.house import PERCENT, W

HOUR = timedelta(hours=1)
STEP = timedelta(minutes=15)


def foretell(home: Home, prices: list[float], net_kw: list[float], **more: Any) -> None:
    """Let the last plan have been made with these hours, from the present one on."""
    start = dt_util.utcnow().replace(minute=0, second=0, microsecond=0)
    steps = 4 * len(prices)
    series: dict[str, list[Any]] = {
        "time": [(start + n * STEP).isoformat() for n in range(steps)],
        "load_kw": [net_kw[n // 4] for n in range(steps)],
        "import_price": [prices[n // 4] for n in range(steps)],
        "export_price": [0.05] * steps,
    }
    planned = {"grid": {"import_limit_kw": 9.2}, "tariff": {}, "devices": []} | more
    home.solved = Solved(Request(home=planned, series=series), {})


def found(home: Home) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = opportunities(home, dt_util.utcnow())["opportunities"]
    return rows


@pytest.fixture
async def observed(hass: HomeAssistant, set_up: SetUp) -> Home:
    """Return a home at noon that only observes its battery and its boiler."""
    await make_it_noon(hass)
    home = await set_up(Kind.METER, Kind.BATTERY, Kind.WATER_HEATER)
    hass.states.async_set("sensor.battery_charge", "10", PERCENT)
    await hass.async_block_till_done()
    return home


async def ask(
    hass: HomeAssistant, client: Any, home: Home, row: dict[str, Any]
) -> dict[str, Any]:
    keys = ("device", "what", "start", "end", "power_w", "takes_control", "reminds")
    await client.send_json_auto_id(
        {"type": "cem/set_wish", "entry_id": home.entry.entry_id}
        | {key: row[key] for key in keys if key in row}
    )
    answer: dict[str, Any] = await client.receive_json()
    await hass.async_block_till_done()
    return answer


def ordered_w(home: Home) -> int | None:
    return home.snapshot.setpoints["cellar_battery"].power_w


def battery_row(home: Home) -> dict[str, Any]:
    [row] = [row for row in found(home) if row["kind"] == "battery"]
    return row


async def test_a_battery_is_charged_once_and_handed_back(
    hass: HomeAssistant,
    observed: Home,
    hass_ws_client: WebSocketGenerator,
    freezer: FrozenDateTimeFactory,
) -> None:
    foretell(observed, [0.30] * 2 + [0.10] * 2 + [0.40] * 8, [1.0] * 12)
    row = battery_row(observed)
    begins, ends = (datetime.fromisoformat(row[key]) for key in ("start", "end"))
    assert HOUR < begins - dt_util.utcnow() <= 2 * HOUR
    assert (row["what"], row["power_w"], row["takes_control"]) == ("force", 5000, True)
    assert "saves" in row["text"]
    client = await hass_ws_client(hass)
    assert (await ask(hass, client, observed, row))["success"]
    assert [each["kind"] for each in found(observed)] == ["water_heater"]
    [taken] = opportunities(observed, dt_util.utcnow())["taken"]
    assert "this once" in taken["text"]
    number = async_mock_service(hass, "number", "set_value")
    select = async_mock_service(hass, "select", "select_option")
    observed.cycle()
    await hass.async_block_till_done()
    assert (number, select) == ([], [])  # its time has not come
    freezer.move_to(begins + timedelta(minutes=1))
    hass.states.async_set("sensor.grid", "1100", W)
    await hass.async_block_till_done()
    observed.cycle()
    await hass.async_block_till_done()
    assert observed.snapshot.setpoints["cellar_battery"].cause is Cause.ASKED
    assert ordered_w(observed) == 5000
    assert select[-1].data["option"] == "external"
    freezer.move_to(ends + timedelta(minutes=1))
    observed.cycle()
    assert ordered_w(observed) is None
    assert opportunities(observed, dt_util.utcnow())["taken"] == []


async def test_limits_hold_for_what_is_done_once(
    hass: HomeAssistant, observed: Home
) -> None:
    async_mock_service(hass, "number", "set_value")
    async_mock_service(hass, "select", "select_option")
    hass.states.async_set("sensor.grid", "9000", W)
    await hass.async_block_till_done()
    await once(observed)
    order = observed.snapshot.setpoints["cellar_battery"]
    assert order.cause is Cause.LIMIT
    assert order.power_w is not None
    assert order.power_w <= 200


async def once(home: Home) -> None:
    now = dt_util.utcnow()
    asked = {
        "device": "cellar_battery",
        "what": What.FORCE,
        "start": now,
        "end": now + HOUR,
        "power_w": 3000,
        "takes_control": True,
    }
    await async_wish(home, wish_from(home, asked))
    home.cycle()


async def test_who_changes_it_meanwhile_has_it(
    hass: HomeAssistant, observed: Home
) -> None:
    async_mock_service(hass, "number", "set_value")
    async_mock_service(hass, "select", "select_option")
    await once(observed)
    await hass.async_block_till_done()
    assert observed.snapshot.setpoints["cellar_battery"].cause is Cause.ASKED
    (device,) = (d for d in observed.devices.values() if d.kind is Kind.BATTERY)
    observed.changes._leave_alone(device)
    observed.cycle()
    assert ordered_w(observed) is None
    assert standing(observed, dt_util.utcnow()) == ()


async def test_what_the_home_commands_is_none(observed: Home) -> None:
    foretell(observed, [0.10] * 4 + [0.40] * 8, [1.0] * 12)
    assert {row["kind"] for row in found(observed)} == {"battery", "water_heater"}
    await wishes.async_set_mode(observed, Mode.CONTROL)
    assert found(observed) == []


async def test_a_peak_that_is_billed_is_not_passed(observed: Home) -> None:
    prices, net_kw = [0.10] * 4 + [0.40] * 8, [1.0] * 12
    capacity = {"capacity": {"peak_so_far_kw": 2.5}}
    foretell(observed, prices, net_kw, tariff=capacity)
    assert battery_row(observed)["power_w"] == 1500
    foretell(observed, prices, net_kw, tariff={"capacity": {"peaks_so_far_kw": [1.0]}})
    assert found(observed) == []


@pytest.mark.parametrize(
    ("foretold", "said"),
    [
        (([0.30] * 12, [-2.5] + [0.5] * 11), "now, until"),
        (([0.30] * 12, [0.5] * 2 + [-2.5] + [0.5] * 9), "with sun that is left over"),
        (([0.10] * 2 + [0.40] * 10, [0.5] * 12), "as hot as it may be"),
        (([0.40] * 2 + [0.10] + [0.40] * 9, [0.5] * 12), "as hot as it may be"),
    ],
)
async def test_water_is_heated_when_it_costs_little(
    hass: HomeAssistant,
    set_up: SetUp,
    freezer: FrozenDateTimeFactory,
    foretold: tuple[list[float], list[float]],
    said: str,
) -> None:
    freezer.move_to(dt_util.utcnow().replace(minute=0, second=0, microsecond=0))
    await make_it_noon(hass)
    home = await set_up(Kind.METER, Kind.WATER_HEATER)
    foretell(home, *foretold)
    [row] = found(home)
    assert (row["device"], row["power_w"]) == ("boiler", 2000)
    assert said in row["text"]
    # 8 K more in 150 l are 1.4 kWh.
    assert 0.05 <= row["saving"] <= 1.4 * 0.35


async def test_a_guest_of_rights_is_reminded_instead(
    hass: HomeAssistant,
    observed: Home,
    hass_ws_client: WebSocketGenerator,
    hass_read_only_access_token: str,
) -> None:
    foretell(observed, [0.10] * 4 + [0.40] * 8, [1.0] * 12)
    client = await hass_ws_client(hass, hass_read_only_access_token)
    await client.send_json_auto_id(
        {"type": "cem/opportunities", "entry_id": observed.entry.entry_id}
    )
    rows = (await client.receive_json())["result"]["opportunities"]
    assert rows
    assert all(row["reminds"] and not row["takes_control"] for row in rows)
    refused = await ask(hass, client, observed, battery_row(observed))
    assert refused["error"]["code"] == "unauthorized"


async def test_who_asked_is_reminded_when_it_is_time(
    hass: HomeAssistant,
    set_up: SetUp,
    hass_ws_client: WebSocketGenerator,
    hass_admin_user: Any,
    freezer: FrozenDateTimeFactory,
) -> None:
    """It is asked for: whatever Ann chose, at night too, and told to her alone."""
    await make_it_noon(hass)
    calls: list[ServiceCall] = async_mock_service(hass, "notify", "mobile_app_ann")
    others = async_mock_service(hass, "notify", "mobile_app_bob")
    quiet = {"quiet_from": "00:00:00", "quiet_until": "23:59:00"}
    home = await set_up(
        Kind.METER,
        Kind.WATER_HEATER,
        Kind.PERSON,
        options={"notify": ["notify.mobile_app_bob"], **quiet},
    )
    hass.states.async_set("person.ann", "home", {"user_id": hass_admin_user.id})
    foretell(home, [0.30] * 2 + [0.10] * 2 + [0.40] * 8, [0.5] * 12)
    [row] = found(home)
    client = await hass_ws_client(hass)
    row |= {"takes_control": False, "reminds": True}
    answer = await ask(hass, client, home, row)
    assert "asked_by" not in answer["result"]
    person = person_of(hass, standing(home, dt_util.utcnow())[0].asked_by)
    assert person is not None
    assert person.entity_id == "person.ann"
    for _ in range(2):
        freezer.move_to(datetime.fromisoformat(row["start"]) + timedelta(minutes=1))
        Watch(home).look()
        await hass.async_block_till_done()
    assert [call.data["message"].startswith("Heat the water") for call in calls] == [
        True
    ]
    assert others == []


async def test_nothing_to_start_it_takes_no_control(observed: Home) -> None:
    (device,) = (d for d in observed.devices.values() if d.kind is Kind.BATTERY)
    now = dt_util.utcnow()
    asked = {
        "device": device.device_id,
        "what": What.FORBID,
        "start": now,
        "end": now + HOUR,
        "takes_control": True,
    }
    with pytest.raises(WishError, match="Nothing can start it"):
        wish_from(observed, asked)
