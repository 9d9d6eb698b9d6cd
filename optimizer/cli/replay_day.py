"""The day whose savings Home Assistant told, lived again from its diagnostics."""

from collections.abc import Mapping
from typing import Any, Final

from optimizer.document import InputError, Problem

type Json = dict[str, Any]

_CENT: Final = 0.005
_COURSES: Final = ("without", "planned", "known")
_PARTS: Final = ("home", "series", "replay", "answer")


def relive(given: object) -> Json:
    """Return the day's figures as they were told and as they come out now, in money.

    Raises `InputError`.
    """
    if not isinstance(given, Mapping) or not all(
        isinstance(given.get(part), Mapping) for part in _PARTS
    ):
        raise InputError([Problem(f"not all of {', '.join(_PARTS)}", "saved_day")])
    # The solver takes time to import: only once the input is good.
    from optimizer.backtest.replay import replay  # noqa: PLC0415
    from optimizer.series import table  # noqa: PLC0415

    old = _figures(given["answer"])
    again = replay(given["home"], table(given["series"]), given["replay"])
    new = _figures(again)
    return {
        "same": all(abs(new[name] - old[name]) < _CENT for name in new),
        "old": old,
        "new": new,
    }


def _figures(answer: Mapping[str, Any]) -> dict[str, float]:
    try:
        found = {name: answer[name]["cost"] for name in _COURSES}
        found["perfect"] = answer["perfect_cost"]
        return {name: float(cost) for name, cost in found.items()}
    except (KeyError, TypeError, ValueError) as error:
        problem = Problem(f"not a day that was lived again: {error!r}", "saved_day")
        raise InputError([problem]) from error


def words(found: Json, currency: str) -> str:
    """Say it to a person."""
    told = ", ".join(
        f"{name} {cost:.2f} {currency}" for name, cost in found["new"].items()
    )
    same = "as they were told" if found["same"] else "not as they were told"
    return f"the last day's savings: {told}: {same}"
