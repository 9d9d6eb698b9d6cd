"""PLAN as a table of hours and a list of reasons."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from statistics import fmean
from typing import Any, Final

type Json = Mapping[str, Any]

NOT_FOR_BILLING: Final = "an estimate, not for billing"
"""What stands beside money: only a certified register and a supplier make a bill."""

_FEW = 4
_TITLES = {
    "optimal": "the best plan",
    "feasible": "a plan; better ones were not ruled out in time",
    "relaxed": "a plan in which wishes had to give way",
    "infeasible": "a plan that breaks a limit: there is none that keeps them all",
}
_METHODS = {
    "linear": "",
    "rounded": ", rounded from a linear plan",
    "search": ", by a search",
}


def power_kw(device: Json) -> list[float]:
    """Return the net power of a device of PLAN in each step."""
    if "power_kw" in device:
        return list(device["power_kw"])
    return [
        charge - discharge
        for charge, discharge in zip(
            device["charge_kw"], device["discharge_kw"], strict=True
        )
    ]


def plan_text(plan: Json) -> str:
    """Return the lines that `cem optimize` prints."""
    lines = [*_head(plan), "", *_table(plan), "", *_why(plan)]
    return "\n".join([*lines, *_what_if(plan), *_limit_cost(plan)])


def _head(plan: Json) -> Iterator[str]:
    currency = plan["currency"]
    proven = "" if plan["gap"] is None else f", proven to {plan['gap']:.2%}"
    yield f"{plan['status']}: {_TITLES[plan['status']]}"
    found = _METHODS[plan["method"]]
    yield f"cost {plan['objective']:.2f} {currency}{proven}{found}"
    parts = [f"{name} {value:.2f}" for name, value in plan["cost"].items() if value]
    if parts:
        yield f"  of which {', '.join(parts)} {currency}"
    yield f"  {NOT_FOR_BILLING}"
    for course in plan.get("scenarios", ()):
        cost = sum(course["cost"].values())
        yield f"  {course['probability']:.0%} {course['name']}: {cost:.2f} {currency}"


def _table(plan: Json) -> Iterator[str]:
    net = [
        bought - sold
        for bought, sold in zip(
            plan["grid"]["import_kw"], plan["grid"]["export_kw"], strict=True
        )
    ]
    columns = {
        f"{plan['currency']}/kWh": (plan["prices"]["import"], 3),
        "grid kW": (net, 2),
        "load kW": (plan["load_kw"], 2),
        **{f"{name} kW": (power_kw(d), 2) for name, d in plan["devices"].items()},
    }
    widths = [max(len(name), 7) for name in columns]
    names = (name.rjust(width) for name, width in zip(columns, widths, strict=True))
    yield "hour".ljust(14) + "  ".join(names)
    for hour, steps in _hours(plan["times"]):
        minutes = [plan["minutes"][t] for t in steps]
        cells = (
            f"{fmean([values[t] for t in steps], minutes) + 0.0:{width}.{digits}f}"
            for (values, digits), width in zip(columns.values(), widths, strict=True)
        )
        yield hour.ljust(14) + "  ".join(cells)


def _hours(times: Sequence[str]) -> Iterator[tuple[str, list[int]]]:
    hours: dict[tuple[object, ...], list[int]] = {}
    for t, text in enumerate(times):
        time = datetime.fromisoformat(text)
        key = (time.date(), time.hour, time.utcoffset())
        hours.setdefault(key, []).append(t)
    for steps in hours.values():
        yield f"{datetime.fromisoformat(times[steps[0]]):%d %b %H:%M}", steps


def _what_if(plan: Json) -> Iterator[str]:
    for other in plan.get("what_if", ()):
        yield f"instead: {other['text']}"
        for move in most_moved(other["moved"]):
            yield f"  {move['text']}"


def _limit_cost(plan: Json) -> Iterator[str]:
    if (cost := plan.get("limit_cost")) is not None:
        yield f"limits: {cost['text']}"
        for move in most_moved(cost["moved"]):
            yield f"  {move['text']}"


def most_moved(moves: Sequence[Json]) -> list[Json]:
    """Return the few moves that matter most, in their order."""
    sizes = sorted((abs(move["energy_kwh"]) for move in moves), reverse=True)
    least_kwh = sizes[:_FEW][-1] if sizes else 0.0
    return [move for move in moves if abs(move["energy_kwh"]) >= least_kwh]


def _why(plan: Json) -> Iterator[str]:
    for entry in plan["relaxed"]:
        yield f"gave way: {entry['text']}"
    for reason in plan["reasons"]:
        start = datetime.fromisoformat(reason["start"])
        end = datetime.fromisoformat(reason["end"])
        yield f"{start:%H:%M}-{end:%H:%M} {reason['device']}: {reason['text']}"
