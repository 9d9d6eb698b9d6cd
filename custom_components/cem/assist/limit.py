"""Whether the power is limited, by whom, and why."""

from typing import Final

from homeassistant.util import dt as dt_util

from cem_core.model import Message, PowerLimit
from cem_core.model.units import kw
from custom_components.cem.assist.question import Asked, HomeQuestion
from custom_components.cem.home import Home
from custom_components.cem.limit_names import flow, limit_names


async def _answer(home: Home, asked: Asked) -> Message:
    del asked
    held = tuple(home.snapshot.in_force.strictest.values())
    announced = home.store.orders.announced(dt_util.utcnow())
    names = limit_names((*home.snapshot.limits, *announced))
    ordered = any(limit.is_order for limit in held)
    said = Message.of("assist_limited") if ordered else Message.of("assist_not_limited")
    for limit in held:
        said = said.then(_holds(home, limit, names[limit.limit_id]))
    return said.then(*(_comes(limit, names[limit.limit_id]) for limit in announced))


def _holds(home: Home, limit: PowerLimit, name: Message) -> Message:
    bounded, limit_kw = flow(limit), kw(limit.limit_w)
    if limit.end is None:
        said = Message.of("assist_limit", limit=name, flow=bounded, limit_kw=limit_kw)
    else:
        said = Message.of(
            "assist_limit_until",
            limit=name,
            flow=bounded,
            limit_kw=limit_kw,
            end_time=limit.end,
        )
    if limit.reason is not None:
        said = said.then(limit.reason)
    if home.snapshot.meter_silent:
        return said.then(Message.of("meter_silent"))
    power_w = home.snapshot.powers_w.get((limit.direction, limit.scope))
    if power_w is None:
        return said
    return said.then(Message.of("assist_limit_now", now_kw=kw(power_w)))


def _comes(limit: PowerLimit, name: Message) -> Message:
    return Message.of(
        "assist_limit_comes",
        limit=name,
        flow=flow(limit),
        limit_kw=kw(limit.limit_w),
        start_time=limit.start or dt_util.utcnow(),
    )


LIMIT: Final = HomeQuestion(
    intent_type="CemLimit",
    tool="limits",
    description="Says which power limits hold now or come, who ordered them and why",
    answer=_answer,
)
