"""DLMS streams: frames, segments, blocks, ciphers, lists; what is read or refused."""

from datetime import UTC, datetime
from itertools import pairwise

from hypothesis import given, settings, strategies as st
import pytest

from cem_core.meter import TelegramError
from cem_core.meter.dlms import Decoder
from cem_core.meter.dlms_link import MAX_APDU
from cem_core.model import RawValue, Reading
from tests.telegrams.dlms import (
    AIDON,
    AUTH_KEY,
    HEAD,
    KEY,
    LLC,
    VOLT,
    WH,
    W,
    array,
    block,
    code,
    hdlc,
    i32,
    mbus,
    notification,
    octets,
    registers,
    scale,
    sealed,
    segments,
    structure,
    text,
    u16,
    u32,
)

NO_TIME = bytes.fromhex("07e9020e061e000affffc400")  # 30 o'clock
WINTER = bytes.fromhex("07e9020e05111e07ffffc400")
WINTER_UTC = datetime(2025, 2, 14, 16, 30, 7, tzinfo=UTC)

type Result = Reading | TelegramError


def decode(data: bytes, key: bytes | None = None) -> list[Result]:
    decoder = Decoder(key, None if key is None else AUTH_KEY)
    return [*decoder.feed(data), *decoder.finish()]


def one(data: bytes, key: bytes | None = None) -> Reading:
    [reading] = decode(data, key)
    assert isinstance(reading, Reading)
    return reading


def refused(data: bytes, key: bytes | None = None) -> str:
    [error] = decode(data, key)
    assert isinstance(error, TelegramError)
    return str(error)


def pushed(body: bytes, when: bytes = b"") -> Reading:
    return one(hdlc(LLC + notification(body, when)))


FORMS = {
    "hdlc": hdlc(LLC + AIDON),
    "long addresses": hdlc(LLC + AIDON, addresses="0002000302000203"),
    "segments": b"".join(segments(AIDON, 20)),
    "mbus": mbus(AIDON),
    "mbus parts": b"".join(
        mbus(AIDON[at : at + 30], number, last=at + 30 >= len(AIDON))
        for number, at in enumerate(range(0, len(AIDON), 30))
    ),
    "blocks": b"".join(
        hdlc(LLC + block(AIDON[at : at + 40], number, last=at + 40 >= len(AIDON)))
        for number, at in enumerate(range(0, len(AIDON), 40), 1)
    ),
    "ciphered": hdlc(LLC + sealed(AIDON)),
    "ciphered in segments": b"".join(segments(sealed(AIDON), 50)),
    "ciphered without tag": mbus(sealed(AIDON, security=0x20)),
    "bare": AIDON,
    "bare with LLC": LLC + AIDON,
    "bare ciphered": sealed(AIDON),
}
CHECKED = [name for name in FORMS if "bare" not in name]


@pytest.mark.parametrize("name", FORMS)
def test_every_form_says_the_same(name: str) -> None:
    reading = one(FORMS[name], KEY)
    assert reading.format == "dlms"
    assert (reading.import_power_w, reading.export_power_w) == (1362, 0)
    assert reading.import_energy_wh == {"total": 4_210_035}
    assert reading.phases[0].voltage_v == 230.4
    assert reading.raw[0] == RawValue(code="1-0:1.7.0", value=1362, unit="W")


@pytest.mark.parametrize("name", FORMS)
@given(data=st.data())
@settings(max_examples=25)
def test_any_cut_gives_the_same(name: str, data: st.DataObject) -> None:
    noise = b"" if "bare" in name else data.draw(st.binary(max_size=20))
    stream = noise + FORMS[name] * 2
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    decoder = Decoder(KEY, AUTH_KEY)
    results: list[Result] = []
    for start, end in pairwise([0, *cuts, len(stream)]):
        results += decoder.feed(stream[start:end])
    results += decoder.finish()
    assert [str(r) for r in results] == [str(r) for r in decode(stream, KEY)]


