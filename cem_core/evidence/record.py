"""One entry of the evidence, and its place in the chain.

The hash of an entry covers its text and the hash before it: who changes, removes or
inserts one has to write every later one anew, and the heads that were published
meanwhile no longer fit. What is kept follows BNetzA BK6-22-300, annex 1, 7.2 and 7.3.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
import hashlib
import json
from typing import Any, Final

FIRST: Final = "0" * 64  # what the first entry stands on


class Kind(StrEnum):
    """What an entry tells."""

    START = "start"  # the CEM started
    ORDER = "order"  # a limit came: who, why, what, until when, the minimum owed
    ACKNOWLEDGED = "acknowledged"  # how it was answered
    EFFECT = "effect"  # the measured power was inside for the first time
    MINUTE = "minute"  # means of a minute while a limit holds
    EXCEPTION = "exception"  # what kept it from being kept
    END = "end"  # the limit ended
    COST = "cost"  # what limits cost the household: foretold, and at their end
    FAILSAFE = "failsafe"  # the control box is away: no order of the operator
    SILENT = "silent"  # another source is silent: what the owner set for that holds
    CONSENT = "consent"  # given or revoked: who may have what of the meter's data
    ADMINISTRATION = "administration"  # pairing, unpairing, settings of limits


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockState:
    """What the time stands on: ``offset_s`` is the meter's clock minus ours."""

    source: str = "host"
    offset_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """An entry; ``time`` is aware UTC, ``data`` is JSON with units in its names."""

    sequence: int
    time: datetime
    kind: Kind
    data: Mapping[str, Any]
    clock: ClockState
    previous: str

    def text(self) -> str:
        """Return the entry as it is kept, always the same for the same entry."""
        tree = {
            "sequence": self.sequence,
            "time": self.time.isoformat(),
            "kind": self.kind.value,
            "data": dict(self.data),
            "clock": {"source": self.clock.source, "offset_s": self.clock.offset_s},
            "previous": self.previous,
        }
        return json.dumps(
            tree,
            sort_keys=True,
            separators=(",", ":"),
            ensure_ascii=False,
            allow_nan=False,
        )

    @property
    def hash(self) -> str:
        """The hash that the next entry stands on."""
        return hash_of(self.text())

    @classmethod
    def parse(cls, text: str) -> Record:
        """Return the entry that ``text`` is. Raises `ValueError`."""
        try:
            tree = json.loads(text)
            clock = tree["clock"]
            return cls(
                sequence=int(tree["sequence"]),
                time=datetime.fromisoformat(tree["time"]),
                kind=Kind(tree["kind"]),
                data=dict(tree["data"]),
                clock=ClockState(source=clock["source"], offset_s=clock["offset_s"]),
                previous=str(tree["previous"]),
            )
        except (KeyError, TypeError) as error:
            message = f"not an entry: {type(error).__name__}: {error}"
            raise ValueError(message) from error


def hash_of(text: str) -> str:
    """Return the SHA-256 of an entry's text, in hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()
