"""Whose turn it is: a plan for a limit, a question, a routine plan."""

import asyncio

from homeassistant.core import HomeAssistant
import pytest

from custom_components.cem.planning import turns
from custom_components.cem.planning.turns import Turns
from tests.custom_components.test_control_box import until


class Plans:
    """Plans that are made when they may be, and what happened to them, in order."""

    def __init__(self, hass: HomeAssistant) -> None:
        self.happened: list[str] = []
        self.may_end = asyncio.Event()
        self.turns = Turns[str](
            hass,
            begin=lambda: self.happened.append("begin"),
            give_up=lambda: self.happened.append("give up"),
            later=lambda: self.happened.append("later"),
        )

    async def plan(self) -> str:
        at_once = self.turns.take_at_once()
        self.happened.append("for a limit" if at_once else "routine")
        await self.may_end.wait()
        return "plan"

    async def begun(self, times: int, kind: str) -> None:
        await until(lambda: self.happened.count(kind) >= times, 2.0)


async def test_a_routine_plan_gives_way_to_a_question_and_is_made_anew(
    hass: HomeAssistant,
) -> None:
    plans = Plans(hass)
    made = asyncio.create_task(plans.turns.make(plans.plan))
    await plans.begun(1, "routine")
    async with plans.turns.question():
        await asyncio.sleep(0.05)
        assert plans.happened == ["routine", "give up"]
    await plans.begun(2, "routine")
    plans.may_end.set()
    assert await made == "plan"


async def test_a_plan_that_is_due_waits_for_all_questions(hass: HomeAssistant) -> None:
    plans = Plans(hass)
    plans.may_end.set()
    async with plans.turns.question():
        made = asyncio.create_task(plans.turns.make(plans.plan))
        async with plans.turns.question():
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.02)
        assert "routine" not in plans.happened
    assert await made == "plan"


async def test_a_plan_for_a_limit_does_not_give_way(hass: HomeAssistant) -> None:
    plans = Plans(hass)
    made = asyncio.create_task(plans.turns.make(plans.plan))
    await plans.begun(1, "routine")
    plans.turns.want()
    await plans.begun(1, "for a limit")
    plans.happened.clear()
    async with plans.turns.question():
        await asyncio.sleep(0.05)
        assert plans.happened == []
        plans.may_end.set()
        assert await made == "plan"


async def test_a_limit_does_not_wait_for_a_question(hass: HomeAssistant) -> None:
    plans = Plans(hass)
    made = asyncio.create_task(plans.turns.make(plans.plan))
    await plans.begun(1, "routine")
    async with plans.turns.question():
        plans.turns.want()
        await plans.begun(1, "for a limit")
        assert plans.happened == ["routine", "give up", "give up", "for a limit"]
    plans.may_end.set()
    assert await made == "plan"


async def test_a_limit_gives_up_what_is_asked_while_nothing_is_planned(
    hass: HomeAssistant,
) -> None:
    plans = Plans(hass)
    async with plans.turns.question():
        plans.turns.want()
        await plans.begun(1, "begin")
    assert plans.happened == ["give up", "give up", "begin"]


async def test_questions_that_never_cease_do_not_keep_a_plan_from_being_made(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "_GIVES_WAY_S", 0.2)
    plans = Plans(hass)
    made = asyncio.create_task(plans.turns.make(plans.plan))
    await plans.begun(1, "routine")
    async with plans.turns.question():
        await plans.begun(2, "routine")
        async with plans.turns.question():
            plans.may_end.set()
            assert await made == "plan"
    assert plans.happened.count("routine") == 2
