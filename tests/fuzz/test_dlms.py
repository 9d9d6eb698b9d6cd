"""Damage DLMS and encrypted P1 streams in every way we can think of, for a set time.

Twenty seconds in a normal run, ten minutes with --soak. The seed of a failure is
in its message.
"""

from collections.abc import Callable, Iterator
import json
import random
import time
from typing import Final

import pytest

from cem_core.meter import TelegramError, dlms, encrypted_p1
from cem_core.model import Reading
from cem_core.model.reading_json import reading_to_json
from tests.telegrams.compose import DSMR5
from tests.telegrams.dlms import (
    AIDON,
    AUTH_KEY,
    KEY,
    LLC,
    block,
    hdlc,
    mbus,
    sealed,
    segments,
)

type Decoder = dlms.Decoder | encrypted_p1.Decoder

SOAK_S: Final = 600
QUICK_S: Final = 20
FRAMES: Final = (
    hdlc(LLC + AIDON),
    b"".join(segments(AIDON, 40)),
    mbus(AIDON),
    mbus(AIDON[:30], 0, last=False) + mbus(AIDON[30:], 1),
    hdlc(LLC + block(AIDON, 1, last=True)),
    hdlc(LLC + sealed(AIDON)),
    mbus(sealed(AIDON, security=0x20)),
    LLC + AIDON,
    sealed(DSMR5),
)
INTERESTING: Final = b"\x00\x01\x02\x06\x09\x0c\x0f\x10\x16\x68\x7e\x7f\x80\x82\xa0\xa8\xdb\xe0\xe6\xe7\xff"


def damaged(rand: random.Random, data: bytes, most: int) -> bytes:
    """Return ``data`` with up to ``most`` things done to it."""
    out = bytearray(data)
    for _ in range(rand.randint(0, most)):
        at = rand.randrange(len(out) + 1)
        end = min(len(out), at + rand.choice((1, 1, 2, 10, 50)))
        match rand.randrange(4):
            case 0:
                del out[at:end]
            case 1:
                out[at:at] = out[end : end + rand.randint(1, 60)]
            case 2:
                out[at:at] = bytes(rand.choices(INTERESTING, k=rand.randint(1, 5)))
            case _ if at < len(out):
                out[at] = rand.choice(INTERESTING)
    return bytes(out)


def stream(rand: random.Random) -> bytes:
    """Return frames with damage, some of it from before they were framed."""
    inside = damaged(rand, AIDON, 3)[:200]
    frames = (*FRAMES, hdlc(LLC + inside), mbus(inside), hdlc(LLC + sealed(inside)))
    return damaged(rand, b"".join(rand.choices(frames, k=rand.randint(1, 4))), 4)


def pieces(rand: random.Random, data: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(data):
        size = rand.choice((1, 7, 64, 1000))
        yield data[at : at + size]
        at += size


def check(rand: random.Random, data: bytes, new: Callable[[], Decoder]) -> int:
    whole, cut = new(), new()
    results = [*whole.feed(data), *whole.finish()]
    again = [r for piece in pieces(rand, data) for r in cut.feed(piece)]
    again += cut.finish()
    assert [str(r) for r in again] == [str(r) for r in results]
    for result in results:
        if isinstance(result, TelegramError):
            assert 0 <= result.place <= len(data)
            assert "\n" not in str(result)
        else:
            assert json.dumps(reading_to_json(result), allow_nan=False)
    return sum(isinstance(result, Reading) for result in results)


@pytest.mark.fuzz
@pytest.mark.timeout(SOAK_S * 2)
def test_no_damage_raises_or_depends_on_the_cut(pytestconfig: pytest.Config) -> None:
    seconds = SOAK_S if pytestconfig.getoption("--soak") else QUICK_S
    until = time.monotonic() + seconds
    first = random.SystemRandom().randrange(2**32)
    read, seed = 0, first
    try:
        while time.monotonic() < until:
            seed += 1
            rand = random.Random(seed)  # noqa: S311  a failure must be repeatable
            data = stream(rand)
            read += check(rand, data, lambda: dlms.Decoder(KEY, AUTH_KEY))
            read += check(rand, data, lambda: encrypted_p1.Decoder(KEY, AUTH_KEY))
    finally:
        print(f"the last seed is {seed}")  # noqa: T201  shown with a failure
    assert read > 0
    assert seed - first > 10
