"""Damage SML files, also behind checksums that are right nevertheless."""

import random
from typing import Final

import pytest

from cem_core.meter.sml import Decoder
from cem_core.meter.sml_transport import MAX_FILE
from tests.fuzz.streams import TIMEOUT_S, check, damaged, run
from tests.telegrams.sml import POWER, TWO_WAY, W, crc, entry, file, signed, wrapped

SOUND: Final = (TWO_WAY, file([entry(POWER, signed(168), unit=W)], kermit=True))
ALPHABET: Final = (
    b"\x00\x01\x02\x1a\x1b\x52\x53\x55\x62\x63\x65\x71\x76\x77\x80\xf1\xff"
)
HEAD: Final = b"\x76\x03\x12\x34\x62\x00\x62\x00\x72\x63\x07\x01"


def made_right(rand: random.Random, data: bytes) -> bytes:
    """Return a piece of ``data`` as a list response with the right checksums."""
    at = rand.randrange(len(data))
    message = HEAD + data[at : at + rand.randint(1, 300)]
    return wrapped(message + b"\x63" + crc(message) + b"\x00")


@pytest.mark.fuzz
@pytest.mark.timeout(TIMEOUT_S)
def test_no_damage_raises_or_depends_on_the_cut(pytestconfig: pytest.Config) -> None:
    def once(rand: random.Random) -> int:
        data = damaged(rand, SOUND, ALPHABET)
        read = check(rand, Decoder, data)
        start = TWO_WAY.index(b"\x77\x01\x0b")
        body = bytearray(TWO_WAY[start : TWO_WAY.index(b"\x76", start + 100)])
        if rand.randrange(2):
            body[rand.randrange(len(body))] = rand.choice(ALPHABET)
        return read + check(rand, Decoder, made_right(rand, data + bytes(body)))

    run(pytestconfig, once)


def test_endless_garbage_takes_bounded_memory() -> None:
    decoder = Decoder()
    rand = random.Random(1)  # noqa: S311
    for _ in range(200):
        decoder.feed(bytes(rand.choices(b"\x1b\x1b\x1b\x01\x1a\x00", k=5000)))
        assert len(decoder._splitter._buffer) <= MAX_FILE
