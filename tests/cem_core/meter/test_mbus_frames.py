"""Frames that real meters sent, as others recorded them (see NOTICE)."""

import itertools
import json
from pathlib import Path
from typing import Any, Final

from hypothesis import given, strategies as st
import pytest

from cem_core.meter import TelegramError, mbus_answer, mbus_submeter
from cem_core.meter.mbus_link import LinkFrame, Splitter
from cem_core.model.slow_reading import SlowReading

FRAMES: Final[dict[str, dict[str, Any]]] = json.loads(
    (Path(__file__).parents[2] / "telegrams" / "mbus.json").read_text("utf-8")
)
KAMSTRUP: Final = bytes.fromhex(FRAMES["kamstrup_multical_601"]["frame"])
STREAM: Final = b"".join(bytes.fromhex(f["frame"]) for f in FRAMES.values())


def frames(*pieces: bytes) -> list[LinkFrame | TelegramError]:
    splitter = Splitter()
    found = [frame for piece in pieces for frame in splitter.feed(piece)]
    return [*found, *splitter.finish()]


def read(data: bytes) -> SlowReading:
    [frame] = frames(data)
    assert isinstance(frame, LinkFrame)
    return mbus_submeter.reading(mbus_answer.read(frame))


@pytest.mark.parametrize("name", FRAMES)
def test_what_meters_sent(name: str) -> None:
    expected = dict(FRAMES[name])
    reading = read(bytes.fromhex(expected.pop("frame")))
    assert expected == {
        "kind": reading.kind.value,
        "meter_id": reading.meter_id,
        "manufacturer": reading.manufacturer,
        "status": list(reading.status),
        "values": {q.value: value for q, value in reading.values.items()},
        "records": len(reading.raw),
    }


def test_all_that_a_meter_says_is_kept_with_what_tells_it_apart() -> None:
    raw = {value.code: (value.value, value.unit) for value in read(KAMSTRUP).raw}
    assert raw["energy"] == (37_351_000, "Wh")
    assert raw["temperature_difference"] == (55.53, "K")
    assert raw["power.max"] == (44_800, "W")
    assert raw["time"] == ("2011-01-05T15:26:00", None)


def test_a_counter_by_tariffs_is_their_sum() -> None:
    reading = read(bytes.fromhex(FRAMES["SBC_Saia-Burgess-ALE3"]["frame"]))
    raw = {value.code: value.value for value in reading.raw}
    assert (raw["energy.tariff1"], raw["energy.tariff2"]) == (2930, 60)
    assert list(reading.values.values()) == [2990]


@given(cuts=st.lists(st.integers(0, len(STREAM)), max_size=20))
def test_frames_are_the_same_however_they_arrive(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(STREAM)]
    pieces = [STREAM[a:b] for a, b in itertools.pairwise(edges)]
    assert frames(*pieces) == frames(STREAM)
    assert len(frames(STREAM)) == len(FRAMES)


@given(at=st.integers(0, len(KAMSTRUP) - 1), flip=st.integers(1, 255))
def test_one_wrong_byte_is_never_read_as_a_value(at: int, flip: int) -> None:
    damaged = bytearray(KAMSTRUP)
    damaged[at] ^= flip
    sound = [f for f in frames(bytes(damaged)) if isinstance(f, LinkFrame)]
    assert not any(frame.responds and len(frame.data) > 20 for frame in sound)


@given(st.integers(0, len(KAMSTRUP) - 1))
def test_a_frame_cut_short_is_told(size: int) -> None:
    found = frames(KAMSTRUP[:size])
    assert not any(isinstance(f, LinkFrame) and f.responds for f in found)
    assert size == 0 or any(isinstance(f, TelegramError) for f in found)


def test_a_sound_frame_after_a_damaged_one_is_read() -> None:
    damaged = KAMSTRUP[:60] + b"\xff" + KAMSTRUP[61:]
    *errors, last = frames(damaged + KAMSTRUP)
    assert isinstance(last, LinkFrame)
    assert str(errors[0]).startswith("byte 0: checksum")
