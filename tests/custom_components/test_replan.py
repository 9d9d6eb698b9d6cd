"""When plans are made: on being asked, after failures, without packages."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, override
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.requirements import RequirementsNotFound
import pytest

from cem_core.model import PlanStatus
from custom_components.cem.const import DOMAIN, WORKER_REQUIREMENTS, Kind
from custom_components.cem.planner import Planner
from custom_components.cem.worker_client import WorkerClient, WorkerError
from tests.custom_components.conftest import SetUp
from tests.custom_components.foretelling import Foretelling
from tests.custom_components.house import DEVICES, add_states, make_entry
from tests.custom_components.test_limits import order, value

START = Planner.start


class Slow(Foretelling):
    """A worker that answers when it is told to, and notes what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Mapping[str, Any]] = []
        self.time_limits_s: list[float] = []
        self.is_asked, self.may_answer = asyncio.Event(), asyncio.Event()

    @override
    async def optimize(
        self,
        home: Mapping[str, Any],
        series: Mapping[str, Any],
        *,
        time_limit_s: float,
        wishes: Sequence[Mapping[str, Any]] = (),
    ) -> dict[str, Any]:
        self.asked.append(home)
        self.time_limits_s.append(time_limit_s)
        self.is_asked.set()
        await self.may_answer.wait()
        raise WorkerError("solver", "no plan today")


async def test_replan_waits_for_a_plan_that_knows_what_holds_now(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER, Kind.BATTERY)
    worker = Slow()
    planner = Planner(home, worker)
    home.replan_now = planner.async_plan_afresh
    running = hass.async_create_task(planner.async_replan())
    await worker.is_asked.wait()
    await order(hass)
    asked = hass.async_create_task(
        hass.services.async_call(
            DOMAIN, "replan", {}, blocking=True, return_response=True
        )
    )
    await asyncio.sleep(0.05)
    assert not asked.done()
    worker.may_answer.set()
    answer = await asked
    await running
    assert [len(home["limits"]) for home in worker.asked] == [0, 1]
    assert answer is not None
    assert home.plan is not None
    assert answer == {
        "status": "rule",
        "created_at": home.plan.created_at.isoformat(),
    }
    await planner.async_stop()


async def test_a_first_plan_is_wanted_soon_and_a_later_one_good(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER, Kind.BATTERY)
    worker = Slow()
    worker.may_answer.set()
    planner = Planner(home, worker)
    await planner.async_plan_afresh()
    assert home.plan is not None
    home.plan = replace(home.plan, status=PlanStatus.FEASIBLE)
    await planner.async_plan_afresh()
    first_s, later_s = worker.time_limits_s
    assert first_s <= 5
    assert later_s >= 15
    await planner.async_stop()


class Missing(WorkerClient):
    """A worker whose packages are not there."""

    @override
    async def _asked(
        self, message: Mapping[str, Any], wanted: str, *, within_s: float = 0.0
    ) -> dict[str, Any]:
        raise WorkerError("missing", "pyomo")


async def test_without_packages_and_internet_set_up_succeeds_and_limits_hold(
    hass: HomeAssistant,
    issue_registry: ir.IssueRegistry,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    asked: list[Any] = []

    async def offline(_: HomeAssistant, name: str, needs: Any, **__: Any) -> None:
        asked.append(needs)
        raise RequirementsNotFound(name, needs)

    monkeypatch.setattr(Planner, "start", START)
    add_states(hass)
    entry = make_entry(*DEVICES)
    entry.add_to_hass(hass)
    with (
        patch("custom_components.cem.requirements.async_process_requirements", offline),
        patch("custom_components.cem.planner.WorkerClient", Missing),
    ):
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done(wait_background_tasks=True)
    assert asked == [list(WORKER_REQUIREMENTS)]
    assert value(hass, "sensor.home_plan_status") == "rule"
    issue = issue_registry.async_get_issue(DOMAIN, "worker_packages_home_entry")
    assert issue is not None
    assert issue.translation_placeholders == {"package": "pyomo"}
    assert "limits are kept all the same" in caplog.text
    await order(hass)
    assert value(hass, "sensor.home_controllable_limit") == "4200"
    home = entry.runtime_data
    for device in home.devices.values():
        assert value(hass, f"sensor.{device.device_id}_reason")
    assert await hass.config_entries.async_unload(entry.entry_id)
