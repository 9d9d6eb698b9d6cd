"""The action that asks, and what moved in a new plan."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, override

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.util import dt as dt_util
import pytest

from cem_core.model import Message
from cem_core.model.message_json import message_to_json
from custom_components.cem.const import DOMAIN, Kind
from custom_components.cem.planner import Planner
from custom_components.cem.planning.show import show_moves
from custom_components.cem.worker_client import WorkerError
from tests.custom_components.conftest import SetUp
from tests.custom_components.foretelling import Foretelling

NEVER = Message.of("wish_never", device="cellar_battery")


class Knowing(Foretelling):
    """A worker that answers one wish, and notes what it was."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: Mapping[str, Any] = {}

    @override
    async def what_if(
        self,
        home: Mapping[str, Any],
        series: Mapping[str, Any],
        wish: Mapping[str, Any],
        *,
        time_limit_s: float,
    ) -> dict[str, Any]:
        self.asked = wish
        if wish["what"] == "start":
            raise WorkerError("invalid_what_if", "it does not start once")
        costs = Message.of(
            "alternative_costs", wish=NEVER, more_cost=0.84, currency="EUR"
        )
        gone = Message.of(
            "battery_ends_below", device="cellar_battery", by_kwh=1.0, least_kwh=2.0
        )
        return {
            "more_cost": 0.84,
            "moved": [],
            "relaxed": [message_to_json(gone)],
            **message_to_json(costs),
        }


async def ask(hass: HomeAssistant, **data: Any) -> Any:
    return await hass.services.async_call(
        DOMAIN, "what_if", data, blocking=True, return_response=True
    )


async def test_a_wish_is_answered_in_words_with_names(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER, Kind.BATTERY)
    worker = Knowing()
    home.what_if = Planner(home, worker).async_what_if
    start = dt_util.utcnow().replace(microsecond=0)
    answer = await ask(
        hass,
        device="cellar_battery",
        what="force",
        power_w=-1500,
        start=start,
        end=start + timedelta(hours=1),
    )
    assert worker.asked == {
        "device": "cellar_battery",
        "what": "force",
        "power_kw": -1.5,
        "start": start.isoformat(),
        "end": (start + timedelta(hours=1)).isoformat(),
    }
    assert answer["text"] == (
        "Cellar battery off until the plan's end: €0.84 more than the plan."
    )
    assert answer["values"]["wish"]["values"] == {"device": "Cellar battery"}
    assert answer["relaxed"][0]["text"] == "Cellar battery ends 1.00 kWh below 2 kWh"


async def test_what_cannot_be_answered_is_refused(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER, Kind.BATTERY)
    home.what_if = None
    with pytest.raises(ServiceValidationError) as no_plan:
        await ask(hass, device="cellar_battery", what="forbid")
    assert no_plan.value.translation_key == "no_plan"
    home.what_if = Planner(home, Knowing()).async_what_if
    with pytest.raises(ServiceValidationError) as unknown:
        await ask(hass, device="boat", what="forbid")
    assert unknown.value.translation_key == "no_device"
    with pytest.raises(ServiceValidationError) as refused:
        await ask(hass, device="cellar_battery", what="start")
    assert refused.value.translation_placeholders == {
        "reason": "it does not start once"
    }


async def test_what_moved_is_told_with_the_new_plan(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER, Kind.BATTERY)
    start = dt_util.utcnow().replace(minute=0, second=0, microsecond=0)
    battery = {"kind": "battery", "charge_kw": [3.0, 0.0], "discharge_kw": [0.0, 0.0]}
    old = {
        "times": [start.isoformat(), (start + timedelta(hours=1)).isoformat()],
        "minutes": [60, 60],
        "devices": {"cellar_battery": battery},
    }
    idle = {**battery, "charge_kw": [0.0, 0.0]}
    new = {**old, "devices": {"cellar_battery": idle}}
    assert show_moves(home, None, new) == []
    assert show_moves(home, new, new) == []
    (move,) = show_moves(home, old, new)
    assert move["energy_kwh"] == -3
    assert move["text"].startswith("Cellar battery: 3.00 kWh less from ")
