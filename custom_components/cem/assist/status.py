"""How the home is doing."""

from typing import Final

from cem_core.model import Message
from cem_core.model.units import kw
from custom_components.cem.assist.question import Asked, HomeQuestion
from custom_components.cem.const import Mode
from custom_components.cem.home import Home
from custom_components.cem.problems import problems


async def _answer(home: Home, asked: Asked) -> Message:
    del asked
    wrong = [message for _, message in problems(home)]
    planned = () if home.plan is not None else (Message.of("no_plan_yet"),)
    return _mode(home.mode).then(*_powers(home), *planned, *wrong)


def _mode(mode: Mode) -> Message:
    match mode:
        case Mode.OBSERVE:
            return Message.of("only_observes")
        case Mode.ADVISE:
            return Message.of("assist_only_advises")
        case _:
            return Message.of("assist_controls")


def _powers(home: Home) -> tuple[Message, ...]:
    """Say what flows, unless the meter is silent: then nobody knows."""
    now = home.snapshot
    if now.grid_w is None or now.meter_silent:
        return ()
    grid_kw = kw(abs(now.grid_w))
    grid = (
        Message.of("assist_exports", grid_kw=grid_kw)
        if now.grid_w < 0
        else Message.of("assist_imports", grid_kw=grid_kw)
    )
    if now.solar_w is None:
        return (grid,)
    return grid, Message.of("assist_solar", solar_kw=kw(now.solar_w))


STATUS: Final = HomeQuestion(
    intent_type="CemStatus",
    tool="get_status",
    description="Says what the energy manager may do, what flows, and what is wrong",
    answer=_answer,
)
