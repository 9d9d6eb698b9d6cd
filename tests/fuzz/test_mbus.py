"""Damage wired M-Bus frames in every way we can think of, for a set time.

Twenty seconds in a normal run, ten minutes with --soak. The seed of a failure is
printed with it.
"""

import json
from pathlib import Path
import random
from typing import Final

import pytest

from cem_core.meter import TelegramError, mbus_answer, mbus_submeter
from cem_core.meter.mbus_link import LinkFrame, Splitter, long_frame
from tests.fuzz.streams import TIMEOUT_S, damaged, run

FILE: Final = Path(__file__).parents[1] / "telegrams" / "mbus.json"
FRAMES: Final = [
    bytes.fromhex(each["frame"]) for each in json.loads(FILE.read_text()).values()
]
INTERESTING: Final = bytes.fromhex("000104060d0f101f2f5b6872767a7c7f80e5f0fbfdff16")


def frames(rand: random.Random, data: bytes) -> list[LinkFrame | TelegramError]:
    splitter, found, at = Splitter(), [], 0
    while at < len(data):
        size = rand.choice((1, 7, 64, 1000))
        found += splitter.feed(data[at : at + size])
        at += size
    return [*found, *splitter.finish()]


def once(rand: random.Random) -> int:
    """Return how many answers could be read: damaged on the line, or before."""
    inside = damaged(rand, [rand.choice(FRAMES)[7:-2]], INTERESTING)[:250]
    told = long_frame(0x08, 1, rand.choice((0x72, 0x7A, 0x78)), inside)
    data = damaged(rand, [*FRAMES, told], INTERESTING) + told
    found = frames(rand, data)
    again = frames(rand, data)
    assert [repr(each) for each in again] == [repr(each) for each in found]
    read = 0
    for each in found:
        if isinstance(each, TelegramError):
            assert 0 <= each.place <= len(data)
            continue
        try:
            answer = mbus_answer.read(each, bytes(16))
        except ValueError as error:
            assert "\n" not in str(error)  # noqa: PT017  a sentence, in one line
            continue
        values = [raw.value for raw in mbus_submeter.reading(answer).raw]
        assert json.dumps(values, allow_nan=False)
        read += 1
    return read


@pytest.mark.fuzz
@pytest.mark.timeout(TIMEOUT_S)
def test_no_damage_raises_or_depends_on_the_cut(pytestconfig: pytest.Config) -> None:
    run(pytestconfig, once)
