"""What `cem diff` does once its arguments are read."""

from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
import json
from pathlib import Path
import sys
from typing import TYPE_CHECKING, Any

from cem_core.model.plan_json import PlanError, plan_from_json
from optimizer.cli.series_file import read_series
from optimizer.cli.status import BAD_INPUT, DONE, WRONG_USAGE
from optimizer.document import InputError
from optimizer.moved import move_json, moved
from optimizer.read_home import home_from_tree
from optimizer.report.text import NOT_FOR_BILLING
from optimizer.yaml_document import parse

if TYPE_CHECKING:
    from optimizer.home import Home
    from optimizer.series import Table

type Json = dict[str, Any]


class _BadFileError(Exception):
    """A file that cannot be used: its name and every problem."""

    def __init__(self, path: str, problems: Sequence[object]) -> None:
        super().__init__(path)
        self.path, self.problems = path, problems


def diff_plans(args: Namespace) -> int:
    """Compare and return the exit status."""
    if (args.old is None) != (args.new is None):
        _say("--old and --new belong together")
        return WRONG_USAGE
    try:
        found = _difference(args)
    except _BadFileError as bad:
        for problem in bad.problems:
            _say(f"{bad.path}: {problem}")
        return BAD_INPUT
    except InputError as error:
        for problem in error.problems:
            _say(str(problem))
        return BAD_INPUT
    print(json.dumps(found, indent=1) if args.json else "\n".join(_text(found)))
    return DONE


def _difference(args: Namespace) -> Json:
    old, new = _plan(args.old_plan), _plan(args.new_plan)
    found: Json = {
        "currency": new["currency"],
        "old_cost": sum(old["cost"].values()),
        "new_cost": sum(new["cost"].values()),
        "moved": [move_json(move) for move in moved(old, new)],
    }
    if args.old is None:
        return found
    inputs = [_inputs(*files) for files in (args.old, args.new)]
    # Pyomo takes a second to import: only once all inputs are good.
    from optimizer.difference import Given, difference  # noqa: PLC0415
    from optimizer.linear import SolverError  # noqa: PLC0415

    (old_home, old_table), (new_home, new_table) = inputs
    before = Given(home=old_home, table=old_table, plan=old)
    after = Given(home=new_home, table=new_table, plan=new)
    try:
        return found | {"why": difference(before, after)}
    except SolverError as error:
        raise _BadFileError(args.old[0], [error]) from error


def _plan(path: str) -> Mapping[str, Any]:
    try:
        document = json.loads(Path(path).read_text(encoding="utf-8"))
        plan_from_json(document, created_at=datetime.now(UTC))
    except UnicodeDecodeError as error:
        raise _BadFileError(path, [f"byte {error.start}: not UTF-8"]) from error
    except (ValueError, RecursionError) as error:  # PlanError and bad JSON are both
        text = str(error) if isinstance(error, PlanError) else f"no JSON: {error}"
        raise _BadFileError(path, [text]) from error
    plan: Mapping[str, Any] = document
    return plan


def _inputs(home_file: str, series_file: str) -> tuple[Home, Table]:
    path = home_file
    try:
        home = home_from_tree(parse(Path(path).read_text(encoding="utf-8-sig")))
        path = series_file
        return home, read_series(path)
    except InputError as error:
        raise _BadFileError(path, error.problems) from error
    except UnicodeDecodeError as error:
        text = f"byte {error.start}: not UTF-8"
        raise _BadFileError(path, [text]) from error


def _text(found: Json) -> Iterator[str]:
    old, new, currency = found["old_cost"], found["new_cost"], found["currency"]
    yield f"cost {old:.2f} -> {new:.2f} {currency}, {NOT_FOR_BILLING}"
    if not found["moved"]:
        yield "nothing moved"
    for move in found["moved"]:
        yield f"  {move['text']}"
    if "why" not in found:
        return
    why = found["why"]
    start, end = (datetime.fromisoformat(why[name]) for name in ("start", "end"))
    yield ""
    yield (
        f"both plan {start:%d %b %H:%M} to {end:%d %b %H:%M}, as the old one foresaw"
        f" it for {why['before']:.2f}, now for {why['after']:.2f} {currency}:"
    )
    if not why["causes"]:
        yield "no input changed"
    for cause in why["causes"]:
        yield cause["text"]
        for move in cause["moved"]:
            yield f"  {move['text']}"


def _say(text: str) -> None:
    print(f"cem diff: {' '.join(text.split())}", file=sys.stderr)
