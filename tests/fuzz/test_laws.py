"""The laws of every reader, each some 10,000 times a format with --soak.

A cut changes nothing; a damaged byte never becomes a value where a checksum covers
it; frames are found in noise; an endless stream of anything takes under 1 MB. A
normal run takes fifty of each; the seed of a failure is in its message.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
import random
import tracemalloc
from typing import Final

import pytest

from cem_core.meter import d0, dlms, encrypted_p1, p1, recognise, sml, tic
from cem_core.model import Reading
from tests.fuzz.streams import Decoder
from tests.telegrams.compose import DSMR4, DSMR5, EMUCS
from tests.telegrams.d0 import MODE_C
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
from tests.telegrams.sml import POWER, TWO_WAY, W, entry, file, signed
from tests.telegrams.tic import HISTORIQUE, STANDARD

MOST_BYTES: Final = 1_000_000
CASES: Final = 10_000
QUICK_CASES: Final = 50
PIECE: Final = 4_096


@dataclass(frozen=True)
class Kind:
    """A frame that a checksum covers, and what reads it."""

    new: Callable[[], Decoder]
    frame: bytes
    counts: bool = False  # the same frame is not taken twice


def of_dlms() -> dlms.Decoder:
    return dlms.Decoder(KEY, AUTH_KEY)


KINDS: Final[Mapping[str, Kind]] = {
    "dsmr4": Kind(p1.Decoder, DSMR4),
    "dsmr5": Kind(p1.Decoder, DSMR5),
    "emucs": Kind(p1.Decoder, EMUCS),
    "ciphered p1": Kind(
        lambda: encrypted_p1.Decoder(KEY, AUTH_KEY), sealed(DSMR5), True
    ),
    "hdlc": Kind(of_dlms, hdlc(LLC + AIDON)),
    "segments": Kind(of_dlms, b"".join(segments(AIDON, 40))),
    "blocks": Kind(of_dlms, hdlc(LLC + block(AIDON, 1, last=True))),
    "ciphered hdlc": Kind(of_dlms, hdlc(LLC + sealed(AIDON)), True),
    "ciphered mbus": Kind(of_dlms, mbus(sealed(AIDON)), True),
    "sml": Kind(sml.Decoder, TWO_WAY),
    "kermit": Kind(sml.Decoder, file([entry(POWER, signed(168), unit=W)], kermit=True)),
    "historique": Kind(tic.Decoder, HISTORIQUE),
    "standard": Kind(tic.Decoder, STANDARD),
    "mode c": Kind(d0.Decoder, MODE_C),
}
# Texts of TIC in which the bit that its checksum cannot see says nothing wrong.
FREE_TEXT: Final = frozenset(
    ("OPTARIF", "HHPHC", "DEMAIN", "PPOT", "NGTF", "LTARF", "MSG1", "MSG2")
)
ENDLESS: Final[Mapping[str, bytes]] = {
    "anything": bytes(range(256)),
    "brackets": b"/ABC5\\x\r\n1-0:1.7.0(0",
    "starts": b"\x02\x03\n\x1b\x01\x1a\x7e\xa0\x68\xdb\x08\x0f\xe6\xe7\x00/!\r",
    "lists": b"\x01\x02\x09\x0a\x12\x76\x77\x1b\x82",
    "spaces": b" ",
}
READERS: Final[Mapping[str, Callable[[], Decoder]]] = {
    "dsmr": p1.Decoder,
    "ciphered": lambda: encrypted_p1.Decoder(KEY, AUTH_KEY),
    "dlms": of_dlms,
    "sml": sml.Decoder,
    "tic": tic.Decoder,
    "d0": d0.Decoder,
    "auto": lambda: recognise.Decoder(key=KEY, auth_key=AUTH_KEY),
}


@pytest.fixture
def cases(pytestconfig: pytest.Config) -> Iterator[random.Random]:
    """Yield the randomness of each case, and print which case it was that failed."""
    times = CASES if pytestconfig.getoption("--soak") else QUICK_CASES
    first = random.SystemRandom().randrange(2**32)
    return (told(first + n) for n in range(times))


def told(seed: int) -> random.Random:
    print(f"the last seed is {seed}")  # noqa: T201  shown with a failure
    return random.Random(seed)  # noqa: S311  a failure must be repeatable


def read(new: Callable[[], Decoder], data: bytes) -> list[str]:
    """Return what is read, without the free texts of TIC."""
    decoder = new()
    found = [*decoder.feed(data), *decoder.finish()]
    return [str(unmarked(result)) for result in found if isinstance(result, Reading)]


def unmarked(reading: Reading) -> Reading:
    """Return a reading without what no checksum proves."""
    if reading.format != "tic":
        return reading
    raw = tuple(value for value in reading.raw if value.code not in FREE_TEXT)
    return replace(reading, message=None, raw=raw)


def parametrize[T](table: Mapping[str, T], name: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(name, table.values(), ids=table)


@pytest.mark.fuzz
@pytest.mark.timeout(600)
@parametrize(KINDS, "kind")
def test_a_damaged_byte_never_becomes_a_value(
    kind: Kind, cases: Iterator[random.Random]
) -> None:
    sound = set(read(kind.new, kind.frame))
    assert sound
    for rand in cases:
        data = bytearray(kind.frame)
        data[rand.randrange(len(data))] ^= rand.randrange(1, 256)
        assert sound.issuperset(read(kind.new, bytes(data))), data.hex()


@pytest.mark.fuzz
@pytest.mark.timeout(600)
@parametrize(KINDS, "kind")
def test_any_cut_gives_the_same_readings(
    kind: Kind, cases: Iterator[random.Random]
) -> None:
    data = kind.frame * 2
    sound = read(kind.new, data)
    for rand in cases:
        decoder, found, at = kind.new(), [], 0
        while at < len(data):
            size = rand.choice((1, 2, 10, 100, 1000))
            found += decoder.feed(data[at : at + size])
            at += size
        found += decoder.finish()
        assert [str(unmarked(r)) for r in found if isinstance(r, Reading)] == sound


@pytest.mark.fuzz
@pytest.mark.timeout(600)
@parametrize(KINDS, "kind")
def test_frames_are_found_in_noise(kind: Kind, cases: Iterator[random.Random]) -> None:
    sound = read(kind.new, kind.frame)
    for rand in cases:
        before, between, after = (rand.randbytes(rand.randrange(80)) for _ in range(3))
        data = before + kind.frame + between + kind.frame + after
        assert read(kind.new, data) == sound * (1 if kind.counts else 2), data.hex()


@contextmanager
def memory_watched() -> Iterator[Callable[[], int]]:
    """Yield what tells how many bytes were held at most since the start."""
    tracemalloc.start()
    base, _ = tracemalloc.get_traced_memory()
    try:
        yield lambda: tracemalloc.get_traced_memory()[1] - base
    finally:
        tracemalloc.stop()


@pytest.mark.fuzz
@pytest.mark.timeout(600)
@parametrize(READERS, "new")
@parametrize(ENDLESS, "alphabet")
def test_an_endless_stream_takes_little_memory(
    new: Callable[[], Decoder], alphabet: bytes, pytestconfig: pytest.Config
) -> None:
    rand = random.Random(1)  # noqa: S311
    pieces = 500 if pytestconfig.getoption("--soak") else 20
    with memory_watched() as most_bytes:
        decoder = new()
        for _ in range(pieces):
            decoder.feed(bytes(rand.choices(alphabet, k=PIECE)))
        assert most_bytes() < MOST_BYTES
