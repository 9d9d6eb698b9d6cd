"""How the home's budgets stand."""

from typing import Any

from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.components.websocket_api.decorators import websocket_command
from homeassistant.core import HomeAssistant, callback
import probatio

from custom_components.cem.budgets.budget import Standing
from custom_components.cem.dashboard.asked_home import Message, asked_home
from custom_components.cem.home import Home


@callback
@websocket_command(
    {
        probatio.Required("type"): "cem/budgets",
        probatio.Required("entry_id"): str,
    }
)
def ws_budgets(
    hass: HomeAssistant, connection: ActiveConnection, message: Message
) -> None:
    """Tell what of each budget is used, and what is expected."""
    if (home := asked_home(hass, connection, message)) is not None:
        connection.send_result(message["id"], budgets_json(home))


def budgets_json(home: Home) -> dict[str, Any]:
    """Return the budgets in the order in which they were added."""
    currency = home.hass.config.currency
    return {"budgets": [_row(each, currency) for each in home.budgets.values()]}


def _row(standing: Standing, currency: str) -> dict[str, Any]:
    budget, found = standing.budget, standing.progress
    row: dict[str, Any] = {
        "budget_id": budget.budget_id,
        "name": budget.name,
        "medium": budget.medium,
        "measure": budget.measure,
        "period": budget.period,
        "amount": budget.amount,
        "unit": budget.unit(currency),
        "used": None,
        "expected": None,
    }
    if found is None:
        return row
    return row | {
        "used": round(found.used, 3),
        "expected": None if found.expected is None else round(found.expected, 3),
        "elapsed": round(found.elapsed, 4),
        "start": found.start.isoformat(),
        "end": found.end.isoformat(),
        "until": found.until.isoformat(),
        "marks": list(found.marks(budget.nearly)),
    }
