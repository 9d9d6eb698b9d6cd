"""A stream whose format nobody named."""

from typing import Final

from hypothesis import given, settings, strategies as st
import pytest

from cem_core.meter import TelegramError, p1
from cem_core.meter.formats import FORMATS
from cem_core.meter.recognise import PATIENCE, TOLD, Decoder
from cem_core.model import Reading
from tests.cem_core.meter.test_sml import PLAIN
from tests.telegrams.compose import ALL, DSMR3, DSMR4, DSMR5, EMUCS
from tests.telegrams.d0 import EASYMETER, MODE_C, readout
from tests.telegrams.dlms import AIDON, AUTH_KEY, KEY, LLC, hdlc, mbus, sealed, segments
from tests.telegrams.sml import TWO_WAY
from tests.telegrams.tic import HISTORIQUE, STANDARD

FRAMES: Final = {
    "P1": ("dsmr", DSMR5),
    "P1 without checksum": ("dsmr", DSMR3),
    "P1 of EasyMeter": ("dsmr", EASYMETER),
    "DLMS in HDLC": ("dlms", hdlc(LLC + AIDON)),
    "DLMS in HDLC segments": ("dlms", b"".join(segments(AIDON, 20))),
    "DLMS over M-Bus": ("dlms", mbus(AIDON)),
    "SML": ("sml", PLAIN),
    "SML two ways": ("sml", TWO_WAY),
    "TIC historique": ("tic", HISTORIQUE * 2),
    "TIC standard": ("tic", STANDARD * 2),
    "D0 mode C": ("d0", MODE_C),
    "D0": ("d0", readout("0.0.0(123)", "1.8.0(001234.567*kWh)")),
}
DAMAGED = DSMR4.replace(b"00.487", b"00.787")
STREAM = DSMR5 + DAMAGED + EMUCS


def whole(data: bytes, **keys: bytes) -> list[Reading | TelegramError]:
    decoder = Decoder(FORMATS, **keys)
    return [*decoder.feed(data), *decoder.finish()]


def shown(results: list[Reading | TelegramError]) -> list[object]:
    return [str(r) if isinstance(r, TelegramError) else r for r in results]


def test_every_p1_telegram_is_recognised_as_one() -> None:
    for telegram in ALL.values():
        decoder = Decoder()
        [reading] = decoder.feed(telegram)
        assert reading == p1.parse(telegram)
        assert decoder.format == "dsmr"


@pytest.mark.parametrize("name", FRAMES)
def test_every_format_is_recognised_and_read_as_by_its_name(name: str) -> None:
    format_, frame = FRAMES[name]
    recognised = whole(frame)
    named = Decoder([format_])
    assert shown(recognised) == shown([*named.feed(frame), *named.finish()])
    readings = [r for r in recognised if isinstance(r, Reading)]
    assert readings
    assert {reading.format for reading in readings} == {format_}


@pytest.mark.parametrize("name", FRAMES)
@given(noise=st.binary(max_size=300), cut=st.integers(1, 700))
@settings(deadline=None, max_examples=25)
def test_a_format_is_recognised_after_noise_in_any_cut(
    name: str, noise: bytes, cut: int
) -> None:
    format_, frame = FRAMES[name]
    stream = noise + frame * 3
    decoder = Decoder()
    results = decoder.feed(stream[:cut])
    for start in range(cut, len(stream), cut):
        results += decoder.feed(stream[start : start + cut])
    results += decoder.finish()
    readings = [r for r in results if isinstance(r, Reading) and r.raw]
    assert len(readings) >= 2
    assert {reading.format for reading in readings} == {format_}


@pytest.mark.parametrize(
    "telegram", [DSMR5, PLAIN, TWO_WAY, MODE_C, hdlc(LLC + AIDON), sealed(DSMR5)]
)
@given(data=st.data())
@settings(deadline=None, max_examples=60)
def test_no_format_reads_what_is_damaged_in_another(
    telegram: bytes, data: st.DataObject
) -> None:
    damaged = bytearray(telegram)
    first = telegram.find(b"\x02") + 1 if telegram == MODE_C else 0  # what it checks
    at = data.draw(st.integers(first, len(damaged) - 9))
    damaged[at] ^= data.draw(st.integers(1, 255))
    results = whole(bytes(damaged), key=KEY, auth_key=AUTH_KEY)
    assert not any(isinstance(result, Reading) for result in results)


@pytest.mark.parametrize("frame", [AIDON, LLC + AIDON])
def test_a_bare_apdu_is_recognised(frame: bytes) -> None:
    assert [getattr(r, "format", r) for r in whole(frame)] == ["dlms"]


