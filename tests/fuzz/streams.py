"""What the fuzz targets of the decoders share: damage, pieces, and what must hold."""

from collections.abc import Callable, Iterator, Sequence
import json
import random
import time
from typing import Final, Protocol

import pytest

from cem_core.meter import TelegramError
from cem_core.model import Reading
from cem_core.model.reading_json import reading_to_json

SOAK_S: Final = 600
QUICK_S: Final = 20
TIMEOUT_S: Final = SOAK_S * 2


class Decoder(Protocol):
    """Bytes in any cut to readings."""

    def feed(self, data: bytes) -> list[Reading | TelegramError]: ...
    def finish(self) -> list[Reading | TelegramError]: ...


def damaged(rand: random.Random, sound: Sequence[bytes], alphabet: bytes) -> bytes:
    """Return one or several of ``sound`` with a few things done to them."""
    data = bytearray(b"".join(rand.choices(sound, k=rand.randint(1, 3))))
    for _ in range(rand.randint(1, 6)):
        at = rand.randrange(len(data) + 1)
        end = min(len(data), at + rand.choice((1, 1, 2, 10, 200)))
        match rand.randrange(5):
            case 0:
                del data[at:end]
            case 1:
                data[at:at] = data[end : end + rand.randint(1, 100)]
            case 2:
                data[at:at] = bytes(rand.choices(alphabet, k=rand.randint(1, 5)))
            case 3 if at < len(data):
                data[at] = rand.choice(alphabet)
            case _ if at < len(data):
                data[at] ^= 1 << rand.randrange(8)
    return bytes(data)


def check(rand: random.Random, new: Callable[[], Decoder], data: bytes) -> int:
    """Return how many readings ``data`` gives, the same in every cut."""
    whole = new()
    results = [*whole.feed(data), *whole.finish()]
    cut = new()
    again = [r for piece in _pieces(rand, data) for r in cut.feed(piece)]
    again += cut.finish()
    assert [str(r) for r in again] == [str(r) for r in results]
    for result in results:
        if isinstance(result, TelegramError):
            assert 0 <= result.place <= len(data)
        else:
            assert json.dumps(reading_to_json(result), allow_nan=False)
    return sum(isinstance(result, Reading) for result in results)


def _pieces(rand: random.Random, data: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(data):
        size = rand.choice((1, 7, 64, 1000, 5000))
        yield data[at : at + size]
        at += size


def run(config: pytest.Config, once: Callable[[random.Random], int]) -> None:
    """Call ``once`` for the set time; the seed of a failure is in what it prints."""
    until = time.monotonic() + (SOAK_S if config.getoption("--soak") else QUICK_S)
    first = random.SystemRandom().randrange(2**32)
    read, seed = 0, first
    try:
        while time.monotonic() < until:
            seed += 1
            read += once(random.Random(seed))  # noqa: S311  repeatable
    finally:
        print(f"the last seed is {seed}")  # noqa: T201  shown with a failure
    assert read > 0
    assert seed - first > 10
