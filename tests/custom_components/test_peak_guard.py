"""The month's peak is kept where a tariff bills it, in control, if it is wanted."""

from datetime import UTC, datetime, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest

from custom_components.cem.const import Kind, Mode
from custom_components.cem.home import Home
from custom_components.cem.live import LiveView
from custom_components.cem.wishes import async_set_mode
from tests.custom_components.conftest import SetUp
from tests.custom_components.house import DATA, W

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
BILLED = {"capacity_price_per_kw": 4.0, "capacity_floor_kw": 2.5}


def value(hass: HomeAssistant, entity_id: str) -> str:
    state = hass.states.get(entity_id)
    assert state is not None, entity_id
    return state.state


async def play(
    hass: HomeAssistant,
    set_up: SetUp,
    freezer: FrozenDateTimeFactory,
    mode: Mode = Mode.CONTROL,
) -> Home:
    """Let a minute of 2 kW pass at the start of a quarter hour."""
    freezer.move_to(NOON)
    home = await set_up(Kind.METER, Kind.TARIFF, Kind.HEAT_PUMP)
    await async_set_mode(home, mode)
    for second in range(61):
        freezer.move_to(NOON + timedelta(seconds=second))
        hass.states.async_set("sensor.grid", str(2000 + second % 2), W)
        await hass.async_block_till_done()
    return home


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Return the answers to the tariff's form, for a test to change."""
    filled = DATA[Kind.TARIFF] | BILLED
    monkeypatch.setitem(DATA, Kind.TARIFF, filled)
    return filled


@pytest.mark.usefixtures("answers")
async def test_import_is_kept_to_what_the_quarter_hour_has_left(
    hass: HomeAssistant, set_up: SetUp, freezer: FrozenDateTimeFactory
) -> None:
    live = LiveView(await play(hass, set_up, freezer)).as_json()
    [guard] = [x for x in live["limits"] if x["limit_id"] == "capacity_peak"]
    # (2.5 kW * 900 s - 2 kW * 60 s) / 840 s
    assert guard["limit_w"] == pytest.approx(2536, abs=3)
    assert guard["name"] == "of the capacity tariff"
    assert not guard["near"]


@pytest.mark.usefixtures("answers")
async def test_what_is_left_of_a_quarter_hour_is_never_more_than_the_contract(
    hass: HomeAssistant, set_up: SetUp, freezer: FrozenDateTimeFactory
) -> None:
    freezer.move_to(NOON)
    home = await set_up(Kind.METER, Kind.TARIFF, Kind.HEAT_PUMP)
    await async_set_mode(home, Mode.CONTROL)
    for second in range(0, 850, 10):
        freezer.move_to(NOON + timedelta(seconds=second))
        hass.states.async_set("sensor.grid", str(200 + second % 20), W)
        await hass.async_block_till_done()
    live = LiveView(home).as_json()
    [guard] = [x for x in live["limits"] if x["limit_id"] == "capacity_peak"]
    # 2.3 kW less over 840 s are 33 kW in the last minute.
    assert guard["limit_w"] == 9200


@pytest.mark.usefixtures("answers")
@pytest.mark.parametrize("mode", [Mode.OBSERVE, Mode.ADVISE])
async def test_nothing_is_kept_where_the_cem_does_not_control(
    hass: HomeAssistant, set_up: SetUp, freezer: FrozenDateTimeFactory, mode: Mode
) -> None:
    await play(hass, set_up, freezer, mode)
    assert value(hass, "sensor.home_import_limit") == "9200"


@pytest.mark.parametrize(
    ("change", "limit_w"),
    [
        ({"keep_peak": False}, 9200),
        ({"capacity_price_per_kw": 0}, 9200),
        ({"accepted_peak_kw": 4.0}, 4142),
    ],
)
async def test_the_user_says_whether_and_how_far(
    *,
    hass: HomeAssistant,
    set_up: SetUp,
    freezer: FrozenDateTimeFactory,
    answers: dict[str, Any],
    change: dict[str, Any],
    limit_w: int,
) -> None:
    answers.update(change)
    live = LiveView(await play(hass, set_up, freezer)).as_json()
    imports = [
        x["limit_w"]
        for x in live["limits"]
        if (x["direction"], x["scope"]) == ("import", "connection")
    ]
    assert min(imports) == pytest.approx(limit_w, abs=3)


@pytest.mark.usefixtures("answers")
async def test_a_limit_that_moves_each_second_makes_no_new_plan(
    hass: HomeAssistant, set_up: SetUp, freezer: FrozenDateTimeFactory
) -> None:
    home = await play(hass, set_up, freezer)
    wanted: list[str] = []
    home.replan_wanted = wanted.append
    hass.states.async_set("sensor.grid", "2400", W)
    await hass.async_block_till_done()
    assert "limit" not in wanted
