"""What ordered limits cost: the plan under them against the best plan without any.

The cost is proven between two numbers, as that of a wish is (`alternative.py`): the
plan's bound less the other's cost, and the plan's cost less the other's bound. Wishes
that a limit makes impossible have no price: what is missed is said beside it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
import time
from typing import Any, Final

import numpy as np

from cem_core.model import Message
from cem_core.model.message_json import message_from_json, message_to_json
from cem_core.model.render import Renderer
from optimizer.align import Columns, align, horizon_of
from optimizer.document import InputError, Problem
from optimizer.home import HeatPump, Home, Limit
from optimizer.moved import move_json, moved
from optimizer.optimize import Options, solved
from optimizer.plan_document import costs_json, relaxed_json, schedule
from optimizer.series import Numbers, Table
from optimizer.structures import Structures

type Json = dict[str, Any]
type Plan = Mapping[str, Any]

_SAME: Final = 0.005  # currency
_SOME: Final = 1e-3  # of what is missed, in its unit
_SOME_C: Final = 0.1
_MOST_MOVES: Final = 12
_NEEDED: Final = ("objective", "bound", "cost", "devices", "relaxed", "times")
# The limit itself, where physics leave no way to keep it: it costs nobody anything.
_OF_LIMITS: Final = frozenset({"limit_import_exceeded", "limit_export_exceeded"})


def limit_cost(
    home: Home,
    table: Table,
    plan: Plan,
    options: Options | None = None,
    structures: Structures | None = None,
) -> Json:
    """Return what the limits of ``home`` cost, whose PLAN is given.

    Raises `InputError` or `SolverError`.
    """
    started = time.perf_counter()
    if absent := [name for name in _NEEDED if name not in plan]:
        raise InputError([Problem(f"missing: {', '.join(absent)}", "plan")])
    if home.uncertainty is not None:
        text = "what limits cost is told for a single forecast only"
        raise InputError([Problem(text, "uncertainty")])
    horizon = horizon_of(home, table)
    columns = align(home, table, horizon)
    free = replace(home, limits=_permanent(home))
    other, _ = solved(
        free, horizon, columns, options or Options(), structures or Structures()
    )
    without = schedule(other)
    cheapest = other.solution.objective
    if not plan["relaxed"]:
        cheapest = min(cheapest, plan["objective"])  # a plan without limits, too
    more = plan["objective"] - cheapest
    bound = plan["bound"]
    cost = costs_json(other)
    missed = [
        *_unmet(plan["relaxed"], relaxed_json(other)),
        *_discomfort(home, columns, plan, without),
    ]
    currency = home.tariff.currency
    message = _message(more, currency, missed)
    return {
        "limits": [limit.id for limit in home.limits if not limit.devices],
        "currency": currency,
        "cost_with": plan["objective"],
        "cost_without": round(cheapest, 6) + 0.0,
        "more_cost": round(more, 6) + 0.0,
        "at_least": None if bound is None else round(bound - cheapest, 6) + 0.0,
        "at_most": round(plan["objective"] - other.solution.bound, 6) + 0.0,
        "more": {
            name: round(plan["cost"].get(name, 0.0) - cost.get(name, 0.0), 6) + 0.0
            for name in dict.fromkeys([*cost, *plan["cost"]])
        },
        "missed": missed,
        "moved": [move_json(move) for move in moved(without, plan)[:_MOST_MOVES]],
        "text": Renderer().text(message),
        **message_to_json(message),
        "seconds": round(time.perf_counter() - started, 3),
    }


def _permanent(home: Home) -> tuple[Limit, ...]:
    """Return what a line carries that some devices hang on: nobody ordered it."""
    return tuple(limit for limit in home.limits if limit.devices)


def _unmet(under: Sequence[Plan], without: Sequence[Plan]) -> Iterator[Json]:
    """Yield the wishes that give way under the limits, by how much more."""
    before = {entry["constraint"]: entry["by"] for entry in without}
    for entry in under:
        by = entry["by"] - before.get(entry["constraint"], 0.0)
        if by > _SOME and entry["key"] not in _OF_LIMITS:
            yield {**entry, "by": round(by, 4)}


def _discomfort(
    home: Home, columns: Columns, plan: Plan, without: Plan
) -> Iterator[Json]:
    """Yield by how much colder or warmer than wished a house gets at most."""
    for device in home.devices:
        if not isinstance(device, HeatPump) or device.comfort is None:
            continue
        least_c, most_c = (
            columns[name]
            for name in (device.comfort.min_series, device.comfort.max_series)
        )
        indoor = [
            np.array(each["devices"][device.id]["indoor_temperature_c"])
            for each in (plan, without)
        ]
        below_c = _further([least_c - each for each in indoor])
        above_c = _further([each - most_c for each in indoor])
        if below_c > _SOME_C:
            cold = Message.of("orders_make_cold", device=device.id, below_c=below_c)
            yield _missed(f"{device.id} warmth", below_c, cold)
        if above_c > _SOME_C:
            warm = Message.of("orders_make_warm", device=device.id, above_c=above_c)
            yield _missed(f"{device.id} coolness", above_c, warm)


def _further(outside: Sequence[Numbers]) -> float:
    """Return by how much the worst of the first is worse than that of the second."""
    under, without = (max(0.0, float(each.max())) for each in outside)
    return under - without


def _missed(constraint: str, by: float, message: Message) -> Json:
    return {
        "constraint": constraint,
        "by": round(by, 4),
        "unit": "K",
        "text": Renderer().text(message),
        **message_to_json(message),
    }


def _message(more: float, currency: str, missed: Sequence[Json]) -> Message:
    if more >= _SAME:
        message = Message.of("orders_cost", more_cost=more, currency=currency)
    elif more > -_SAME or not missed:
        # Below nothing is within what is not proven: no limit makes a plan cheaper.
        message = Message.of("orders_cost_nothing")
    else:
        message = Message.of("orders_save", less_cost=-more, currency=currency)
    return message.then(
        *(
            Message.of("orders_make_missed", what=message_from_json(entry))
            for entry in missed
        )
    )
