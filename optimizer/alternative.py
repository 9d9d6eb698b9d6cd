"""What it would cost to do something else instead: a wish, planned with all the rest.

The wish bounds one device's power; the plan around it is the best there is then.
What it costs is proven between two numbers: the alternative's bound less the plan's
cost, and the alternative's cost less the plan's bound.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
import time
from typing import Any, Final

from cem_core.model import Message
from cem_core.model.message_json import message_from_json, message_to_json
from cem_core.model.render import Renderer
from cem_core.model.what_if import What
from optimizer.align import align, horizon_of
from optimizer.assemble import Parts
from optimizer.home import Home
from optimizer.linear import SolverError
from optimizer.moved import move_json, moved
from optimizer.optimize import Options, planned, solved
from optimizer.outcome import Outcome
from optimizer.plan_document import costs_json, relaxed_json, schedule
from optimizer.series import Table
from optimizer.solve import Status
from optimizer.structures import Structures
from optimizer.what_if import WhatIf, bounds, device_of, forced, leaving, message_of

type Json = dict[str, Any]

_LONGER: Final = (0, 2, 8)  # steps, where other devices leave a car less
_SHARE: Final = 0.5  # of the time that is left, where something has to be solved after
_LEAST_S: Final = 0.1
_SAME: Final = 0.005  # currency
_MOST_MOVES: Final = 12


def alternative(
    home: Home,
    table: Table,
    wish: WhatIf,
    options: Options | None = None,
    structures: Structures | None = None,
) -> Json:
    """Return what ``wish`` costs. Raises `InputError` or `SolverError`.

    The time limit is that of all of it: who asks waits.
    """
    started = time.perf_counter()
    options = options or Options()

    def left(share: float = 1.0) -> Options:
        seconds = options.time_limit_s - (time.perf_counter() - started)
        return replace(options, time_limit_s=max(share * seconds, _LEAST_S))

    structures = Structures() if structures is None else structures
    device_of(wish, home)
    horizon = horizon_of(home, table)
    columns = align(home, table, horizon)
    plan, _ = planned(home, horizon, columns, left(_SHARE), structures)
    before = _Before(costs=costs_json(plan), schedule=schedule(plan))

    def instead(longer: int) -> Outcome:
        if wish.what is What.DEPART:
            moved_home = leaving(wish, home, horizon)
            return solved(moved_home, horizon, columns, left(), structures)[0]
        change = partial(forced, {wish.device: bounds(wish, plan, longer)})
        share = _SHARE if longer < longest else 1.0
        return _solved_with(change, plan, left(share), structures)

    longest = _LONGER[-1] if wish.what is What.START else _LONGER[0]
    other = instead(_LONGER[0])
    for longer in _LONGER[1:] if wish.what is What.START else ():
        if not _gave_way(other) or _gave_way(plan) or left().time_limit_s <= _LEAST_S:
            break
        other = instead(longer)
    return _answer(wish, plan, before, other) | {
        "seconds": round(time.perf_counter() - started, 3)
    }


def _solved_with(
    change: Callable[[Parts], Parts],
    plan: Outcome,
    options: Options,
    structures: Structures,
) -> Outcome:
    try:
        found, _ = solved(
            plan.home,
            plan.horizon,
            plan.columns,
            options,
            structures,
            change=change,
        )
    except SolverError as error:
        message = f"no plan can do that: {error}"
        raise SolverError(message) from error
    return found


def _gave_way(outcome: Outcome) -> bool:
    return outcome.solution.status in {Status.RELAXED, Status.INFEASIBLE}


@dataclass(frozen=True, slots=True)
class _Before:
    """What is told of the plan: a home alike is solved with the same matrices."""

    costs: Mapping[str, float]
    schedule: Json


def _answer(wish: WhatIf, plan: Outcome, before: _Before, other: Outcome) -> Json:
    more = other.solution.objective - plan.solution.objective
    after = costs_json(other)
    currency = plan.home.tariff.currency
    relaxed = relaxed_json(other)
    message = _message(wish, plan, more, relaxed)
    moves = moved(before.schedule, schedule(other))
    return {
        "device": wish.device,
        "what": str(wish.what),
        "status": str(other.solution.status),
        "gap": round(other.solution.gap, 9),
        "currency": currency,
        "more_cost": round(more, 6) + 0.0,
        "at_least": round(other.solution.bound - plan.solution.objective, 6),
        "at_most": round(other.solution.objective - plan.solution.bound, 6),
        "more": {
            name: round(after[name] - before.costs.get(name, 0.0), 6) + 0.0
            for name in after
        },
        "moved": [move_json(move) for move in moves[:_MOST_MOVES]],
        "relaxed": relaxed,
        "text": Renderer().text(message),
        **message_to_json(message),
    }


def _message(
    wish: WhatIf, plan: Outcome, more: float, relaxed: Sequence[Json]
) -> Message:
    asked = message_of(wish, plan.horizon)
    currency = plan.home.tariff.currency
    if more >= _SAME:
        message = Message.of(
            "alternative_costs", wish=asked, more_cost=more, currency=currency
        )
    elif more > -_SAME:
        message = Message.of("alternative_same", wish=asked)
    else:
        message = Message.of(
            "alternative_saves", wish=asked, less_cost=-more, currency=currency
        )
        # A car that may leave later has more freedom than the plan had.
        if not relaxed and wish.what is not What.DEPART:
            message = message.then(Message.of("alternative_is_within_proof"))
    return message.then(
        *(
            Message.of("alternative_gives_up", what=message_from_json(entry))
            for entry in relaxed
        )
    )
