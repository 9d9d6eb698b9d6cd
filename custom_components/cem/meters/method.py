"""What the ways to a meter that we read ourselves have in common."""

from collections.abc import Callable, Mapping, Sized
from dataclasses import dataclass
from typing import Any

from homeassistant.core import HomeAssistant

from cem_core.meter.keys import key_from_hex
from cem_core.transport import ConnectionChange, MeterLine, OnChange
from cem_core.transport.meter_line import PieceReader, PieceSource

type Answers = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Method[Piece: Sized]:
    """A source of pieces and what reads them, as a form's answers describe them.

    The source tells the line how its connection is.
    ``first_within_s`` is how long the form waits for the first reading.
    """

    name: str
    source: Callable[[HomeAssistant, Answers, MeterLine[Piece]], PieceSource[Piece]]
    reader: Callable[[Answers], PieceReader[Piece]]
    first_within_s: float


def key_of(answers: Answers, name: str) -> bytes | None:
    """Return the key that was filled in under ``name``."""
    return key_from_hex(answers[name]) if answers.get(name) else None


def only_changes(on_change: OnChange) -> OnChange:
    """Return what tells ``on_change`` nothing twice in a row."""
    known: ConnectionChange | None = None

    def tell(change: ConnectionChange) -> None:
        nonlocal known
        if change != known:
            known = change
            on_change(change)

    return tell
