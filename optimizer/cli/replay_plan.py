"""What `cem replay` does once its arguments are read."""

from argparse import Namespace
from collections.abc import Mapping
import json
import math
from pathlib import Path
import sys
from typing import Any, Final

from optimizer.cli.replay_day import relive, words
from optimizer.cli.status import BAD_INPUT, DONE, WRONG_USAGE
from optimizer.document import InputError
from optimizer.moved import move_json, moved
from optimizer.read_home import home_from_json
from optimizer.report.page import plan_page
from optimizer.report.text import NOT_FOR_BILLING
from optimizer.series import table

type Json = dict[str, Any]

_STDIO: Final = "-"
_TIME_LIMIT_S: Final = 20.0
# As the integration asks for it: `_GAP` of its worker_client.
_GAP: Final = 3e-3
_PARTS: Final = ("home", "series", "plan")


class _BadFileError(Exception):
    """The file holds no problem that can be solved; the text says why."""


def replay_plan(args: Namespace) -> int:
    """Solve, compare, and return the exit status."""
    try:
        document = _document(_text(args.diagnostics))
        given = _problem(document)
        again = _solved(given)
        found = _compared(given, again)
        if (day := document.get("saved_day")) is not None:
            found["saved_day"] = relive(day)
    except OSError as error:
        _say(f"{args.diagnostics}: {_why(error)}")
        return WRONG_USAGE  # as with every command: nothing was read
    except UnicodeDecodeError as error:
        _say(f"{args.diagnostics}: {_why(error)}")
        return BAD_INPUT
    except _BadFileError as error:
        _say(f"{args.diagnostics}: {error}")
        return BAD_INPUT
    except InputError as error:
        _say(f"{args.diagnostics}: {'; '.join(map(str, error.problems))}")
        return BAD_INPUT
    if args.plan is not None:
        text = json.dumps(again, indent=1, allow_nan=False) + "\n"
        Path(args.plan).write_text(text, encoding="utf-8")
    if args.html is not None:
        page = plan_page(again, f"Plan from {again['times'][0]}")
        Path(args.html).write_text(page, encoding="utf-8")
    print(json.dumps(found, indent=1) if args.json else _words(found))
    same = found["same"] and found.get("saved_day", found)["same"]
    return BAD_INPUT if found["whole"] and not same else DONE


def _why(error: OSError | UnicodeDecodeError) -> str:
    if isinstance(error, UnicodeDecodeError):
        return f"byte {error.start}: not UTF-8"
    return error.strerror or "cannot be read"


def _text(path: str) -> str:
    if path == _STDIO:
        return sys.stdin.buffer.read().decode("utf-8-sig")
    return Path(path).read_text(encoding="utf-8-sig")


def _document(text: str) -> Json:
    """Return what an integration said in its diagnostics."""
    try:
        document = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        where = getattr(error, "lineno", None)
        line = "" if where is None else f"line {where}: "
        raise _BadFileError(f"{line}not JSON") from error
    if isinstance(document, Mapping):
        # Home Assistant puts what an integration says under "data".
        document = document.get("data", document)
    return dict(document) if isinstance(document, Mapping) else {}


def _problem(document: Json) -> Json:
    """Return HOME, series and PLAN out of diagnostics."""
    given = document.get("solved")
    if given is None:
        problem = "no plan of the solver stands in it: is it the CEM's diagnostics?"
        raise _BadFileError(problem)
    if not isinstance(given, dict) or not all(
        isinstance(given.get(part), dict) for part in _PARTS
    ):
        raise _BadFileError(f"solved: not all of {', '.join(_PARTS)} stand there")
    return given


def _solved(given: Json) -> Json:
    # The solver takes time to import: only once the input is good.
    from optimizer.linear import SolverError  # noqa: PLC0415
    from optimizer.optimize import Options, optimize  # noqa: PLC0415

    options = Options(time_limit_s=_TIME_LIMIT_S, gap=_GAP)
    try:
        home, series = home_from_json(given["home"]), table(given["series"])
        return optimize(home, series, options)
    except InputError as error:
        raise _BadFileError("; ".join(map(str, error.problems))) from error
    except SolverError as error:
        raise _BadFileError(str(error)) from error


def _compared(given: Json, again: Json) -> Json:
    old = given["plan"]
    try:
        moves = [move_json(move) for move in moved(old, again)]
        old_cost = math.fsum(old["cost"].values())
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        problem = f"solved: plan: not one of the solver's: {error!r}"
        raise _BadFileError(problem) from error
    new_cost = math.fsum(again["cost"].values())
    # Money alone would call two plans the same that are equally cheap.
    same = not moves and abs(new_cost - old_cost) <= _GAP * max(1.0, abs(old_cost))
    return {
        "whole": given.get("whole") is True,
        "same": same,
        "currency": again["currency"],
        "status": again["status"],
        "old_cost": old_cost,
        "new_cost": new_cost,
        "moved": moves,
    }


def _words(found: Json) -> str:
    currency = found["currency"]
    cost = (
        f"{found['status']}: {found['new_cost']:.2f} {currency},"
        f" in the diagnostics {found['old_cost']:.2f} {currency}"
    )
    lines = [cost, NOT_FOR_BILLING, *(move["text"] for move in found["moved"])]
    if not found["whole"]:
        lines.append(
            "Curves of use are means in this file: plans and costs may differ."
        )
    lines.append("the same plan" if found["same"] else "another plan")
    if (day := found.get("saved_day")) is not None:
        lines.append(words(day, currency))
    return "\n".join(lines)


def _say(text: str) -> None:
    print(f"cem replay: {' '.join(text.split())}", file=sys.stderr)
