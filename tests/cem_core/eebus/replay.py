"""Recorded conversations between two other stacks, played to one end of ours."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
import json
from pathlib import Path
from typing import Any

from cem_core.eebus.datagram import Datagram
from cem_core.eebus.json_form import decode
from cem_core.eebus.ship import Action, Send

TRACES = Path(__file__).parent / "traces"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One recorded message, as the bytes that were on the wire."""

    at_s: float
    sent: bool  # by the end that recorded
    message: bytes


def recorded(name: str) -> Iterator[Line]:
    """Yield the lines of a trace."""
    for text in (TRACES / f"{name}.jsonl").read_text().splitlines():
        line = json.loads(text)
        time = datetime.fromisoformat(line["t"]).replace(tzinfo=UTC)
        yield Line(
            at_s=time.timestamp(),
            sent=line["dir"] == "send",
            message=_bytes(line["msg"]),
        )


def _bytes(message: Any) -> bytes:
    if message == "ship init":
        return b"\0\0"
    kind = 2 if "data" in message else 1
    return bytes((kind,)) + json.dumps(message, separators=(",", ":")).encode()


def datagrams(actions: list[Action]) -> list[Datagram]:
    """Return the SPINE datagrams among what is sent."""
    found = []
    for action in actions:
        if isinstance(action, Send) and action.message[0] == 2:
            payload = decode(action.message[1:])["data"]["payload"]
            found.append(Datagram.parse(payload["datagram"]))
    return found


def datagram(message: bytes) -> Datagram | None:
    """Return the SPINE datagram in a recorded message."""
    if message[0] != 2:
        return None
    return Datagram.parse(decode(message[1:])["data"]["payload"]["datagram"])