@pytest.mark.parametrize("name", CHECKED)
@given(data=st.data())
@settings(max_examples=150)
def test_one_damaged_byte_is_never_read(name: str, data: st.DataObject) -> None:
    damaged = bytearray(FORMS[name])
    at = data.draw(st.integers(0, len(damaged) - 1))
    damaged[at] ^= data.draw(st.integers(1, 255))
    results = decode(bytes(damaged), KEY)
    assert results
    assert all(isinstance(result, TelegramError) for result in results)


@pytest.mark.parametrize("name", CHECKED)
@given(before=st.binary(max_size=60), between=st.binary(max_size=60))
@settings(max_examples=50)
def test_frames_are_found_in_noise(name: str, before: bytes, between: bytes) -> None:
    # A frame cut short stands before: what it announced reaches into the next.
    if "ciphered" in name:
        stream = before + FORMS[name] + between
        expected = 1
    else:
        stream = before + FORMS[name][:25] + FORMS[name] + between + FORMS[name]
        expected = 2
    readings = [r for r in decode(stream, KEY) if isinstance(r, Reading)]
    assert len(readings) == expected


def test_an_mbus_frame_longer_than_its_length_can_say() -> None:
    power = structure(code("1-0:1.7.0"), u32(9), W)
    apdu = notification(array(*[power] * 11, structure(code("1-0:2.7.0"), u32(0))))
    user = bytes((0x53, 0xFF, 0x10, 1, 0x67)) + apdu
    assert 256 <= len(user) < 261
    size = len(user) - 256
    frame = bytes((0x68, size, size, 0x68)) + user + bytes((sum(user) & 0xFF, 0x16))
    assert one(frame).import_power_w == 9


def test_a_shared_flag_and_many_flags() -> None:
    frame = FORMS["hdlc"]
    assert len(decode(frame + frame[1:] + b"\x7e\x7e" + frame)) == 3


def test_an_endless_stream_needs_little_memory() -> None:
    for pattern in (
        b"\x7e\xa7\xff",
        b"\x68\xff\xff\x68",
        LLC,
        b"\x0f\0\0\0\0\0\2",
        b"\xdb\x08",
    ):
        decoder = Decoder()
        for _ in range(40):
            decoder.feed(pattern * 500)
        assert len(decoder._splitter._buffer) <= 2 * MAX_APDU
        assert len(decoder._splitter._parts) <= 2 * MAX_APDU


@given(data=st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for start in (b"", LLC, HEAD, b"\x7e\xa0", b"\xdb\x08", b"\xe0\x80\0\1"):
        for result in decode(start + data, KEY):
            assert isinstance(result, Reading | TelegramError)


def test_frames_without_readings_say_nothing() -> None:
    for information in (b"", b"\x02\x01", LLC + notification(structure())):
        assert decode(hdlc(information)) == [Reading(format="dlms")]


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        (FORMS["hdlc"][:-1], "byte 0: unfinished frame: the input ends"),
        (FORMS["mbus"][:-1], "byte 0: unfinished frame: the input ends"),
        (AIDON[:-1], "byte 0: unfinished APDU: the input ends"),
        (AIDON + b"\x16", "byte 0: the APDU does not end where the next begins"),
        (b"noise", "byte 0: no DLMS frame within 5 bytes"),
        (segments(AIDON, 20)[0], "byte 0: unfinished APDU: the input ends"),
        (hdlc(LLC + HEAD + b"\x05ABCDE"), "byte 0: a time of 5 bytes, expected 12"),
        (hdlc(LLC + AIDON[:-1]), "byte 0: the data end inside a value"),
        (mbus(AIDON, 3), "byte 0: part 3 instead of 0"),
        (hdlc(LLC + block(AIDON, 2, last=True)), "byte 0: block 2 instead of block 1"),
        (FORMS["ciphered"], "byte 0: encrypted: a key is needed"),
    ],
)
def test_what_is_refused(data: bytes, cause: str) -> None:
    assert refused(data) == cause


