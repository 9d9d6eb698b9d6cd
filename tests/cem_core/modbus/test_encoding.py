"""Words and values, there and back."""

from fractions import Fraction
import math
import struct

from hypothesis import given, strategies as st
import pytest

from cem_core.modbus.encoding import Encoding, decode, encode, nearer_to_zero

WHOLE = {
    Encoding.INT16: (-(2**15), 2**15 - 1),
    Encoding.UINT16: (0, 2**16 - 1),
    Encoding.INT32: (-(2**31), 2**31 - 1),
    Encoding.UINT32: (0, 2**32 - 1),
    Encoding.INT64: (-(2**63), 2**63 - 1),
    Encoding.UINT64: (0, 2**64 - 1),
}


@given(data=st.data(), encoding=st.sampled_from(list(WHOLE)), swapped=st.booleans())
def test_whole_numbers_come_back(
    data: st.DataObject, encoding: Encoding, swapped: bool
) -> None:
    number = data.draw(st.integers(*WHOLE[encoding]))
    length = encoding.words or 0
    words = encode(Fraction(number), encoding, length=length, low_word_first=swapped)
    assert len(words) == length
    assert decode(words, encoding, low_word_first=swapped) == number


@given(number=st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_floats_come_back_exactly(number: float) -> None:
    words = encode(Fraction(number), Encoding.FLOAT32, length=2)
    assert decode(words, Encoding.FLOAT32) == Fraction(number)


@given(text=st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=32))
def test_texts_come_back(text: str) -> None:
    assert decode(encode(text, Encoding.TEXT, length=16), Encoding.TEXT) == text


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_no_value(number: float) -> None:
    words = struct.unpack(">2H", struct.pack(">f", number))
    assert decode(words, Encoding.FLOAT32) is None


def test_the_low_word_may_come_first() -> None:
    assert decode([0xE240, 0x0001], Encoding.INT32, low_word_first=True) == 123_456
    assert decode([0x0001, 0xE240], Encoding.INT32) == 123_456


@pytest.mark.parametrize(
    ("value", "encoding", "cause"),
    [
        (Fraction(40_000), Encoding.INT16, "40000 does not fit int16"),
        (Fraction(-1), Encoding.UINT16, "-1 does not fit uint16"),
        (Fraction(1, 2), Encoding.UINT16, "0.5 is no whole number"),
        (Fraction(10**39), Encoding.FLOAT32, "does not fit float32"),
        ("longer", Encoding.TEXT, "'longer' is longer than 4 characters"),
    ],
)
def test_what_does_not_fit_is_refused(
    value: Fraction | str, encoding: Encoding, cause: str
) -> None:
    with pytest.raises(ValueError, match=cause):
        encode(value, encoding, length=2)


@given(
    st.fractions(-1_000_000, 1_000_000),
    st.sampled_from([Encoding.FLOAT32, Encoding.FLOAT64, Encoding.INT32]),
)
def test_what_is_held_is_next_to_a_value_and_not_beyond_it(
    value: Fraction, encoding: Encoding
) -> None:
    held = nearer_to_zero(value, encoding)
    assert abs(held) <= abs(value)
    assert held * value >= 0
    grain = max(abs(value) / 2**22, Fraction(1, 10**40))
    assert abs(value - held) <= (1 if encoding.whole else grain)
    length = encoding.words
    assert length is not None
    assert decode(encode(held, encoding, length=length), encoding) == held


def test_what_no_float_holds_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fit float32"):
        nearer_to_zero(Fraction(10) ** 39, Encoding.FLOAT32)
