"""What is planned for the next hours."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from typing import Final

from homeassistant.util import dt as dt_util
import probatio

from cem_core.model import Action, Message, Plan, PlanStep
from cem_core.model.units import kw
from custom_components.cem.assist.question import Asked, CannotAnswerError, HomeQuestion
from custom_components.cem.const import Kind
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.home import Home

_HOURS: Final = 12
_MOST_HOURS: Final = 48
_HOUR: Final = timedelta(hours=1)
_RUNS: Final = (Action.RUN, Action.CHARGE, Action.DISCHARGE)


async def _answer(home: Home, asked: Asked) -> Message:
    hours = asked.slots.get("hours", _HOURS)
    if home.plan is None:
        raise CannotAnswerError(Message.of("no_plan_yet"))
    now = dt_util.utcnow()
    until = min(now + hours * _HOUR, home.plan.end)
    blocks = [
        block
        for device in home.devices.values()
        if device.kind is not Kind.SOLAR  # what the sun gives is expected, not planned
        for block in _blocks(home.plan, device, now, until)
    ]
    if not blocks:
        return Message.of("assist_nothing_planned", end_time=until)
    blocks.sort(key=lambda block: block[0])
    (_, first), *others = blocks
    return first.then(*(message for _, message in others))


def _blocks(
    plan: Plan, device: ControlledDevice, now: datetime, until: datetime
) -> Iterator[tuple[datetime, Message]]:
    """Yield what the device is to do between ``now`` and ``until``, with its start."""
    course = plan.devices.get(device.device_id)
    if course is None:
        return
    steps = [
        (max(start, now), min(end, until), step)
        for (start, end), step in zip(pairwise(plan.edges), course.steps, strict=False)
        if end > now and start < until
    ]
    for action, group in groupby(steps, key=lambda step: _does(step[2])):
        block = tuple(group)
        if action is not None:
            yield block[0][0], _told(device.model.name, action, block)


def _does(step: PlanStep) -> Action | None:
    """Return what is worth saying of a step: None of rest."""
    if step.action is Action.BALANCE:
        return Action.BALANCE
    return step.action if step.action in _RUNS and step.power_w != 0 else None


def _told(
    name: str, action: Action, block: tuple[tuple[datetime, datetime, PlanStep], ...]
) -> Message:
    start, end = block[0][0], block[-1][1]
    if action is Action.BALANCE:
        return Message.of(
            "assist_plans_balance", device=name, start_time=start, end_time=end
        )
    energy_kwh = abs(sum(kw(s.power_w) * ((to - at) / _HOUR) for at, to, s in block))
    if action is Action.DISCHARGE:
        return Message.of(
            "assist_plans_giving",
            device=name,
            start_time=start,
            end_time=end,
            energy_kwh=energy_kwh,
        )
    return Message.of(
        "assist_plans_taking",
        device=name,
        start_time=start,
        end_time=end,
        energy_kwh=energy_kwh,
    )


PLAN: Final = HomeQuestion(
    intent_type="CemPlan",
    tool="plan",
    description="Says what the plan has devices do in the next hours (12 if not said)",
    slots={
        probatio.Optional("hours", description="How many hours ahead"): probatio.All(
            probatio.Coerce(int), probatio.Range(min=1, max=_MOST_HOURS)
        )
    },
    answer=_answer,
)
