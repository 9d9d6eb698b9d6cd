"""What `cem backtest` does once its arguments are read."""

from argparse import Namespace
import csv
from datetime import datetime, timedelta
import hashlib
import json
from pathlib import Path
import sys
import time
from typing import Any, Final
from zoneinfo import ZoneInfo

from optimizer.backtest.record import Record, record_of
from optimizer.backtest.settings import Foresight, Policy, Settings
from optimizer.cli.series_file import read_series
from optimizer.cli.status import BAD_INPUT, DONE, WRONG_USAGE
from optimizer.document import InputError, Problem
from optimizer.home import Home
from optimizer.read_home import home_from_tree
from optimizer.series import Table
from optimizer.yaml_document import parse

_STDIO: Final = "-"
_QUIET_S: Final = 2.0
_SAVE_S: Final = 5.0
_SHOW_S: Final = 0.5
_WIDTH: Final = 40


def play_years(args: Namespace) -> int:
    """Play and return the exit status."""
    if args.series is None:
        _say("--series is needed: prices, load and production stand there")
        return WRONG_USAGE
    if args.home == args.series == _STDIO:
        _say("only one of HOME and --series can be stdin")
        return WRONG_USAGE
    try:
        home = home_from_tree(parse(_text(args.home)))
    except (InputError, UnicodeDecodeError) as error:
        return _complain(args.home, error)
    if args.every % home.step_minutes:
        _say(f"--every {args.every} is no multiple of step_minutes {home.step_minutes}")
        return WRONG_USAGE
    try:
        table = read_series(args.series)
        settings = _settings(args, home)
        record = record_of(home, table, settings)
    except (InputError, UnicodeDecodeError) as error:
        return _complain(args.series, error)
    return _play(args, table, settings, record)


def _settings(args: Namespace, home: Home) -> Settings:
    return Settings(
        start=_aware(args.start, home),
        end=_aware(args.end, home),
        forecast=Foresight(args.forecast),
        policy=Policy(args.policy),
        prices_known_from=args.prices_known_from,
        know_current_step=args.know_current_step,
        every=timedelta(minutes=args.every),
    )


def _aware(moment: datetime | None, home: Home) -> datetime | None:
    """Return a time without an offset as one of the home's clock."""
    if moment is None or moment.tzinfo is not None:
        return moment
    return moment.replace(tzinfo=ZoneInfo(home.time_zone))


def _play(args: Namespace, table: Table, settings: Settings, record: Record) -> int:
    # Pyomo takes a second to import: only once both inputs are good.
    from optimizer.backtest.play import Game  # noqa: PLC0415
    from optimizer.backtest.played import trace  # noqa: PLC0415
    from optimizer.backtest.run import run  # noqa: PLC0415

    mark = _fingerprint(table, settings, record)
    game = Game.begin(record)
    if args.state is not None:
        try:
            game = _resumed(args.state, mark) or game
        except InputError as error:
            return _complain(args.state, error)
    progress = _Progress(args.state, mark, record.steps)
    document, played = run(
        record,
        settings,
        jobs=args.jobs,
        game=game,
        watch=progress.watch,
        watch_beside=progress.watch_beside,
    )
    progress.finish(game)
    if args.trace is not None:
        _write_trace(args.trace, trace(record, played))
    if args.html is not None:
        from optimizer.report.backtest_page import backtest_page  # noqa: PLC0415

        page = backtest_page(document, trace(record, played), _prices(record))
        Path(args.html).write_text(page, encoding="utf-8")
    if args.json:
        print(json.dumps(document, indent=1, allow_nan=False), flush=True)
    else:
        from optimizer.report.backtest_text import backtest_text  # noqa: PLC0415

        print(backtest_text(document), flush=True)
    return _judge(document)


def _prices(record: Record) -> dict[str, list[float]]:
    return {
        name: [float(price) for price in record.played(name)]
        for name in ("import_price", "export_price")
    }


