"""What bytes of a line prove, and what they look like."""

from hypothesis import given, strategies as st
import pytest

from cem_core.meter.formats import FORMATS
from cem_core.meter.line_judge import NAMES, Grade, Judge, looks_like
from tests.cem_core.meter.test_recognise import FRAMES
from tests.telegrams.compose import DSMR3, DSMR5
from tests.telegrams.dlms import AIDON, AUTH_KEY, KEY, LLC, hdlc, mbus, sealed
from tests.telegrams.sml import TWO_WAY
from tests.telegrams.tic import HISTORIQUE, STANDARD


def with_check_bits(data: bytes) -> bytes:
    """Return 7E1 characters as a port of 8N1 receives them."""
    return bytes(byte | 0x80 if byte.bit_count() % 2 else byte for byte in data)


@pytest.mark.parametrize("name", FRAMES)
def test_a_whole_telegram_settles_it(name: str) -> None:
    format_, frame = FRAMES[name]
    judge = Judge()
    judge.feed(frame)
    judge.pause()
    assert judge.verdict.grade is Grade.READ
    assert judge.verdict.words.startswith(NAMES[format_])


def test_every_format_has_a_name() -> None:
    assert NAMES.keys() == FORMATS.keys()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (HISTORIQUE, "TIC historique"),
        (STANDARD, "TIC standard"),
        (DSMR5, "P1 50"),
        (DSMR3, "P1"),
    ],
)
def test_it_says_what_it_saw(data: bytes, words: str) -> None:
    judge = Judge()
    judge.feed(data)
    judge.pause()
    assert judge.verdict.words == words


def test_what_is_encrypted_proves_the_port_and_asks_for_a_key() -> None:
    judge = Judge()
    judge.feed(hdlc(LLC + sealed(AIDON)))
    judge.pause()
    assert judge.verdict.grade is Grade.ENCRYPTED
    assert judge.verdict.words == "encrypted telegrams: a key is needed"


def test_so_does_what_the_key_does_not_open() -> None:
    judge = Judge(key=bytes(16), auth_key=AUTH_KEY)
    judge.feed(mbus(sealed(AIDON, auth_key=AUTH_KEY)))
    judge.pause()
    assert judge.verdict.grade is Grade.ENCRYPTED
    assert "which the key does not open" in judge.verdict.words


def test_with_the_key_it_reads() -> None:
    judge = Judge(key=KEY, auth_key=AUTH_KEY)
    judge.feed(mbus(sealed(AIDON, auth_key=AUTH_KEY)))
    assert judge.verdict.grade is Grade.READ


@pytest.mark.parametrize(
    ("data", "grade"),
    [
        (b"", Grade.SILENT),
        (b"\x00\xff", Grade.NOISE),
        (bytes(range(256)), Grade.NOISE),
        (DSMR5[:200], Grade.TEXT),
        (with_check_bits(DSMR3), Grade.CHECK_BITS),
        (with_check_bits(STANDARD), Grade.CHECK_BITS),
        (TWO_WAY[:40], Grade.BINARY),
        (hdlc(LLC + AIDON)[:40], Grade.BINARY),
        (mbus(AIDON)[:40], Grade.BINARY),
    ],
)
def test_short_of_that_the_looks_count(data: bytes, grade: Grade) -> None:
    assert looks_like(data).grade is grade


@given(data=st.binary(max_size=300), cut=st.integers(0, 300))
def test_any_bytes_have_a_verdict(data: bytes, cut: int) -> None:
    judge = Judge()
    judge.feed(data[:cut])
    judge.feed(data[cut:])
    judge.pause()
    assert judge.verdict.words
