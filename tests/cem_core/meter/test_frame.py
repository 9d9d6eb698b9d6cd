"""Streams in any cut, with noise, cut short, or without end."""

import itertools
import random

from hypothesis import given, settings, strategies as st
import pytest

from cem_core.meter import Decoder, TelegramError
from cem_core.meter.frame import MAX_TELEGRAM, Frame, Splitter
from cem_core.model import Reading
from tests.telegrams.compose import ALL, DSMR3, DSMR4, DSMR5, EMUCS

STREAM = b"noise\x00/x" + DSMR4 + DSMR5[:400] + EMUCS + b"\xff" * 30 + DSMR3 + DSMR5


def decode(*pieces: bytes) -> list[Reading | TelegramError]:
    decoder = Decoder()
    fed = itertools.chain.from_iterable(decoder.feed(piece) for piece in pieces)
    return [*fed, *decoder.finish()]


def told(results: list[Reading | TelegramError]) -> list[Reading | str]:
    return [str(r) if isinstance(r, TelegramError) else r for r in results]


def versions(results: list[Reading | TelegramError]) -> list[str | None]:
    return [r.version for r in results if isinstance(r, Reading)]


@given(st.lists(st.integers(0, len(STREAM)), max_size=40))
def test_a_stream_reads_the_same_wherever_it_is_cut(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(STREAM)]
    pieces = [STREAM[a:b] for a, b in itertools.pairwise(edges)]
    assert told(decode(*pieces)) == told(decode(STREAM))


def test_a_stream_reads_the_same_byte_by_byte() -> None:
    pieces = [STREAM[i : i + 1] for i in range(len(STREAM))]
    assert told(decode(*pieces)) == told(decode(STREAM))
    assert versions(decode(STREAM)) == ["42", "50217", None, "50"]


def test_a_telegram_is_given_out_with_its_last_checksum_digit() -> None:
    decoder = Decoder()
    assert decoder.feed(DSMR5[:-3]) == []
    [reading] = decoder.feed(DSMR5[-3:-2])
    assert isinstance(reading, Reading)


def test_the_place_counts_from_the_stream_s_first_byte() -> None:
    frames = list(Splitter().feed(b"abc" + DSMR4 + DSMR5))
    assert [f.place for f in frames if isinstance(f, Frame)] == [3, 3 + len(DSMR4)]


def test_a_telegram_cut_short_does_not_take_the_next_one_with_it() -> None:
    [error, reading] = decode(DSMR5[:333] + DSMR4)
    assert str(error) == "byte 0: unfinished telegram: the next starts at byte 333"
    assert isinstance(reading, Reading)
    assert reading.version == "42"


@pytest.mark.parametrize("name", ALL)
def test_a_telegram_without_its_tail_is_reported_and_not_read(name: str) -> None:
    whole = ALL[name]
    for end in range(1, len(whole) - 3):
        if name == "dsmr3" and whole[:end].endswith(b"\n!"):
            continue  # without a checksum this is all of it
        [error] = decode(whole[:end])
        assert isinstance(error, TelegramError), end


def test_a_telegram_without_its_head_is_reported_and_not_read() -> None:
    [error, reading] = decode(DSMR5[100:] + DSMR4)
    place = DSMR5[100:].index(b"!")
    assert str(error) == f"byte {place}: end of a telegram whose start is missing"
    assert isinstance(reading, Reading)


def test_a_telegram_that_never_ends_is_reported() -> None:
    endless = b"/ABC5\\x\r\n" + b"1-0:1.7.0(00.100*kW)\r\n" * 1000
    [error, reading] = decode(endless + DSMR5)
    assert str(error) == f"byte 0: no end of the telegram within {MAX_TELEGRAM} bytes"
    assert isinstance(reading, Reading)


@pytest.mark.parametrize("tail", [b"", b"/", b"/ABC5\\x\r\n", b"x" * 71, b"\n!", b"\n"])
def test_a_good_telegram_is_read_right_after_the_longest_garbage(tail: bytes) -> None:
    endless = b"/ABC5\\x\r\n".ljust(MAX_TELEGRAM - len(tail) - 10, b"7") + tail
    assert versions(decode(endless + DSMR5)) == ["50"]


def held(splitter: Splitter) -> int:
    return len(splitter._buffer)


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x00" * 1000,
        b"/" * 1000,
        b"/ABC5\\x\r\n" * 100,
        b"x/ABC5\\x\r\nyy" * 100,
        b"\n!\n" * 300,
        b"/ABC5\\x\r\n" + b"1" * 5000,
        random.Random(4).randbytes(5000),  # noqa: S311  no secret
    ],
    ids=["zeros", "slashes", "starts", "starts in lines", "ends", "endless", "random"],
)
def test_endless_garbage_keeps_memory_bounded(garbage: bytes) -> None:
    splitter = Splitter()
    for _ in range(200):
        for _ in splitter.feed(garbage):
            pass
        assert held(splitter) <= MAX_TELEGRAM + len(garbage)
    assert any(isinstance(f, Frame) for f in splitter.feed(b"\r\n" + DSMR5))


def test_one_huge_piece_is_taken_in_bounded_steps() -> None:
    splitter = Splitter()
    most = 0
    for _ in splitter.feed((b"/ABC5\\x\r\n" + b"1" * 20_000) * 50 + DSMR5):
        most = max(most, held(splitter))
    assert 0 < most <= 2 * MAX_TELEGRAM


@given(st.binary(max_size=2000), st.binary(max_size=50))
@settings(max_examples=300)
def test_random_bytes_never_raise_and_never_become_values(
    data: bytes, noise: bytes
) -> None:
    assert not versions(decode(data))
    assert versions(decode(data + b"\r\n" + DSMR5 + noise)) == ["50"]


def test_lines_may_end_in_a_bare_newline() -> None:
    [reading] = decode(DSMR5.replace(b"\r\n", b"\n"))
    assert reading == decode(DSMR5)[0]


@pytest.mark.parametrize("newline", [b"\n", b"\r"])
def test_a_damaged_checksum_is_not_taken_for_a_missing_one(newline: bytes) -> None:
    mark = DSMR5.index(b"\n!") + 2
    damaged = DSMR5[:mark] + newline + DSMR5[mark + 1 :]
    [error] = decode(damaged)
    assert str(error) == "byte 0: the telegram's end holds no checksum"
