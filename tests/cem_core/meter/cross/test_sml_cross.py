"""Our SML values against those of smllib (GPL) and pysml, on files of any values."""

from typing import Any

from hypothesis import given, settings, strategies as st
import pytest

from cem_core.meter import sml
from cem_core.model import Reading
from tests.telegrams.sml import (
    EXPORTED,
    IMPORTED,
    POWER,
    TWO_WAY,
    WH,
    W,
    entry,
    file,
    signed,
    unsigned,
)

smllib = pytest.importorskip("smllib", reason="only in .venv-cross: script/setup")
pysml = pytest.importorskip("sml", reason="only in .venv-cross: script/setup")

FILES = st.builds(
    lambda imported, exported, power, scaler: file(
        [
            entry(IMPORTED, unsigned(imported, 8), unit=WH, scaler=scaler),
            entry(EXPORTED, unsigned(exported, 5), unit=WH, scaler=-1),
            entry(POWER, signed(power), unit=W),
        ]
    ),
    st.integers(0, 10**11),
    st.integers(0, 10**11),
    st.integers(-900_000, 900_000),
    st.integers(-4, 0),
)


def ours(data: bytes) -> dict[str, float | str]:
    [reading] = sml.Decoder().feed(data)
    assert isinstance(reading, Reading)
    return {v.code: v.value for v in reading.raw if "*255" in v.code}


def of_smllib(data: bytes) -> dict[str, Any]:
    reader = smllib.SmlStreamReader()
    reader.add(data)
    return {v.obis.obis_code: v.get_value() for v in reader.get_frame().get_obis()}


def of_pysml(data: bytes) -> dict[str, Any]:
    _, *messages = pysml.SmlBase.parse_frame(data)
    bodies = [m["messageBody"] for message in messages for m in message]
    listed = [v for body in bodies for v in body.get("valList", [])]
    return {v["objName"]: v.get("value") for v in listed}


def agree(mine: dict[str, float | str], theirs: dict[str, Any]) -> None:
    numbers = {c: v for c, v in theirs.items() if isinstance(v, int | float)}
    assert len(numbers) > 1
    for code, value in numbers.items():
        assert mine[code] == pytest.approx(value, rel=1e-12), code


@given(FILES)
@settings(max_examples=100, deadline=None)
def test_numbers_are_those_of_both(data: bytes) -> None:
    agree(ours(data), of_smllib(data))
    agree(ours(data), of_pysml(data))


def test_a_whole_file_is_that_of_both() -> None:
    agree(ours(TWO_WAY), of_smllib(TWO_WAY))
    agree(ours(TWO_WAY), of_pysml(TWO_WAY))


@given(st.integers(8, len(TWO_WAY) - 1), st.integers(1, 255))
@settings(max_examples=100, deadline=None)
def test_what_smllib_refuses_is_refused(at: int, flip: int) -> None:
    data = bytearray(TWO_WAY)
    data[at] ^= flip
    reader = smllib.SmlStreamReader()
    reader.add(bytes(data))
    try:
        theirs = reader.get_frame()
    except smllib.errors.SmlLibException:
        theirs = None
    if theirs is None:
        decoder = sml.Decoder()
        found = [*decoder.feed(bytes(data)), *decoder.finish()]
        assert not any(isinstance(result, Reading) for result in found)
