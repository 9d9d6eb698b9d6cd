"""Damage telegrams in every way we can think of, for a set time.

Twenty seconds in a normal run, ten minutes with --soak. The seed of a failure is
in its message.
"""

from collections.abc import Iterator
import json
import random
import time
from typing import Final

import pytest

from cem_core.meter import Decoder, TelegramError
from cem_core.meter.frame import MAX_TELEGRAM
from cem_core.model import Reading
from cem_core.model.reading_json import reading_to_json
from tests.telegrams.compose import ALL, checksum

ALPHABET: Final = b"0123456789.:-*()/!\r\nSWkhVA \x00\xff"
SOAK_S: Final = 600
QUICK_S: Final = 20


def damaged(rand: random.Random) -> bytearray:
    """Return one or several telegrams with a few things done to them."""
    data = bytearray(b"".join(rand.choices(list(ALL.values()), k=rand.randint(1, 3))))
    for _ in range(rand.randint(1, 6)):
        at = rand.randrange(len(data) + 1)
        end = min(len(data), at + rand.choice((1, 1, 2, 10, 200)))
        match rand.randrange(5):
            case 0:
                del data[at:end]
            case 1:
                data[at:at] = data[end : end + rand.randint(1, 100)]
            case 2:
                data[at:at] = bytes(rand.choices(ALPHABET, k=rand.randint(1, 5)))
            case 3 if at < len(data):
                data[at] = rand.choice(ALPHABET)
            case _ if at < len(data):
                data[at] ^= 1 << rand.randrange(8)
    return data


def made_right(data: bytearray) -> bytes:
    """Return ``data`` as one telegram whose checksum is right nevertheless."""
    body = bytes(data).partition(b"\n!")[0] + b"\n!"
    return body + f"{checksum(body):04X}\r\n".encode("ascii")


def pieces(rand: random.Random, data: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(data):
        size = rand.choice((1, 7, 64, 1000, 5000))
        yield data[at : at + size]
        at += size


def check(rand: random.Random, data: bytes) -> list[Reading]:
    whole = Decoder()
    results = [*whole.feed(data), *whole.finish()]
    cut = Decoder()
    again = [r for piece in pieces(rand, data) for r in cut.feed(piece)]
    again += cut.finish()
    assert [str(r) for r in again] == [str(r) for r in results]
    assert len(whole._splitter._buffer) <= MAX_TELEGRAM
    for result in results:
        if isinstance(result, TelegramError):
            assert 0 <= result.place <= len(data)
        else:
            assert json.dumps(reading_to_json(result), allow_nan=False)
    return [result for result in results if isinstance(result, Reading)]


@pytest.mark.fuzz
@pytest.mark.timeout(SOAK_S * 2)
def test_no_damage_raises_or_depends_on_the_cut(
    pytestconfig: pytest.Config,
) -> None:
    seconds = SOAK_S if pytestconfig.getoption("--soak") else QUICK_S
    until = time.monotonic() + seconds
    first = random.SystemRandom().randrange(2**32)
    read, seed = 0, first
    try:
        while time.monotonic() < until:
            seed += 1
            rand = random.Random(seed)  # noqa: S311  a failure must be repeatable
            data = damaged(rand)
            read += len(check(rand, bytes(data)))
            read += len(check(rand, made_right(data)))
    finally:
        print(f"the last seed is {seed}")  # noqa: T201  shown with a failure
    assert read > 0
    assert seed - first > 10