def _judge(document: dict[str, Any]) -> int:
    over = document["over_limit"]
    if over["steps"]:
        _say(
            f"a limit could not be kept in {over['steps']} steps,"
            f" by up to {over['most_kw']:.2f} kW"
        )
    return BAD_INPUT if over["steps"] else DONE


def _text(path: str) -> str:
    if path == _STDIO:
        return sys.stdin.buffer.read().decode("utf-8-sig")
    return Path(path).read_text(encoding="utf-8-sig")


def _complain(path: str, error: InputError | UnicodeDecodeError) -> int:
    name = "stdin" if path == _STDIO else path
    if isinstance(error, UnicodeDecodeError):
        _say(f"{name}: byte {error.start}: not UTF-8")
        return BAD_INPUT
    for problem in error.problems:
        _say(f"{name}: {problem}")
    return BAD_INPUT


def _say(text: str) -> None:
    print(f"cem backtest: {' '.join(text.split())}", file=sys.stderr)


def _fingerprint(table: Table, settings: Settings, record: Record) -> str:
    """Return what must be the same for a state file to be gone on with."""
    digest = hashlib.sha256(repr((settings, record.home, table.start)).encode())
    for name in sorted(record.columns):
        digest.update(name.encode())
        digest.update(record.columns[name].tobytes())
    return digest.hexdigest()


def _resumed(path: str, mark: str) -> Any:  # noqa: ANN401 - Game is imported late
    from optimizer.backtest.play import Game  # noqa: PLC0415

    file = Path(path)
    if not file.exists():
        return None
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
        same = document["of"] == mark
    except (ValueError, TypeError, KeyError) as error:
        text = "is no state of a backtest; delete it or name another"
        raise InputError([Problem(text, "state")]) from error
    if not same:
        text = "is of another home, series or question; delete it or name another"
        raise InputError([Problem(text, "state")])
    return Game.from_json(document["game"])


class _Progress:
    """Says on a terminal how far it is, and keeps the state file."""

    def __init__(self, state: str | None, mark: str, steps: int) -> None:
        self.state = None if state is None else Path(state)
        self.mark, self.steps = mark, steps
        self.begun = self.shown = self.saved = time.monotonic()

    def watch(self, game: Any) -> None:  # noqa: ANN401 - Game is imported late
        """Take note of a plan."""
        now = time.monotonic()
        if self.state is not None and now - self.saved > _SAVE_S:
            self._save(game)
            self.saved = now
        self._show(game, "played")

    def watch_beside(self, game: Any) -> None:  # noqa: ANN401 - Game is imported late
        """Take note of a plan that the policy is measured against."""
        self._show(game, "of what it is measured against")

    def _show(self, game: Any, what: str) -> None:  # noqa: ANN401 - Game is imported late
        now = time.monotonic()
        if now - self.begun > _QUIET_S and now - self.shown > _SHOW_S:
            self.shown = now
            if sys.stderr.isatty():
                share = game.played.steps / self.steps
                line = f"\r{share:6.1%} {what}".ljust(_WIDTH)
                print(line, end="", file=sys.stderr, flush=True)

    def finish(self, game: Any) -> None:  # noqa: ANN401 - Game is imported late
        """Keep the end and clear the line."""
        if sys.stderr.isatty() and self.shown > self.begun:
            print("\r" + " " * _WIDTH + "\r", end="", file=sys.stderr, flush=True)
        if self.state is not None:
            self._save(game)

    def _save(self, game: Any) -> None:  # noqa: ANN401 - Game is imported late
        if self.state is None:
            return
        document = json.dumps({"of": self.mark, "game": game.to_json()})
        aside = self.state.with_name(self.state.name + ".new")
        aside.write_text(document, encoding="utf-8")
        aside.replace(self.state)


def _write_trace(path: str, rows: list[dict[str, Any]]) -> None:
    if path == _STDIO:
        writer = csv.DictWriter(sys.stdout, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        return
    with Path(path).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