def test_a_wrong_checksum_is_told_with_both_values() -> None:
    damaged = bytearray(FORMS["hdlc"])
    damaged[30] ^= 1
    assert refused(bytes(damaged)).startswith("byte 0: checksum ")
    damaged = bytearray(FORMS["mbus"])
    damaged[30] ^= 1
    assert refused(bytes(damaged)).startswith("byte 0: checksum ")


def test_a_missing_segment_is_not_bridged() -> None:
    first, *_, last = segments(AIDON, 20)
    assert refused(first + last).startswith("byte 0: ")
    frames = segments(AIDON, 20)
    results = decode(b"".join(frames[1:]) + FORMS["hdlc"])
    assert isinstance(results[-1], Reading)
    assert {str(r).partition(": ")[2] for r in results[:-1]} == {
        "a segment whose first segment is missing"
    }


def test_a_replayed_frame_is_refused() -> None:
    frames = [hdlc(LLC + sealed(AIDON, counter=n)) for n in (5, 6, 5)]
    first, second, third = decode(b"".join(frames), KEY)
    assert first == second
    assert "frame counter 5 is not above 6: a repeated (replayed) frame" in str(third)


def test_a_wrong_key_is_told() -> None:
    assert "the tag does not verify" in refused(FORMS["ciphered"], bytes(16))
    assert "is the key right?" in refused(FORMS["ciphered without tag"], bytes(16))


def test_units_scales_and_signs() -> None:
    reading = pushed(
        registers(
            ("1-0:16.7.0", i32(-1734), W),
            ("1-0:36.7.0", i32(-20), scale(2, 27)),
            ("1-0:56.7.0", i32(266), W),
            ("1-1:31.7.0", b"\x10\xff\xf6", scale(-1, 33)),
            ("1-0:2.8.0", u32(12), scale(3, 30)),
            ("1-0:14.7.0", u16(4998), scale(-2, 44)),
            ("1-0:13.7.0", u16(987), scale(-3, 255)),
            ("1-0:81.7.1", u16(120), scale(0, 8)),
        )
    )
    assert (reading.import_power_w, reading.export_power_w) == (0, 1734)
    assert [(p.import_power_w, p.export_power_w) for p in reading.phases] == [
        (0, 2000),
        (266, 0),
    ]
    assert reading.phases[0].current_a == -1.0
    assert reading.export_energy_wh == {"total": 12_000}
    assert (reading.frequency_hz, reading.power_factor) == (49.98, 0.987)
    assert reading.raw[-1] == RawValue(code="1-0:81.7.1", value=120, unit="°")


def test_an_impossible_value_is_refused() -> None:
    for value, scaling in ((i32(-5), W), (u32(1_000_001), W), (u32(5), VOLT)):
        frame = hdlc(LLC + notification(registers(("1-0:2.7.0", value, scaling))))
        assert refused(frame).startswith("byte 0: 1-0:2.7.0: ")


def test_null_is_unknown_and_zero_is_zero() -> None:
    reading = pushed(registers(("1-0:1.7.0", u32(0), W), ("1-0:2.7.0", b"\0", W)))
    assert (reading.import_power_w, reading.export_power_w) == (0, None)


def test_what_nobody_gives_a_unit_stays_raw() -> None:
    reading = pushed(structure(code("1-0:1.4.0"), u32(17), code("1-0:1.7.0"), u32(5)))
    assert (reading.demand_w, reading.import_power_w) == (None, 5)
    assert reading.raw[0] == RawValue(code="1-0:1.4.0", value=17)


def test_a_flat_list_with_scales_and_loose_elements() -> None:
    # As Austrian meters send it: code, value, scale; the clock and the number loose.
    reading = pushed(
        structure(
            octets(WINTER),
            *(code("1-0:1.7.0"), u32(25), scale(1, 27)),
            *(code("1-0:1.8.0"), u32(7), WH),
            *(code("0-0:96.1.0"), octets(b"181220000009")),
        )
    )
    assert reading.timestamp == WINTER_UTC
    assert (reading.import_power_w, reading.meter_id) == (250, "181220000009")


def described(*items: tuple[int, str, int]) -> bytes:
    return array(
        *(
            structure(u16(kind), code(c), b"\x0f" + bytes((attribute,)), u16(0))
            for kind, c, attribute in items
        )
    )


