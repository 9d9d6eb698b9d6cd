"""Damage TIC frames, also behind checksums that are right."""

import random
from typing import Final

import pytest

from cem_core.meter.tic import MAX_FRAME, Decoder
from tests.fuzz.streams import TIMEOUT_S, check, damaged, run
from tests.telegrams.tic import HISTORIQUE, STANDARD, frame, group, historique

ALPHABET: Final = b"0123456789ADEHP.+- \t\r\n\x02\x03\x04\xff"


def made_right(rand: random.Random, data: bytes) -> bytes:
    """Return the groups of ``data`` with checksums that are right."""
    groups = []
    for part in data.split(b"\n"):
        text = part.decode("ascii", "ignore").strip()
        label, _, value = text.partition("\t" if "\t" in text else " ")
        made = group if rand.randrange(2) else historique
        groups.append(made(label, value[:-2]))
    return frame(groups)


@pytest.mark.fuzz
@pytest.mark.timeout(TIMEOUT_S)
def test_no_damage_raises_or_depends_on_the_cut(pytestconfig: pytest.Config) -> None:
    def once(rand: random.Random) -> int:
        data = damaged(rand, (HISTORIQUE, STANDARD), ALPHABET)
        return check(rand, Decoder, data) + check(rand, Decoder, made_right(rand, data))

    run(pytestconfig, once)


def test_endless_garbage_takes_bounded_memory() -> None:
    decoder = Decoder()
    rand = random.Random(1)  # noqa: S311
    for _ in range(100):
        decoder.feed(bytes(rand.choices(b"\n\r 0AZ", k=5000)))
        decoder.feed(b"\x02")
        assert len(decoder._buffer) <= MAX_FRAME
