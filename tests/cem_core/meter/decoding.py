"""What the tests of the decoders ask of one."""

from collections.abc import Callable
from dataclasses import dataclass
import itertools
from typing import Protocol

from cem_core.meter import TelegramError
from cem_core.model import Reading

type Result = Reading | TelegramError


class Decoder(Protocol):
    """Bytes in any cut to readings."""

    def feed(self, data: bytes) -> list[Result]: ...
    def finish(self) -> list[Result]: ...


@dataclass(frozen=True)
class Decoding:
    """Decodes whole streams, each with a decoder of its own."""

    new: Callable[[], Decoder]

    def decode(self, *pieces: bytes) -> list[Result]:
        decoder = self.new()
        fed = itertools.chain.from_iterable(decoder.feed(piece) for piece in pieces)
        return [*fed, *decoder.finish()]

    def only(self, data: bytes) -> Reading:
        [reading] = self.decode(data)
        assert isinstance(reading, Reading)
        return reading

    def refused(self, data: bytes) -> str:
        [error] = self.decode(data)
        assert isinstance(error, TelegramError)
        return str(error)


def told(results: list[Result]) -> list[Reading | str]:
    return [str(r) if isinstance(r, TelegramError) else r for r in results]
