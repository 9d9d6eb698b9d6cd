"""Plans begin at once under a limit, see it coming, and say what it costs."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
import time
from typing import Any, override
from unittest.mock import AsyncMock, patch

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.util import dt as dt_util
import pytest

from cem_core.evidence import EvidenceLog
from cem_core.model import Direction, LimitSource, PowerLimit, Scope
from custom_components.cem.const import Kind
from custom_components.cem.home import Home
from custom_components.cem.learning.learner import Learner
from custom_components.cem.live import LiveView
from custom_components.cem.planner import Planner
from custom_components.cem.planning.document import request
from custom_components.cem.worker_client import WorkerError
from optimizer.limit_cost import limit_cost
from optimizer.optimize import Options, optimize
from optimizer.read_home import home_from_json
from optimizer.series import table
from tests.custom_components.conftest import SetUp, make_it_noon
from tests.custom_components.foretelling import Foretelling
from tests.custom_components.test_control_box import until
from tests.custom_components.test_limits import end, order, value
from tests.custom_components.test_planner import NOW, outlook

START = Planner.start
WITHIN_S = 1.0
GOOD = Options(time_limit_s=10, gap=1e-3)


class Solving(Foretelling):
    """A worker that solves in this process, a plan at once or when it may.

    ``asked`` has the limits of each request and when it came, ``given_up`` counts
    what was abandoned.
    """

    def __init__(self, *, at_once: bool = True) -> None:
        super().__init__()
        self.asked: list[tuple[float, list[str]]] = []
        self.given_up = 0
        self.may_answer = asyncio.Event()
        if at_once:
            self.may_answer.set()

    @override
    async def optimize(
        self,
        home: Mapping[str, Any],
        series: Mapping[str, Any],
        *,
        time_limit_s: float,
        wishes: Sequence[Mapping[str, Any]] = (),
    ) -> dict[str, Any]:
        ids = [limit["id"] for limit in home["limits"]]
        self.asked.append((time.monotonic(), ids))
        await self.may_answer.wait()
        return optimize(home_from_json(home), table(series), GOOD)

    @override
    async def limit_cost(
        self,
        home: Mapping[str, Any],
        series: Mapping[str, Any],
        plan: Mapping[str, Any],
        *,
        time_limit_s: float,
    ) -> dict[str, Any]:
        return limit_cost(home_from_json(home), table(series), plan, GOOD)

    @override
    def abandon(self) -> None:
        self.given_up += 1
        super().abandon()

    async def is_asked(self, times: int, within_s: float = 5.0) -> None:
        """Wait until ``times`` plans were asked for."""
        await until(lambda: len(self.asked) >= times, within_s)


@asynccontextmanager
async def planning(home: Home, worker: Solving) -> AsyncIterator[Planner]:
    """Plan ``home`` with ``worker``; nothing is learned, which outlasts a test."""
    planner = Planner(home, worker)
    nothing = "custom_components.cem.requirements.async_process_requirements"
    with patch(nothing), patch.object(Learner, "async_learn", AsyncMock()):
        START(planner)
        await worker.is_asked(1)
        yield planner
        await planner.async_stop()


async def busy() -> None:
    """Hold the loop for 20 ms in each 25 ms, as a large installation may."""
    while True:
        time.sleep(0.02)  # noqa: ASYNC251 - that is what it is for
        await asyncio.sleep(0.005)


@pytest.mark.parametrize("running", [False, True])
async def test_a_plan_begins_within_a_second_of_the_order_in_a_loaded_loop(
    hass: HomeAssistant, set_up: SetUp, *, running: bool
) -> None:
    home = await set_up(Kind.METER, Kind.BATTERY, Kind.EV_CHARGER)
    worker = Solving(at_once=not running)
    async with planning(home, worker):
        if not running:
            await asyncio.sleep(0.1)
            assert home.plan is not None
        load = asyncio.create_task(busy())
        ordered = time.monotonic()
        await order(hass, limit_id="dso")
        await worker.is_asked(2)
        load.cancel()
        with suppress(asyncio.CancelledError):
            await load
        began, limits = worker.asked[1]
        assert limits == ["dso"]
        assert began - ordered <= WITHIN_S
        assert worker.given_up == int(running)
        worker.may_answer.set()
        await hass.async_block_till_done(wait_background_tasks=True)
        assert home.plan_document is not None
        assert [each["id"] for each in home.plan_document["limits"]] == ["dso"]


async def test_the_last_plan_is_followed_until_the_next_is_there(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER, Kind.BATTERY, Kind.EV_CHARGER)
    worker = Solving()
    async with planning(home, worker):
        await asyncio.sleep(0.1)
        before = home.plan
        worker.may_answer.clear()
        await order(hass)
        await worker.is_asked(2)
        assert home.plan is before
        assert value(hass, "sensor.home_controllable_limit") == "4200"
        worker.may_answer.set()


async def test_orders_that_come_together_make_one_plan(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER, Kind.BATTERY)
    worker = Solving()
    async with planning(home, worker):
        await asyncio.sleep(0.1)
        for number in range(10):
            await order(hass, limit_id=f"order {number}")
        await worker.is_asked(2)
        await asyncio.sleep(1.0)
        assert len(worker.asked) == 2
        assert len(worker.asked[1][1]) == 10


async def test_orders_that_never_cease_do_not_keep_a_plan_from_being_made(
    hass: HomeAssistant, set_up: SetUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.cem.planning.turns._FLOOD_S", 0.05)
    monkeypatch.setattr("custom_components.cem.planning.turns._BURST_S", 0.01)
    home = await set_up(Kind.METER, Kind.BATTERY)
    worker = Solving(at_once=False)
    async with planning(home, worker):
        for number in range(20):
            await order(hass, limit_id="dso", limit_w=4000 + number)
            await asyncio.sleep(0.03)
        assert worker.given_up == 3
        assert home.plan is None
        worker.may_answer.set()
        await asyncio.sleep(0.1)
        assert home.plan is not None


async def test_what_was_foretold_serves_a_plan_that_cannot_wait(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER, Kind.BATTERY)
    worker = Solving()
    async with planning(home, worker):
        await asyncio.sleep(0.1)
        asked = len(worker.forecasts)
        with patch(
            "custom_components.cem.planning.foresight.async_prices",
            side_effect=AssertionError,
        ):
            await order(hass)
            await worker.is_asked(2)
        assert len(worker.forecasts) == asked


async def test_an_announced_limit_is_planned_for_before_it_begins(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    """The car leaves at 07:00 UTC; from 21:00 on nothing may be charged."""
    await hass.config.async_set_time_zone("UTC")
    home = await set_up(Kind.METER, Kind.EV_CHARGER)
    starts = NOW.replace(hour=21, minute=0)
    home.store.orders.order(
        PowerLimit(
            limit_id="dso",
            source=LimitSource.ORDER,
            issuer="dso",
            direction=Direction.IMPORT,
            scope=Scope.CONTROLLABLE,
            limit_w=0,
            start=starts,
            end=NOW.replace(hour=20) + timedelta(hours=11),
        )
    )
    plan = optimize(*_problem(home), GOOD)
    assert plan["status"] == "optimal"
    times = [datetime.fromisoformat(time) for time in plan["times"]]
    powers = plan["devices"]["wallbox"]["power_kw"]
    hours = [minutes / 60 for minutes in plan["minutes"]]
    before = sum(
        power * hour
        for time, power, hour in zip(times, powers, hours, strict=True)
        if time < starts
    )
    assert before * 0.9 == pytest.approx(20, abs=0.01)
    assert all(
        power == 0 for time, power in zip(times, powers, strict=True) if time >= starts
    )


async def test_a_limit_is_announced_by_its_start(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER)
    start = dt_util.utcnow() + timedelta(hours=1)
    answer = await order(hass, start=start.isoformat(), duration={"hours": 2})
    assert datetime.fromisoformat(answer["start"]) == start
    assert datetime.fromisoformat(answer["end"]) == start + timedelta(hours=2)
    assert value(hass, "sensor.home_controllable_limit") == "unknown"
    assert [x.limit_id for x in home.store.orders.limits] == [answer["limit_id"]]
    with pytest.raises(ServiceValidationError) as refused:
        await order(
            hass,
            start=start.isoformat(),
            end=(start - timedelta(minutes=1)).isoformat(),
        )
    assert refused.value.translation_key == "ends_before_start"
    past = await order(hass, start=(start - timedelta(hours=2)).isoformat())
    assert datetime.fromisoformat(past["start"]) > start - timedelta(hours=2)


def _problem(home: Home) -> tuple[Any, Any]:
    asked = request(home, outlook())
    return home_from_json(asked.home), table(asked.series)


@pytest.mark.usefixtures("socket_enabled")
async def test_failsafe_limits_of_a_control_box_are_planned_until_the_plans_end(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    """Who hoped for an earlier end would put the car off each time anew."""
    home = await set_up(Kind.METER, Kind.CONTROL_BOX, Kind.EV_CHARGER)
    limits = request(home, outlook()).home["limits"]
    assert {limit["id"]: (limit["limit_kw"], limit["end"]) for limit in limits} == {
        "eebus_import": (4.2, None),
        "eebus_export": (0.0, None),
    }


@pytest.mark.parametrize(
    ("end", "planned"),
    [
        (datetime(2026, 1, 15, 20, 0, 3, tzinfo=UTC), "2026-01-15T20:00:00+00:00"),
        (datetime(2026, 1, 15, 20, 2, tzinfo=UTC), "2026-01-15T20:02:00+00:00"),
        (None, None),
    ],
)
async def test_seconds_into_a_step_do_not_take_the_step(
    hass: HomeAssistant, set_up: SetUp, end: datetime | None, planned: str | None
) -> None:
    home = await set_up(Kind.METER, Kind.EV_CHARGER)
    home.store.orders.order(
        PowerLimit(
            limit_id="dso",
            source=LimitSource.ORDER,
            issuer="dso",
            direction=Direction.IMPORT,
            scope=Scope.CONTROLLABLE,
            limit_w=4200,
            end=end,
        )
    )
    (limit,) = request(home, outlook()).home["limits"]
    assert limit["end"] == planned


async def test_the_household_is_told_what_an_order_costs(
    hass: HomeAssistant, set_up: SetUp, evidence_folder: Path
) -> None:
    """A car that wants 20 kWh by 07:00 gets nothing while the order holds."""
    await make_it_noon(hass)
    home = await set_up(Kind.METER, Kind.TARIFF, Kind.EV_CHARGER)
    worker = Solving()
    async with planning(home, worker):
        await asyncio.sleep(0.1)
        assert value(hass, "sensor.home_cost_of_limits") == "unknown"
        await order(hass, limit_w=0, limit_id="dso")
        await worker.is_asked(2)
        await hass.async_block_till_done(wait_background_tasks=True)
        state = hass.states.get("sensor.home_cost_of_limits")
        assert state is not None
        assert state.attributes["unit_of_measurement"] == hass.config.currency
        assert state.attributes["limits"] == ["dso"]
        (missed,) = state.attributes["missed"]
        assert missed["by"] == pytest.approx(20, abs=0.01)
        assert missed["unit"] == "kWh"
        assert "Wallbox leaves 20.00 kWh short" in state.attributes["text"]
        assert home.plan_document is not None
        assert home.plan_document["limit_cost"]["text"] == state.attributes["text"]
        live = LiveView(home).as_json()["limit_cost"]
        assert (live["limit_ids"], live["currency"]) == (["dso"], hass.config.currency)
        assert live["cost"] == pytest.approx(float(state.state), abs=0.01)
        assert live["missed"][0]["text"] == missed["text"]
        await end(hass, "dso")
        event = hass.states.get("event.home_limits")
        assert event is not None
        assert event.attributes["event_type"] == "limit_ended"
        assert event.attributes["cost_of"] == ["dso"]
        assert event.attributes["billing"] == "not for billing"
        assert event.attributes["currency"] == hass.config.currency
        # Taken back at once: almost nothing of it was borne.
        assert abs(event.attributes["cost"]) < 0.05
        await hass.async_block_till_done()
        assert value(hass, "sensor.home_cost_of_limits") == "unknown"
        assert LiveView(home).as_json()["limit_cost"] is None
    await hass.config_entries.async_unload(home.entry.entry_id)
    costs = [
        record.data
        for record in EvidenceLog(evidence_folder).records()
        if record.kind.value == "cost"
    ]
    assert [each["cost_is"] for each in costs] == ["foretold", "borne"]
    assert costs[0]["missed"] == ["Wallbox leaves 20.00 kWh short of 20 kWh"]


async def test_a_worker_that_cannot_tell_the_cost_harms_nothing(
    hass: HomeAssistant, set_up: SetUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def silent(*_: Any, **__: Any) -> dict[str, Any]:
        raise WorkerError("abandoned", "given up")

    monkeypatch.setattr(Solving, "limit_cost", silent)
    home = await set_up(Kind.METER, Kind.BATTERY)
    worker = Solving()
    async with planning(home, worker):
        await order(hass)
        await worker.is_asked(2)
        await hass.async_block_till_done(wait_background_tasks=True)
        assert home.plan_document is not None
        assert "limit_cost" not in home.plan_document
        assert value(hass, "sensor.home_cost_of_limits") == "unknown"
