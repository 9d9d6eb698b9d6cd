"""The formats by name, and what reads each."""

from collections.abc import Callable, Mapping
import re
from typing import Final, NamedTuple, Protocol

from cem_core.meter import d0, dlms, encrypted_p1, p1, sml, tic
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


class Framing(NamedTuple):
    """A framing: what makes its decoder of the two keys, and how a frame starts."""

    decoder: Callable[[Key, Key], StreamDecoder]
    start: re.Pattern[bytes]


FORMATS: Final[Mapping[str, tuple[Framing, ...]]] = {
    "dsmr": (
        Framing(lambda _key, _auth_key: p1.Decoder(), re.compile(rb"/")),
        Framing(encrypted_p1.Decoder, re.compile(rb"\xdb\x08")),
    ),
    "dlms": (
        Framing(
            dlms.Decoder,
            re.compile(
                rb"\x7e[\xa0-\xaf]|\x68(.)\1\x68|\xdb\x08|\xe6[\xe6\xe7]\x00|\x0f",
                re.DOTALL,
            ),
        ),
    ),
    "sml": (
        Framing(lambda _key, _auth_key: sml.Decoder(), re.compile(rb"\x1b{4}\x01")),
    ),
    "tic": (
        Framing(lambda _key, _auth_key: tic.Decoder(), re.compile(rb"\x02\n[A-Z]{2}")),
    ),
    "d0": (Framing(lambda _key, _auth_key: d0.Decoder(), re.compile(rb"/")),),
}
"""Name -> the framings in which it comes.

A stream that two of all these can read belongs to the first: so P1 comes before
D0, which reads much of the same text and often has no checksum.
"""
