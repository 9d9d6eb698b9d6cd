"""What the worker answers to each type of request.

Imported after hello: it needs pyomo, numpy and highspy.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
import logging
from typing import Any, Final

from cem_core.insight.foretell import forecast_errors, foretell
from cem_core.insight.learned.answer import learn
from cem_core.insight.requests import RequestError
from optimizer.abandon import AbandonedError
from optimizer.alternative import alternative
from optimizer.document import InputError, Problem
from optimizer.home import Home
from optimizer.limit_cost import limit_cost
from optimizer.linear import SolverError
from optimizer.optimize import Options, optimize
from optimizer.read_home import home_from_json, record_from_json
from optimizer.series import Table, table
from optimizer.structures import Structures
from optimizer.what_if import WhatIf
from optimizer.wished import with_wishes

type Json = dict[str, Any]

_LOG = logging.getLogger("cem.worker")


def answer(
    kind: str,
    message: Json,
    structures: Structures,
    answering: AbstractContextManager[None],
) -> Json:
    """Return what ``message`` of the type ``kind`` is answered, or why it is not.

    ``answering`` is held while the answer is made, which it may give up.

    Raises:
        MemoryError: there was not enough.
    """
    try:
        name, make = _ANSWERS[kind]
        with answering:
            found: Json = {"type": name, name: make(message, structures)}
    except AbandonedError:
        found = _error("abandoned", "given up for something more urgent")
    except InputError as error:
        place = str(error.problems[0].where)
        found = _error(
            _INVALID.get(place.partition(".")[0], "invalid_home"), str(error)
        )
    except RequestError as error:
        found = _error("invalid_request", f"{kind}: {error}")
    except SolverError as error:
        found = _error("solver", str(error))
    except (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError) as error:
        # A mistake of ours: the next request must still be served.
        _LOG.exception("no answer to %s", kind)
        found = _error("internal", f"{type(error).__name__}: {error}")
    return found


def _error(error: str, detail: str) -> Json:
    return {"type": "error", "error": error, "detail": detail}


def _plan(message: Json, structures: Structures) -> Json:
    home, rows, options = _problem(message)
    if wishes := _wishes(message):
        return with_wishes(home, rows, wishes, options, structures)
    return optimize(home, rows, options, structures)


def _wishes(message: Json) -> list[WhatIf]:
    given = message.get("wishes", [])
    if not isinstance(given, list):
        raise InputError([Problem("must be a list", "wishes")])
    return [
        record_from_json(WhatIf, wish, f"wishes[{place}]")
        for place, wish in enumerate(given)
    ]


def _alternative(message: Json, structures: Structures) -> Json:
    home, rows, options = _problem(message)
    wish = record_from_json(WhatIf, message.get("what_if"), "what_if")
    return alternative(home, rows, wish, options, structures)


def _limit_cost(message: Json, structures: Structures) -> Json:
    home, rows, options = _problem(message)
    plan = message.get("plan")
    if not isinstance(plan, dict):
        raise InputError([Problem("must be a PLAN document", "plan")])
    return limit_cost(home, rows, plan, options, structures)


def _replay(message: Json, _: Structures) -> Json:
    from optimizer.backtest.replay import replay  # noqa: PLC0415 - 0.2 s, once a day

    return replay(
        message.get("home") or {}, _series(message), message.get("replay") or {}
    )


def _problem(message: Json) -> tuple[Home, Table, Options]:
    home = home_from_json(message.get("home"))
    usual = Options()
    options = Options(
        time_limit_s=_positive(message, "time_limit_s", usual.time_limit_s),
        gap=_positive(message, "gap", usual.gap),
    )
    return home, _series(message), options


def _series(message: Json) -> Table:
    series = message.get("series")
    if not isinstance(series, dict) or not all(
        isinstance(column, list) for column in series.values()
    ):
        raise InputError([Problem("must be an object of lists", "series")])
    return table(series)


def _positive(message: Json, name: str, usual: float) -> float:
    value = message.get(name, usual)
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise InputError([Problem(f"must be a number above 0, not {value!r}", name)])
    return float(value)


_ANSWERS: Final[dict[str, tuple[str, Callable[[Json, Structures], Json]]]] = {
    "optimize": ("plan", _plan),
    "what_if": ("alternative", _alternative),
    "forecast": ("forecast", lambda message, _: foretell(message)),
    "forecast_errors": ("forecast_errors", lambda message, _: forecast_errors(message)),
    "learn": ("learned", lambda message, _: learn(message)),
    "limit_cost": ("limit_cost", _limit_cost),
    "replay": ("replayed", _replay),
}
_INVALID: Final = {
    "series": "invalid_series",
    "what_if": "invalid_what_if",
    "replay": "invalid_replay",
}
KINDS: Final = frozenset(_ANSWERS)
# What is computed by Python alone may end anywhere.
BREAKABLE: Final = frozenset({"forecast", "forecast_errors", "learn", "replay"})
