"""Damage telegrams in every way we can think of, for a set time.

Twenty seconds in a normal run, ten minutes with --soak. The seed of a failure is
in its message.
"""

import random
from typing import Final, override

import pytest

from cem_core.meter import Decoder, TelegramError
from cem_core.meter.frame import MAX_TELEGRAM
from cem_core.model import Reading
from tests.fuzz.streams import TIMEOUT_S, check, damaged, run
from tests.telegrams.compose import ALL, checksum

ALPHABET: Final = b"0123456789.:-*()/!\r\nSWkhVA \x00\xff"
SOUND: Final = list(ALL.values())


class Bounded(Decoder):
    """A decoder that is looked at after each piece: it holds a telegram at most."""

    @override
    def feed(self, data: bytes) -> list[Reading | TelegramError]:
        results = super().feed(data)
        assert len(self._splitter._buffer) <= MAX_TELEGRAM
        return results


def made_right(data: bytes) -> bytes:
    """Return ``data`` as one telegram whose checksum is right nevertheless."""
    body = data.partition(b"\n!")[0] + b"\n!"
    return body + f"{checksum(body):04X}\r\n".encode("ascii")


@pytest.mark.fuzz
@pytest.mark.timeout(TIMEOUT_S)
def test_no_damage_raises_or_depends_on_the_cut(pytestconfig: pytest.Config) -> None:
    def once(rand: random.Random) -> int:
        data = damaged(rand, SOUND, ALPHABET)
        return check(rand, Bounded, data) + check(rand, Bounded, made_right(data))

    run(pytestconfig, once)