def test_a_list_that_describes_itself() -> None:
    descriptions = described(
        (40, "0-6:25.9.0", 2),
        (1, "0-0:42.0.0", 2),
        (3, "1-1:1.7.0", 2),
        (3, "1-1:1.8.0", 2),
        (3, "1-1:1.8.0", 3),
        (3, "1-1:2.8.0", 2),
    )
    values = (octets(b"LGZ1030783826316"), u32(143), u32(19), scale(3, 30), b"\0")
    without_itself = b"\x01\x05" + descriptions[2 + 18 :]
    for description in (descriptions, without_itself):
        reading = pushed(structure(description, *values))
        assert (reading.meter_id, reading.import_power_w) == ("LGZ1030783826316", 143)
        assert reading.import_energy_wh == {"total": 19_000}
        assert reading.export_energy_wh == {}


def test_an_unknown_order_is_kept_raw_and_given_no_meaning() -> None:
    reading = pushed(structure(u32(1), u16(2), text("x"), octets(b"\1\2")))
    assert reading.import_power_w is None
    assert [(raw.code, raw.value) for raw in reading.raw] == [
        ("#1", 1),
        ("#2", 2),
        ("#3", "x"),
        ("#4", "0102"),
    ]


def test_bare_apdus_follow_each_other() -> None:
    for stream in (AIDON * 3, (LLC + AIDON) * 3, (AIDON + b"\r\n") * 3):
        assert len(decode(stream)) == 3
    damaged = bytearray((LLC + AIDON) * 3)
    damaged[len(LLC + AIDON) + 12] = 0xFF
    results = decode(bytes(damaged))
    assert [type(r) for r in results] == [Reading, TelegramError, Reading]


def test_content_of_a_cut_frame_is_not_taken_for_a_bare_apdu() -> None:
    frame = FORMS["hdlc"]
    results = decode(frame[frame.index(LLC) :] + frame)
    assert [type(r) for r in results] == [TelegramError, Reading]


CUBIC_METRES = scale(-2, 13)
CAPTURED = octets(bytes.fromhex("07e9020e050600000000 0000".replace(" ", "")))


def test_the_meters_behind_the_meter() -> None:
    apdu = notification(
        array(
            structure(code("1-0:1.7.0"), u32(5), W),
            structure(code("0-1:24.1.0"), u16(3)),
            structure(code("0-1:96.1.0"), text("7ELS0012345678")),
            structure(code("0-1:24.2.1"), u32(123456), CUBIC_METRES),
            structure(code("0-1:24.2.1"), CAPTURED),
            structure(code("0-2:24.2.1"), u32(70), scale(3, 30)),
            structure(code("0-2:24.2.1"), u32(71), scale(3, 30)),
        )
    )
    [read] = [*(decoder := Decoder()).feed(hdlc(LLC + apdu)), *decoder.finish()]
    assert isinstance(read, Reading)
    gas, other = read.submeters
    assert (gas.channel, gas.kind, gas.meter_id) == (1, "gas", "7ELS0012345678")
    assert (gas.value, gas.unit) == (1234.56, "m3")
    assert gas.timestamp == datetime(2025, 2, 14, 6, tzinfo=UTC)
    assert (other.channel, other.kind, other.meter_id) == (2, "unknown", None)
    assert (other.value, other.unit) == (70_000, "Wh")


def test_a_meter_behind_that_was_never_read_has_no_value() -> None:
    apdu = notification(
        array(
            structure(code("1-0:1.7.0"), u32(5), W),
            structure(code("0-1:24.2.1"), text("")),
            structure(code("0-1:96.1.0"), text("")),
            structure(code("0-2:24.2.1"), i32(-1), CUBIC_METRES),
        )
    )
    [read] = [*(decoder := Decoder()).feed(hdlc(LLC + apdu)), *decoder.finish()]
    assert isinstance(read, Reading)
    assert [(s.meter_id, s.value) for s in read.submeters] == [(None, None)] * 2