@pytest.mark.parametrize("cut", [1, 7, 4096])
def test_encrypted_p1_is_p1_and_encrypted_dlms_is_dlms(cut: int) -> None:
    p1_stream = sealed(DSMR5) + sealed(DSMR4, counter=2)
    dlms_stream = hdlc(LLC + sealed(AIDON)) + hdlc(LLC + sealed(AIDON, counter=2))
    for stream, format_ in ((p1_stream, "dsmr"), (dlms_stream, "dlms")):
        decoder = Decoder(key=KEY, auth_key=AUTH_KEY)
        results: list[Reading | TelegramError] = []
        for start in range(0, len(stream), cut):
            results += decoder.feed(stream[start : start + cut])
        assert decoder.format == format_
        results += decoder.finish()
        assert [getattr(result, "format", result) for result in results] == [
            format_
        ] * 2


def test_encrypted_without_key_is_told_once_for_each_telegram() -> None:
    for frame in (sealed(DSMR5), hdlc(LLC + sealed(AIDON)), sealed(AIDON)):
        results = whole(frame)
        assert len(results) == 1
        assert "key" in str(results[0])


def test_d0_does_not_read_what_p1_refuses() -> None:
    twice = readout("1-0:1.7.0(1*kW)", "1-0:1.7.0(2*kW)")
    assert Decoder(["d0"]).feed(twice + b"/")
    [error] = whole(twice)
    assert isinstance(error, TelegramError)
    assert error.cause == "1-0:1.7.0: said twice, with different values"


def test_the_format_is_unknown_before_the_first_telegram() -> None:
    decoder = Decoder()
    assert decoder.feed(DSMR5[:-7]) == []
    assert decoder.format is None


@given(st.lists(st.integers(0, len(STREAM)), max_size=8))
@settings(deadline=None, max_examples=30)
def test_any_cut_gives_the_same(cuts: list[int]) -> None:
    decoder = Decoder()
    results = []
    for start, end in zip([0, *sorted(cuts)], [*sorted(cuts), None], strict=True):
        results += decoder.feed(STREAM[start:end])
    assert shown(results + decoder.finish()) == shown(whole(STREAM))


def test_damage_before_the_first_telegram_is_told_in_order() -> None:
    error, first, second = whole(b"\x00noise\n" + DAMAGED + DSMR5 + EMUCS)
    assert isinstance(error, TelegramError)
    assert error.place == 7
    assert error.cause.startswith("checksum ")
    assert [first, second] == [p1.parse(DSMR5), p1.parse(EMUCS)]


def test_damage_without_any_telegram_is_told_at_the_end_or_when_it_repeats() -> None:
    [error] = whole(DAMAGED)
    assert isinstance(error, TelegramError)
    decoder = Decoder()
    errors = decoder.feed(DAMAGED * TOLD)
    assert [getattr(e, "place", None) for e in errors] == [
        n * len(DAMAGED) for n in range(TOLD)
    ]
    assert decoder.format is None
    assert decoder.finish() == []


def test_nothing_recognised_is_told() -> None:
    assert shown(whole(b"")) == ["byte 0: the input is empty"]
    assert shown(whole(b"hello")) == ["byte 0: no telegram found"]
    garbage = bytes(range(0x80, 0x100)) * (2 * PATIENCE // 0x80)
    assert shown(whole(garbage)) == [
        f"byte {place}: no telegram within {PATIENCE} bytes" for place in (0, PATIENCE)
    ]


def test_after_long_garbage_all_formats_try_again_and_places_stay_right() -> None:
    decoder = Decoder()
    decoder.feed(DSMR5)
    assert decoder.feed(b"\x80" * PATIENCE) == []
    assert decoder.format is None
    place = len(DSMR5) + PATIENCE
    error, reading = decoder.feed(DAMAGED + DSMR4)
    assert isinstance(error, TelegramError)
    assert error.place == place
    assert reading == p1.parse(DSMR4)
    assert decoder.format == "dsmr"


def test_it_starts_anew_after_the_end() -> None:
    decoder = Decoder()
    assert decoder.feed(DSMR5)
    assert decoder.finish() == []
    assert decoder.format is None
    assert decoder.feed(DSMR4) == [p1.parse(DSMR4)]


@given(st.binary(max_size=2000))
@settings(deadline=None, max_examples=50)
def test_no_bytes_raise(data: bytes) -> None:
    for formats in (tuple(FORMATS), *((name,) for name in FORMATS)):
        decoder = Decoder(formats, key=bytes(16))
        for result in (*decoder.feed(data), *decoder.finish()):
            assert isinstance(result, Reading | TelegramError)


@pytest.mark.parametrize("key", [None, bytes(16)])
def test_a_frame_that_lacks_its_key_is_told_at_once(key: bytes | None) -> None:
    [error] = Decoder(key=key).feed(sealed(DSMR5))
    assert isinstance(error, TelegramError)
    assert "key" in error.cause
