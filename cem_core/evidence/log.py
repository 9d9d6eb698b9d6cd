"""The evidence on disk: SQLite files of a year each, which nothing can change.

Every entry is on the disk before `append` returns. Old evidence goes a whole file at
a time, two years after its last entry; the next file begins with the hash of the
last, so the chain can be checked from wherever it begins.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
import json
from pathlib import Path
import sqlite3
from typing import Any, Final

from cem_core.evidence.head import Head, Signer, verify_head
from cem_core.evidence.record import FIRST, ClockState, Kind, Record, hash_of

KEPT: Final = timedelta(days=2 * 366)
_PATTERN: Final = "evidence-*.sqlite"
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS record (
  sequence INTEGER PRIMARY KEY, time TEXT NOT NULL, text TEXT NOT NULL, hash TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS record_time ON record (time);
CREATE TABLE IF NOT EXISTS head (sequence INTEGER NOT NULL, text TEXT NOT NULL) STRICT;
CREATE TRIGGER IF NOT EXISTS record_stays BEFORE UPDATE ON record
  BEGIN SELECT RAISE(ABORT, 'evidence is never changed'); END;
CREATE TRIGGER IF NOT EXISTS record_remains BEFORE DELETE ON record
  BEGIN SELECT RAISE(ABORT, 'evidence is never deleted'); END;
"""


class EvidenceError(Exception):
    """The evidence cannot be read or written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What does not fit, and from which entry on."""

    sequence: int
    text: str


class EvidenceLog:
    """The log in ``folder``. Its methods wait for the disk: call them in a thread."""

    def __init__(self, folder: Path) -> None:
        """Open or begin the log. Raises `EvidenceError`."""
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._sequence, self._hash = -1, FIRST
        files = self._files()
        if files:
            with closing(_open(files[-1])) as file:
                row = _one(
                    file, "SELECT sequence, hash FROM record ORDER BY sequence DESC"
                )
            if row is not None:
                self._sequence, self._hash = row

    def append(
        self, kind: Kind, data: Mapping[str, Any], now: datetime, clock: ClockState
    ) -> Record:
        """Add an entry and return it. Raises `EvidenceError`."""
        record = Record(
            sequence=self._sequence + 1,
            time=now,
            kind=kind,
            data=data,
            clock=clock,
            previous=self._hash,
        )
        text = record.text()
        row = record.sequence, now.isoformat(), text, hash_of(text)
        with closing(_open(self._file_of(now))) as file:
            _write(file, "INSERT INTO record VALUES (?, ?, ?, ?)", row)
        self._sequence, self._hash = record.sequence, row[-1]
        return record

    def sign(self, signer: Signer, now: datetime) -> Head | None:
        """Sign the end of the chain and keep the head; None while there is none."""
        if self._sequence < 0:
            return None
        head = signer.sign(self._sequence, self._hash, now)
        row = head.sequence, json.dumps(head.to_json())
        with closing(_open(self._files()[-1])) as file:
            _write(file, "INSERT INTO head VALUES (?, ?)", row)
        return head

    def records(
        self, start: datetime | None = None, end: datetime | None = None
    ) -> Iterator[Record]:
        """Yield the entries in [start, end). Raises `EvidenceError`."""
        for _, text, _ in self._rows():
            try:
                record = Record.parse(text)
            except ValueError as error:
                raise EvidenceError(str(error)) from error
            after = start is None or record.time >= start
            if after and (end is None or record.time < end):
                yield record

    def heads(self) -> Sequence[Head]:
        """Return the heads that were signed. Raises `EvidenceError`."""
        found = []
        for path in self._files():
            with closing(_open(path)) as file:
                for (text,) in _all(file, "SELECT text FROM head ORDER BY rowid"):
                    try:
                        found.append(Head.from_json(text))
                    except ValueError as error:
                        raise EvidenceError(f"{path.name}: {error}") from error
        return found

    def verify(self, published: Sequence[Head] = ()) -> Sequence[Fault]:
        """Return what does not fit: the chain in itself, and with signed heads.

        ``published`` are heads that were kept elsewhere: only they show a log that
        was written anew as a whole.
        """
        hashes: dict[int, str] = {}
        faults = list(self._broken(hashes))
        for head in (*self.heads(), *published):
            if not verify_head(head):
                text = "the signature of the head is wrong"
                faults.append(Fault(sequence=head.sequence, text=text))
            elif hashes and head.sequence < min(hashes):
                continue  # of evidence that is no longer kept
            elif hashes.get(head.sequence) != head.hash:
                text = f"the head signed at {head.time} is of another entry"
                faults.append(Fault(sequence=head.sequence, text=text))
        return faults

    def prune(self, now: datetime) -> Sequence[Path]:
        """Remove the files whose last entry is older than is kept; return them."""
        removed = []
        for path in self._files()[:-1]:
            with closing(_open(path)) as file:
                row = _one(file, "SELECT max(time) FROM record")
            if row and row[0] and datetime.fromisoformat(row[0]) < now - KEPT:
                path.unlink()
                removed.append(path)
        return removed

    def _broken(self, hashes: dict[int, str]) -> Iterator[Fault]:
        previous: str | None = None
        for sequence, text, kept in self._rows():
            found = hash_of(text)
            hashes[sequence] = found
            if found != kept:
                yield Fault(sequence=sequence, text="the entry was changed")
            try:
                record = Record.parse(text)
            except ValueError as error:
                yield Fault(sequence=sequence, text=str(error))
                continue
            if record.sequence != sequence:
                yield Fault(sequence=sequence, text="the entry is of another place")
            if previous is not None and record.previous != previous:
                why = "the entry does not follow the one before it"
                yield Fault(sequence=sequence, text=why)
            previous = found

    def _rows(self) -> Iterator[tuple[int, str, str]]:
        for path in self._files():
            with closing(_open(path)) as file:
                yield from _all(
                    file, "SELECT sequence, text, hash FROM record ORDER BY sequence"
                )

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob(_PATTERN))

    def _file_of(self, now: datetime) -> Path:
        """Return the year's file; a clock that went back does not go back a file."""
        named = self._folder / f"evidence-{now:%Y}.sqlite"
        files = self._files()
        return max(named, files[-1]) if files else named


def _open(path: Path) -> sqlite3.Connection:
    file = sqlite3.connect(path, isolation_level=None)
    try:
        file.execute("PRAGMA synchronous = FULL")
        if _one(file, "SELECT name FROM sqlite_master WHERE name = 'record'") is None:
            file.executescript(f"BEGIN IMMEDIATE;{_SCHEMA}COMMIT;")
    except (EvidenceError, sqlite3.Error) as error:
        file.close()
        raise EvidenceError(f"{path}: {error}") from error
    return file


def _write(file: sqlite3.Connection, statement: str, row: tuple[Any, ...]) -> None:
    try:
        file.execute(statement, row)
    except sqlite3.Error as error:
        raise EvidenceError(f"evidence cannot be written: {error}") from error


def _one(file: sqlite3.Connection, statement: str) -> Any:  # noqa: ANN401 - SQLite
    return next(iter(_all(file, statement)), None)


def _all(file: sqlite3.Connection, statement: str) -> Iterator[Any]:
    try:
        yield from file.execute(statement)
    except sqlite3.Error as error:
        raise EvidenceError(f"evidence cannot be read: {error}") from error
