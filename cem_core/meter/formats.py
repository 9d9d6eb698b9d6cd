"""The formats by name, and what reads each."""

from collections.abc import Callable, Mapping
from typing import Final, Protocol

from cem_core.meter import p1, sml
from cem_core.meter.error import TelegramError
from cem_core.model import Reading

type Result = Reading | TelegramError
type Key = bytes | None


class StreamDecoder(Protocol):
    """Reads one format out of a stream that arrives in any cut."""

    def feed(self, data: bytes) -> list[Result]:
        """Return what ``data`` completes, in order."""

    def finish(self) -> list[Result]:
        """Return what is left at the end of the stream, and start anew."""


type Factory = Callable[[Key, Key], StreamDecoder]

FORMATS: Final[Mapping[str, tuple[Factory, ...]]] = {
    "dsmr": (lambda _key, _auth_key: p1.Decoder(),),
    "sml": (lambda _key, _auth_key: sml.Decoder(),),
}
"""Name -> what may read it, given the encryption and the authentication key.

A format has several decoders where it comes in several framings. A stream that
two of all these can read belongs to the first.
"""
