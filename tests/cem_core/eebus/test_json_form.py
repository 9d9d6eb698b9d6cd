"""EEBUS' form of JSON."""

from contextlib import suppress

from hypothesis import given, strategies as st
import pytest

from cem_core.eebus.error import EebusError
from cem_core.eebus.json_form import decode, encode, encode_data, safe_text

_KEYS = st.text("abcdefgh", min_size=1, max_size=6)
_LEAVES = st.booleans() | st.integers(-(10**9), 10**9) | st.text(max_size=9)
_TREES = st.recursive(
    _LEAVES,
    lambda inner: (
        st.dictionaries(_KEYS, inner, min_size=1, max_size=4)
        | st.lists(inner, min_size=1, max_size=4)
    ),
    max_leaves=20,
)


def test_the_example_of_the_standard() -> None:
    tree = {"x": {"a": 1, "b": {"c": 2}, "l": [1, 2], "o": [{"x": 1}, {"x": 2}]}}
    wire = b'{"x":[{"a":1},{"b":[{"c":2}]},{"l":[1,2]},{"o":[[{"x":1}],[{"x":2}]]}]}'
    assert encode(tree) == wire
    assert decode(wire) == tree


def test_data_keeps_the_braces_of_the_datagram() -> None:
    wire = encode_data({"header": {"a": 1}, "payload": {"cmd": [{"f": {}}]}})
    assert wire == (
        b'{"data":[{"header":[{"protocolId":"ee1.0"}]},'
        b'{"payload":{"datagram":[{"header":[{"a":1}]},'
        b'{"payload":[{"cmd":[[{"f":[]}]]}]}]}}]}'
    )


@given(st.dictionaries(_KEYS, _TREES, min_size=1, max_size=1))
def test_what_is_encoded_is_decoded(tree: dict[str, object]) -> None:
    assert decode(encode(tree)) == tree


def test_nul_bytes_at_the_end_are_no_part_of_a_message() -> None:
    assert decode(b'{"a":[]}\0\0') == {"a": {}}


@pytest.mark.parametrize(
    "rubbish",
    [
        b"",
        b"\xff\xfe",
        b"{",
        b"7",
        b'"text"',
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b"[" * 100_000,
        b'{"a":' * 100 + b"1" + b"}" * 100,
        b'{"a":"' + b"x" * 300_000 + b'"}',
        b'{"a":' + b"9" * 5000 + b"}",
    ],
)
def test_rubbish_is_refused(rubbish: bytes) -> None:
    with pytest.raises(EebusError):
        decode(rubbish)


def test_brackets_in_a_text_are_not_depth() -> None:
    assert decode(b'{"a":"' + b'[{\\"' * 100 + b'"}') == {"a": '[{"' * 100}


def test_a_text_is_made_safe_for_peers_that_replace_brackets() -> None:
    safe = safe_text("a[{b},{c}][]d")
    assert not any(pair in safe for pair in ("[{", "},{", "}]", "[]"))


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(message: bytes) -> None:
    with suppress(EebusError):
        decode(message)
