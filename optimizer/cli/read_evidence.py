"""What ``cem evidence`` does."""

from argparse import Namespace
from datetime import datetime
from pathlib import Path
import sys

from cem_core.evidence import EvidenceError, EvidenceLog, Head
from cem_core.evidence.export import to_csv, to_json, to_page
from optimizer.cli.status import BAD_INPUT, DONE, WRONG_USAGE


def export(args: Namespace) -> int:
    """Print the entries of a span."""
    try:
        start, end = _time(args.from_time), _time(args.to_time)
    except ValueError as error:
        return _complain(str(error), WRONG_USAGE)
    log = _log(args.folder)
    if log is None:
        return BAD_INPUT
    try:
        records, heads = list(log.records(start, end)), log.heads()
    except EvidenceError as error:
        return _complain(f"{args.folder}: {error}")
    match args.format:
        case "json":
            sys.stdout.write(to_json(records, heads) + "\n")
        case "html":
            sys.stdout.write(to_page(records, heads))
        case _:
            sys.stdout.write(to_csv(records))
    return DONE


def verify(args: Namespace) -> int:
    """Print what does not fit, or that everything does."""
    heads = []
    for name in args.head:
        try:
            heads.append(Head.from_json(Path(name).read_text(encoding="utf-8")))
        except (UnicodeDecodeError, ValueError) as error:
            return _complain(f"{name}: {error}")
    log = _log(args.folder)
    if log is None:
        return BAD_INPUT
    try:
        faults = log.verify(heads)
        count = sum(1 for _ in log.records()) if not faults else 0
    except EvidenceError as error:
        return _complain(f"{args.folder}: {error}")
    for fault in faults:
        sys.stdout.write(f"entry {fault.sequence}: {fault.text}\n")
    if faults:
        return BAD_INPUT
    signed = len(log.heads()) + len(heads)
    sys.stdout.write(f"{count} entries, {signed} signed heads: nothing was changed\n")
    return DONE


def _log(folder: str) -> EvidenceLog | None:
    path = Path(folder)
    if not path.is_dir() or not any(path.glob("evidence-*.sqlite")):
        _complain(f"{folder}: no evidence there (evidence-2026.sqlite and so on)")
        return None
    try:
        return EvidenceLog(path)
    except EvidenceError as error:
        _complain(str(error))
        return None


def _time(text: str | None) -> datetime | None:
    if text is None:
        return None
    time = datetime.fromisoformat(text)
    if time.tzinfo is None:
        message = f"{text}: a time needs its offset, as in 2026-03-01T00:00+01:00"
        raise ValueError(message)
    return time


def _complain(message: str, status: int = BAD_INPUT) -> int:
    print(message, file=sys.stderr)
    return status
