"""A-XDR values: examples of every type, round trips, and what is refused."""

import struct

from hypothesis import given, strategies as st
import pytest

from cem_core.meter import axdr
from cem_core.meter.axdr import Node


@pytest.mark.parametrize(
    ("data", "value"),
    [
        ("00", None),
        ("0301", True),
        ("0300", False),
        ("040eabcd", "10101011110011"),
        ("05ffffff9d", -99),
        ("06ffffff9d", 4_294_967_197),
        ("0903aabbcc", b"\xaa\xbb\xcc"),
        ("0a024869", "Hi"),
        ("0c02c3a9", "\xe9"),
        ("0ffe", -2),
        ("10ff85", -123),
        ("11fe", 254),
        ("12ff85", 65_413),
        ("14ffffffffffffff85", -123),
        ("15000000010000000a", 4_294_967_306),
        ("161b", 27),
        ("1742f6e979", pytest.approx(123.456, rel=1e-6)),
        ("18405edd2f1a9fbe77", 123.456),
        ("1907e40119060e000aff800000", bytes.fromhex("07e40119060e000aff800000")),
        ("1a07e5030707", bytes.fromhex("07e5030707")),
        ("1b0e372100", bytes.fromhex("0e372100")),
    ],
)
def test_every_type(data: str, value: axdr.Value) -> None:
    raw = bytes.fromhex(data)
    node, end = axdr.read(raw + b"\xff", 0)
    assert (node.value, end) == (value, len(raw))


def test_a_list_in_a_list() -> None:
    node, end = axdr.read(bytes.fromhex("0202 0101 1105 0fff"), 0)
    assert end == 8
    assert node == Node(2, (Node(1, (Node(17, 5),)), Node(15, -1)))
    assert [item.number for item in node.items] == [None, -1]


def test_an_enumeration_and_a_boolean_are_no_numbers() -> None:
    assert Node(axdr.ENUM, 27).number is None
    assert Node(axdr.BOOLEAN, value=True).number is None


@pytest.mark.parametrize("form", ["81c8", "8200c8", "840000 00c8"])
def test_long_lengths(form: str) -> None:
    data = b"\x09" + bytes.fromhex(form) + bytes(200)
    assert axdr.read(data, 0)[0].value == bytes(200)


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        ("1300", "13 is no data type"),
        ("ff", "FF is no data type"),
        ("0980", "80 is no length"),
        ("0985", "85 is no length"),
        ("0c01ff", "ff is no text"),
        ("0101" * 9 + "00", "lists more than 8 deep"),
    ],
)
def test_what_is_no_axdr(data: str, cause: str) -> None:
    with pytest.raises(ValueError, match=cause):
        axdr.read(bytes.fromhex(data), 0)


def encode(value: axdr.Value) -> bytes:
    match value:
        case bool():
            data = bytes((3, value))
        case int():
            data = b"\x14" + struct.pack(">q", value)
        case float():
            data = b"\x18" + struct.pack(">d", value)
        case bytes():
            data = bytes((9, 0x81, len(value))) + value
        case str():
            data = bytes((12, 0x81, len(value.encode()))) + value.encode()
        case tuple():
            items = b"".join(encode(item.value) for item in value)
            data = bytes((2, 0x81, len(value))) + items
        case _:
            data = b"\x00"
    return data


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.binary(max_size=20)
    | st.text(max_size=20),
    lambda inner: st.lists(inner.map(lambda v: Node(0, v)), max_size=5).map(tuple),
    max_leaves=20,
)


def plain(value: axdr.Value) -> object:
    if isinstance(value, tuple):
        return [plain(item.value) for item in value]
    return value


@given(value=VALUES)
def test_round_trip(value: axdr.Value) -> None:
    data = encode(value)
    try:
        node, end = axdr.read(data, 0)
    except ValueError as error:
        assert "deep" in str(error)  # noqa: PT017  the only limit of the encoder above
        return
    assert end == len(data)
    assert plain(node.value) == plain(value)


@given(value=VALUES, data=st.data())
def test_cut_short_is_truncated(value: axdr.Value, data: st.DataObject) -> None:
    whole = encode(value)
    cut = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises((axdr.TruncatedError, ValueError), match=r"inside a value|deep"):
        axdr.read(whole[:cut], 0)
