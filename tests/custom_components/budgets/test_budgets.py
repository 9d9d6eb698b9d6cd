"""Budgets of a home: counted from the recorder, shown, and told at their marks."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_mock_service
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from cem_core.insight.budget import Counted
from cem_core.model import Series
from custom_components.cem.budgets import counted as counted_module
from custom_components.cem.budgets.keeper import BudgetKeeper
from custom_components.cem.const import Kind
from custom_components.cem.dashboard.budgets import budgets_json
from custom_components.cem.home import Home
from custom_components.cem.planning.prices import Prices
from tests.custom_components.conftest import SetUp
from tests.custom_components.house import DATA

HOUR = timedelta(hours=1)
type WithBudget = Callable[..., Awaitable[Home]]

NOW = "2026-06-16 12:30:00+00:00"  # a Tuesday, half of June
PHONE = {"notify": ["notify.mobile_app_phone"]}


@pytest.fixture
def kwh(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """Return what each hour counts by kind; a test may change it."""
    each: dict[str, float] = {"import": 0.5}

    async def counted(home: Home, start: Any) -> Any:
        del home
        now = dt_util.utcnow()
        hours = (now - start) // HOUR
        return {
            kind: Counted(hours={start + n * HOUR: value for n in range(hours)})
            for kind, value in each.items()
        }

    monkeypatch.setattr(counted_module, "async_counted", counted)
    return each


@pytest.fixture
def with_budget(
    hass: HomeAssistant,
    set_up: SetUp,
    monkeypatch: pytest.MonkeyPatch,
    freezer: FrozenDateTimeFactory,
) -> WithBudget:
    """Return what sets up a home with a budget, counted once in the middle of June."""

    async def begin(**changes: Any) -> Home:
        freezer.move_to(NOW)
        await hass.config.async_set_time_zone("UTC")
        monkeypatch.setitem(DATA, Kind.BUDGET, DATA[Kind.BUDGET] | changes)
        home = await set_up(Kind.METER, Kind.BUDGET, options=PHONE)
        await BudgetKeeper(home).async_count()
        await hass.async_block_till_done()
        return home

    return begin


def state(hass: HomeAssistant, name: str) -> Any:
    found = hass.states.get(f"sensor.power_{name}")
    assert found is not None
    return found


async def test_a_month_is_counted_and_foretold(
    hass: HomeAssistant,
    kwh: dict[str, float],
    with_budget: WithBudget,
) -> None:
    await with_budget(amount=400)
    used = state(hass, "used")
    assert float(used.state) == (15 * 24 + 12) * 0.5
    assert used.attributes["unit_of_measurement"] == "kWh"
    assert used.attributes["last_reset"] == "2026-06-01T00:00:00+00:00"
    assert used.attributes["counted_until"] == "2026-06-16T12:00:00+00:00"
    assert float(state(hass, "expected").state) == 30 * 24 * 0.5
    assert float(state(hass, "share_used").state) == 46.5
    assert kwh


async def test_people_are_told_once_of_each_mark(
    hass: HomeAssistant,
    kwh: dict[str, float],
    with_budget: WithBudget,
) -> None:
    calls = async_mock_service(hass, "notify", "mobile_app_phone")
    home = await with_budget(amount=300)
    (told,) = calls
    assert told.data["title"] == "Budget: Power"
    assert told.data["message"] == (
        "Power will not last: 186.0 kWh of 300 kWh are used, about 360.0 kWh are"
        " expected by the end."
    )
    await BudgetKeeper(home).async_count()
    kwh["import"] = 0.7  # 260 kWh
    await BudgetKeeper(home).async_count()
    kwh["import"] = 1  # 372 kWh
    for _ in range(2):
        await BudgetKeeper(home).async_count()
    await hass.async_block_till_done()
    assert [call.data["message"] for call in calls[1:]] == [
        "87 % of Power is used: 260.4 kWh of 300 kWh.",
        "Power is used up: 372.0 kWh of 300 kWh.",
    ]


@pytest.mark.parametrize(
    ("changes", "shows"),
    [
        ({"measure": "cost"}, (186 * 0.25, "EUR")),
        ({"measure": "cost", "medium": "gas", "unit_price": 1.5}, (372 * 1.5, "EUR")),
        ({"medium": "gas"}, (372, "m³")),
        ({"period": "day"}, (6, "kWh")),
    ],
)
async def test_other_media_money_and_days(
    hass: HomeAssistant,
    kwh: dict[str, float],
    with_budget: WithBudget,
    changes: dict[str, Any],
    shows: tuple[float, str],
) -> None:
    kwh["gas"] = 1
    home = await with_budget(amount=10_000, **changes)
    home.take_prices(
        Prices(
            imported=Series(()), exported=Series(()), fixed_import=0.25, fixed_export=0
        )
    )
    await BudgetKeeper(home).async_count()
    shown = state(hass, "used")
    assert float(shown.state) == pytest.approx(shows[0])
    assert shown.attributes["unit_of_measurement"] == shows[1]


async def test_what_nothing_counts_is_unknown(
    hass: HomeAssistant,
    kwh: dict[str, float],
    with_budget: WithBudget,
) -> None:
    assert "heat" not in kwh
    home = await with_budget(medium="heat")
    assert state(hass, "used").state == "unknown"
    (row,) = budgets_json(home)["budgets"]
    assert (row["name"], row["amount"], row["used"], row["expected"]) == (
        "Power",
        300,
        None,
        None,
    )


async def test_the_dashboard_is_told_how_it_stands(
    hass: HomeAssistant,
    kwh: dict[str, float],
    with_budget: WithBudget,
) -> None:
    assert kwh
    home = await with_budget()
    (row,) = budgets_json(home)["budgets"]
    assert (row["used"], row["expected"], row["marks"]) == (186, 360, ["foretold"])
    assert row["elapsed"] == pytest.approx(15.5 / 30, abs=1e-4)


async def test_the_dashboard_asks_over_the_socket(
    hass: HomeAssistant, set_up: SetUp, hass_ws_client: WebSocketGenerator
) -> None:
    home = await set_up(Kind.METER)
    client = await hass_ws_client(hass)
    await client.send_json_auto_id(
        {"type": "cem/budgets", "entry_id": home.entry.entry_id}
    )
    answer = await client.receive_json()
    assert answer["result"] == {"budgets": []}
