"""Damage readouts of IEC 62056-21, also with a block check that is right."""

from functools import reduce
from operator import xor
import random
from typing import Final

import pytest

from cem_core.meter.d0 import Decoder
from cem_core.meter.d0_frame import MAX_READOUT
from tests.fuzz.streams import TIMEOUT_S, check, damaged, run
from tests.telegrams.d0 import EASYMETER, MODE_C

ALPHABET: Final = b"0123456789.:-*&()/!\r\nCFkWh \x00\x02\x03\xff"


def made_right(data: bytes) -> bytes:
    """Return ``data`` as one readout of mode C whose block check is right."""
    lines = data.rpartition(b"\x02")[2].partition(b"\n!")[0] + b"\n!\r\n"
    return b"/TST5made\r\n\x02" + lines + b"\x03" + bytes([reduce(xor, lines, 3)])


@pytest.mark.fuzz
@pytest.mark.timeout(TIMEOUT_S)
def test_no_damage_raises_or_depends_on_the_cut(pytestconfig: pytest.Config) -> None:
    def once(rand: random.Random) -> int:
        data = damaged(rand, (EASYMETER, MODE_C), ALPHABET)
        return check(rand, Decoder, data) + check(rand, Decoder, made_right(data))

    run(pytestconfig, once)


def test_endless_garbage_takes_bounded_memory() -> None:
    decoder = Decoder()
    rand = random.Random(1)  # noqa: S311
    for _ in range(100):
        decoder.feed(bytes(rand.choices(b"/ABC5\r\n!\x02\x03(", k=5000)))
        assert len(decoder._splitter._buffer) <= MAX_READOUT
