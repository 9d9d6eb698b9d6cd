"""Encrypted P1: what is read, what is refused, in any cut and in noise."""

from itertools import pairwise

from hypothesis import given, settings, strategies as st
import pytest

from cem_core.meter import TelegramError, parse
from cem_core.meter.encrypted_p1 import MAX_TELEGRAM, Decoder
from cem_core.model import Reading
from tests.telegrams.compose import DSMR5, EMUCS
from tests.telegrams.dlms import AUTH_KEY, KEY, sealed

SMARTY = bytes.fromhex("00112233445566778899AABBCCDDEEFF")


def decode(
    data: bytes, key: bytes | None = KEY, auth_key: bytes | None = AUTH_KEY
) -> list[Reading | TelegramError]:
    decoder = Decoder(key, auth_key)
    return [*decoder.feed(data), *decoder.finish()]


def test_a_telegram() -> None:
    assert decode(sealed(DSMR5)) == [parse(DSMR5)]
    assert decode(sealed(DSMR5, auth_key=SMARTY), auth_key=None) == [parse(DSMR5)]
    assert decode(sealed(DSMR5, auth_key=None), auth_key=None) == [parse(DSMR5)]
    assert decode(sealed(DSMR5, security=0x20)) == [parse(DSMR5)]


def test_the_tag_proves_a_telegram_whose_checksum_is_left_out_or_wrong() -> None:
    body = DSMR5[: DSMR5.rindex(b"!") + 1]
    for end in (b"", b"\r\n", b"0000\r\n"):
        assert decode(sealed(body + end)) == [parse(DSMR5)]
    [error] = decode(sealed(body + b"0000\r\n", security=0x20))
    assert "checksum 0000, computed" in str(error)


@pytest.mark.parametrize(
    ("data", "key", "cause"),
    [
        (sealed(DSMR5), None, "byte 0: encrypted: a key is needed"),
        (sealed(DSMR5), bytes(16), "byte 0: the tag does not verify"),
        (sealed(DSMR5)[:-1], KEY, "byte 0: unfinished telegram: the input ends"),
        (DSMR5, KEY, "byte 0: no encrypted P1 telegram within"),
        (sealed(b"/ABC5\r\n\r\n1-0:1.7.0(x)\r\n!"), KEY, "byte 0: 1-0:1.7.0: "),
        (sealed(DSMR5, security=0x20), bytes(16), "makes no sense: is the key right"),
    ],
)
def test_what_is_refused(data: bytes, key: bytes | None, cause: str) -> None:
    [error] = decode(data, key)
    assert isinstance(error, TelegramError)
    assert cause in str(error)


def test_a_replayed_telegram_is_refused() -> None:
    first, second, third = decode(
        sealed(DSMR5, counter=2) + sealed(EMUCS, counter=3) + sealed(EMUCS, counter=3)
    )
    assert (first, second) == (parse(DSMR5), parse(EMUCS))
    assert "frame counter 3 is not above 3" in str(third)


@given(data=st.data(), noise=st.binary(max_size=40))
@settings(max_examples=100)
def test_any_cut_and_noise(data: st.DataObject, noise: bytes) -> None:
    stream = noise + sealed(DSMR5) + noise + sealed(EMUCS, counter=2)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    decoder = Decoder(KEY, AUTH_KEY)
    results = [
        result
        for start, end in pairwise([0, *cuts, len(stream)])
        for result in decoder.feed(stream[start:end])
    ]
    results += decoder.finish()
    assert results == [parse(DSMR5), parse(EMUCS)]


@given(data=st.data())
@settings(max_examples=300)
def test_one_damaged_byte_is_never_read_and_the_next_telegram_is(
    data: st.DataObject,
) -> None:
    damaged = bytearray(sealed(DSMR5))
    at = data.draw(st.integers(0, len(damaged) - 1))
    damaged[at] ^= data.draw(st.integers(1, 255))
    *errors, last = decode(bytes(damaged) + sealed(EMUCS, counter=0xFFFFFFFF))
    assert all(isinstance(error, TelegramError) for error in errors)
    assert last == parse(EMUCS)


def test_lost_bytes_do_not_take_the_next_telegram_along() -> None:
    error, reading = decode(sealed(DSMR5)[:300] + sealed(EMUCS, counter=2))
    assert isinstance(error, TelegramError)
    assert reading == parse(EMUCS)


def test_an_endless_stream_needs_little_memory() -> None:
    decoder = Decoder(KEY, AUTH_KEY)
    for _ in range(50):
        decoder.feed(b"\xdb\x08ABCDEFGH\x82\x3f\xff\x30" * 1000)
        assert len(decoder._buffer) <= 2 * MAX_TELEGRAM
