"""Damage streams of every format without saying which it is."""

import random
from typing import Final

import pytest

from cem_core.meter.recognise import Decoder
from tests.cem_core.meter.test_recognise import FRAMES
from tests.fuzz.streams import TIMEOUT_S, check, damaged, run

ALPHABET: Final = b"0123456789.:-*()/!\r\n\x02\x03\x0f\x1b\x68\x7e\xa0\xdb\x00\xff"
STREAMS: Final = [frame for _, frame in FRAMES.values()]


@pytest.mark.fuzz
@pytest.mark.timeout(TIMEOUT_S)
def test_no_damage_raises_or_depends_on_the_cut(pytestconfig: pytest.Config) -> None:
    def once(rand: random.Random) -> int:
        stream = rand.choice(STREAMS)
        return check(rand, Decoder, damaged(rand, [stream], ALPHABET))

    run(pytestconfig, once)
