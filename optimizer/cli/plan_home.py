"""What `cem optimize` does once its arguments are read."""

from argparse import Namespace
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
import json
from pathlib import Path
import sys
from threading import Timer
from typing import TYPE_CHECKING, Any, Final

from optimizer.cli.series_file import read_series
from optimizer.cli.status import BAD_INPUT, DONE, WRONG_USAGE
from optimizer.document import InputError
from optimizer.read_home import home_from_tree
from optimizer.report.page import plan_page
from optimizer.report.text import plan_text
from optimizer.yaml_document import parse

if TYPE_CHECKING:
    from optimizer.home import Home
    from optimizer.optimize import Options
    from optimizer.series import Table
    from optimizer.structures import Structures

_STDIO: Final = "-"
_QUIET_S: Final = 2.0


def plan_home(args: Namespace) -> int:
    """Plan and return the exit status."""
    if args.series is None:
        _say("--series is needed: prices and load stand there")
        return WRONG_USAGE
    if args.home == args.series == _STDIO:
        _say("only one of HOME and SERIES can be stdin")
        return WRONG_USAGE
    plan = _plan(args)
    if plan is None:
        return BAD_INPUT
    _write(plan, args)
    for entry in plan["relaxed"]:
        _say(f"{plan['status']}: {entry['text']}")
    if plan["gap"] is None:
        _say(f"no proof of how good the plan is within {args.time_limit:g} s")
    proven = plan["gap"] is not None and plan["status"] in {"optimal", "feasible"}
    answered = len(plan.get("what_if", ())) == len(args.what_if)
    answered = answered and args.limit_cost == ("limit_cost" in plan)
    return DONE if proven and answered else BAD_INPUT


def _plan(args: Namespace) -> dict[str, Any] | None:
    try:
        home = home_from_tree(parse(_text(args.home)))
    except (InputError, UnicodeDecodeError) as error:
        _complain(args.home, error)
        return None
    try:
        table = read_series(args.series)
    except (InputError, UnicodeDecodeError) as error:
        _complain(args.series, error)
        return None
    # The solver takes time to import: only once both inputs are good.
    from optimizer.linear import SolverError  # noqa: PLC0415
    from optimizer.optimize import Options, optimize  # noqa: PLC0415
    from optimizer.structures import Structures  # noqa: PLC0415

    with _progress(args.time_limit):
        try:
            options = Options(time_limit_s=args.time_limit, gap=args.gap)
            structures = Structures()
            if args.model is not None:
                _write_model(home, table, Path(args.model))
            plan = optimize(home, table, options, structures)
            if args.what_if:
                plan["what_if"] = _alternatives(args, home, table, options, structures)
            if args.limit_cost:
                plan |= _limit_cost(home, table, plan, options, structures)
        except InputError as error:
            _complain(args.series, error)
        except SolverError as error:
            _say(str(error))
        else:
            return plan
    return None


def _write_model(home: Home, table: Table, path: Path) -> None:
    from optimizer.pyomo_model import write_model  # noqa: PLC0415 - Pyomo takes seconds

    write_model(home, table, path)


def _alternatives(
    args: Namespace, home: Home, table: Table, options: Options, structures: Structures
) -> list[dict[str, Any]]:
    """Return what each wish would cost; say which cannot be."""
    from optimizer.align import horizon_of  # noqa: PLC0415 - as above
    from optimizer.alternative import alternative  # noqa: PLC0415
    from optimizer.linear import SolverError  # noqa: PLC0415
    from optimizer.what_if import wish_from_text  # noqa: PLC0415

    found = []
    for text in args.what_if:
        try:
            wish = wish_from_text(text, home, horizon_of(home, table))
            found.append(alternative(home, table, wish, options, structures))
        except InputError as error:
            for problem in error.problems:
                _say(f"--what-if {text}: {problem.text}")
        except SolverError as error:
            _say(f"--what-if {text}: {error}")
    return found


def _limit_cost(
    home: Home,
    table: Table,
    plan: dict[str, Any],
    options: Options,
    structures: Structures,
) -> dict[str, Any]:
    """Return what the limits cost as a field of PLAN; say why it cannot be told."""
    from optimizer.limit_cost import limit_cost  # noqa: PLC0415 - as above
    from optimizer.linear import SolverError  # noqa: PLC0415

    try:
        return {"limit_cost": limit_cost(home, table, plan, options, structures)}
    except InputError as error:
        for problem in error.problems:
            _say(f"--limit-cost: {problem}")
    except SolverError as error:
        _say(f"--limit-cost: {error}")
    return {}


def _text(path: str) -> str:
    if path == _STDIO:
        return sys.stdin.buffer.read().decode("utf-8-sig")
    return Path(path).read_text(encoding="utf-8-sig")


def _complain(path: str, error: InputError | UnicodeDecodeError) -> None:
    name = "stdin" if path == _STDIO else path
    if isinstance(error, UnicodeDecodeError):
        _say(f"{name}: byte {error.start}: not UTF-8")
        return
    for problem in error.problems:
        _say(f"{name}: {problem}")


def _say(text: str) -> None:
    print(f"cem optimize: {' '.join(text.split())}", file=sys.stderr)


@contextmanager
def _progress(time_limit_s: float) -> Iterator[None]:
    """Say on a terminal that it takes longer, and how long at most."""
    if not sys.stderr.isatty():
        yield
        return
    text = f"still looking for the best plan, at most {time_limit_s:g} s"
    timer = Timer(_QUIET_S, _say, [text])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _write(plan: Mapping[str, Any], args: Namespace) -> None:
    """Print the plan and write its files, each also where the other cannot be."""
    document = json.dumps(plan, indent=1, allow_nan=False) + "\n"
    try:
        if args.json or args.plan == _STDIO:
            print(document, end="", flush=True)
        else:
            print(plan_text(plan), flush=True)
    finally:
        if args.plan is not None and args.plan != _STDIO:
            Path(args.plan).write_text(document, encoding="utf-8")
        if args.html is not None:
            page = plan_page(plan, f"Plan from {plan['times'][0]}")
            Path(args.html).write_text(page, encoding="utf-8")
