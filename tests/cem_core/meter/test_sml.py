"""SML files -> readings; encoded in `tests.telegrams.sml`."""

from datetime import UTC, datetime
import itertools

from hypothesis import given, settings, strategies as st
import pytest

from cem_core.meter import TelegramError, sml
from cem_core.meter.crc_ccitt import crc_kermit, crc_x25
from cem_core.meter.sml_transport import MAX_FILE
from cem_core.model import RawValue, Reading
from tests.cem_core.meter.decoding import Decoding, told
from tests.telegrams.sml import (
    ABSOLUTE_POWER,
    EXPORTED,
    IMPORTED,
    LEFT_OUT,
    POWER,
    TWO_WAY,
    WH,
    W,
    entry,
    file,
    listed,
    message,
    messages,
    octets,
    signed,
    unsigned,
    wrapped,
)

PLAIN = file([entry(POWER, signed(168), unit=W, scaler=0)])
START = b"\x1b" * 4 + b"\x01" * 4
STREAM = b"\x1b\x1b noise" + PLAIN + TWO_WAY[:150] + TWO_WAY + b"\xff" * 30 + PLAIN[:-9]
DECODING = Decoding(sml.Decoder)
decode, only, refused = DECODING.decode, DECODING.only, DECODING.refused


def test_the_checksums_are_those_of_the_catalogue() -> None:
    assert crc_x25(b"123456789") == 0x906E
    assert crc_kermit(b"123456789") == 0x2189


def test_a_file_says_what_the_meter_measured() -> None:
    reading = only(TWO_WAY)
    assert reading.format == "sml"
    assert reading.version == "1"
    assert reading.meter_id == "1ISK0075126084"
    assert reading.timestamp is None
    assert (reading.import_power_w, reading.export_power_w) == (0, 193)
    assert reading.import_energy_wh == {"total": 2_043_105}
    assert reading.export_energy_wh == {"total": 0}
    raw = {value.code: value for value in reading.raw}
    assert raw["1-0:1.8.0*255"] == RawValue(
        code="1-0:1.8.0*255", value=2_043_104.7, unit="Wh"
    )
    assert raw["1-0:96.50.1*1"].value == "ISK"
    assert raw["129-129:199.130.5*255"].value == bytes(range(48)).hex().upper()
    assert raw["actSensorTime"].value == 53_782_327
    assert raw["status"].value == 0x100104


def test_phases_and_tariffs_have_their_fields() -> None:
    reading = only(
        file(
            [
                entry(bytes.fromhex("0100010801ff"), signed(25, 8), unit=WH, scaler=3),
                entry(
                    bytes.fromhex("0100200700ff"), unsigned(2325), unit=35, scaler=-1
                ),
                entry(bytes.fromhex("01001f0700ff"), unsigned(52), unit=33, scaler=-1),
                entry(bytes.fromhex("0100240700ff"), signed(-1392), unit=W, scaler=0),
                entry(bytes.fromhex("0100380700ff"), signed(22), unit=W, scaler=0),
                entry(
                    bytes.fromhex("01000e0700ff"), unsigned(4999), unit=44, scaler=-2
                ),
            ]
        )
    )
    assert reading.import_energy_wh == {"1": 25_000}
    assert reading.frequency_hz == 49.99
    first, second = reading.phases
    assert (first.phase, first.voltage_v, first.current_a) == (1, 232.5, 5.2)
    assert (first.import_power_w, first.export_power_w) == (0, 1392)
    assert (second.phase, second.import_power_w, second.export_power_w) == (2, 22, 0)


@pytest.mark.parametrize(
    ("status", "directions"),
    [
        (unsigned(0x0182, 2), (127, 0)),  # EDL, in
        (unsigned(0x01A2, 2), (0, 127)),  # EDL, out
        (unsigned(0x1C0104), (127, 0)),  # FNN, in
        (unsigned(0x1C0904), (0, 127)),  # FNN, out
        (LEFT_OUT, (127, None)),
    ],
)
def test_the_status_word_tells_the_direction_of_a_power_without_sign(
    status: bytes, directions: tuple[int, int | None]
) -> None:
    reading = only(
        file(
            [
                entry(IMPORTED, unsigned(1), unit=WH, scaler=-1, status=status),
                entry(ABSOLUTE_POWER, signed(1266), unit=W, scaler=-1),
            ]
        )
    )
    assert (reading.import_power_w, reading.export_power_w) == directions


def dzg(number: int, value: bytes, status: int = 0x1C0104) -> Reading:
    return only(
        file(
            [
                entry(
                    IMPORTED, unsigned(1), unit=WH, scaler=-1, status=unsigned(status)
                ),
                entry(POWER, value, unit=W, scaler=-2),
            ],
            server=b"\x0a\x01DZG\x00" + number.to_bytes(4),
        )
    )


@pytest.mark.parametrize("number", [42_000_000, 48_999_999, 55_000_000, 58_999_999])
def test_a_faulty_dzg_meter_is_read_as_it_meant(number: int) -> None:
    reading = dzg(number, signed(-29_912, 2))
    assert (reading.import_power_w, reading.export_power_w) == (356, 0)
    assert reading.raw[-1].value == 356.24
    # A power that is truly negative takes four bytes.
    assert dzg(number, signed(-126_061)).export_power_w == 1261


def test_a_sound_dzg_meter_is_believed() -> None:
    assert dzg(60_694_611, signed(-10_550, 2)).export_power_w == 106


def test_another_dzg_meter_is_read_by_its_status_word() -> None:
    assert dzg(41_999_999, signed(-29_912, 2)).import_power_w == 356
    assert dzg(41_999_999, signed(-29_912, 2), status=0x1C0904).export_power_w == 299


def test_a_meter_that_is_not_dzg_is_believed() -> None:
    assert only(file([entry(POWER, signed(-5, 1), unit=W)])).export_power_w == 5


@pytest.mark.parametrize(
    ("server", "text"),
    [
        ("09014553591103b599a5", "1ESY1162232997"),
        ("0a01445a4700039e2053", "1DZG0060694611"),
        ("3032323830383136", "02280816"),
        ("06454d4801027156cd45", "06454D4801027156CD45"),
    ],
)
def test_the_meter_is_named_as_on_its_front(server: str, text: str) -> None:
    entries = [entry(POWER, signed(1), unit=W)]
    reading = only(file(entries, server=bytes.fromhex(server)))
    assert reading.meter_id == text


@pytest.mark.parametrize(
    "time",
    [
        listed(unsigned(2, 1), unsigned(1_700_000_000)),
        listed(
            unsigned(3, 1),
            listed(unsigned(1_700_000_000), signed(60, 2), signed(0, 2)),
        ),
    ],
)
def test_a_clock_time_is_the_time_of_the_reading(time: bytes) -> None:
    reading = only(file([entry(POWER, signed(1), unit=W)], time=time))
    assert reading.timestamp == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)


def test_a_time_without_its_kind_counts_seconds() -> None:
    reading = only(file([entry(POWER, signed(1), unit=W)], time=unsigned(77)))
    assert reading.timestamp is None
    assert reading.raw[0] == RawValue(code="actSensorTime", value=77, unit="s")


def test_a_file_with_kermit_checksums_is_read() -> None:
    entries = [entry(POWER, signed(41), unit=W)]
    assert only(file(entries, kermit=True)).import_power_w == 41
    mixed = wrapped(messages(entries, kermit=True))
    assert only(mixed).import_power_w == 41


def test_four_escape_bytes_in_a_value_are_one_value() -> None:
    key = b"\x1b" * 9 + b"\x1a\x01"
    reading = only(file([entry(bytes.fromhex("8181c78205ff"), octets(key))]))
    assert reading.raw[0].value == key.hex().upper()


def test_a_value_that_cannot_be_stays_raw() -> None:
    reading = only(
        file(
            [
                entry(POWER, signed(2_000_001), unit=W),
                entry(EXPORTED, unsigned(5), unit=W),
                entry(IMPORTED, unsigned(5), unit=WH),
            ]
        )
    )
    assert reading.import_power_w is None
    assert reading.export_energy_wh == {}
    assert reading.import_energy_wh == {"total": 5}
    assert len(reading.raw) == 3


def test_a_file_without_values_is_no_error() -> None:
    assert decode(wrapped(message(0x0201, LEFT_OUT))) == [Reading(format="sml")]
    assert decode(wrapped(b"")) == [Reading(format="sml")]


def test_a_wrong_checksum_of_a_message_is_named() -> None:
    content = messages([entry(POWER, signed(168), unit=W)])
    at = content.index(signed(168))
    damaged = content[: at + 4] + b"\xa9" + content[at + 5 :]
    assert "the message at byte" in refused(wrapped(damaged))


@pytest.mark.parametrize(
    "content",
    [
        b"\x77",
        b"\x76\x01\x01\x01\x01\x01",
        b"\x75\x01\x01\x01\x01\x01",
        b"\x85\x00",
        b"\xff\x0f\x0f",
        b"\x6a" + bytes(9),
        b"\x71" * 40,
        b"\x10",
        message(0x0701, LEFT_OUT),
        message(0x0701, *[LEFT_OUT] * 4, listed(LEFT_OUT), LEFT_OUT, LEFT_OUT),
        messages([entry(b"\x01", signed(1))]),
        messages([entry(POWER, listed())]),
        messages([entry(POWER, signed(1), scaler=-99)]),
        messages([], time=listed(unsigned(2, 1), octets(b"x"))),
        messages([], time=octets(b"x")),
    ],
)
def test_what_is_no_sml_is_refused_though_its_checksum_is_right(content: bytes) -> None:
    assert refused(wrapped(content)).startswith("byte 0: SML: ")


def test_padding_that_the_file_does_not_count_is_skipped() -> None:
    content = messages([entry(POWER, signed(41), unit=W)]) + bytes(8)
    assert only(wrapped(content)).import_power_w == 41


def padded(count: int) -> bytes:
    content = messages([entry(POWER, signed(41), unit=W)])
    body = START + content + bytes(count) + b"\x1b" * 4 + bytes([0x1A, count])
    return body + crc_x25(body).to_bytes(2, "little")


def test_four_bytes_of_padding_are_read() -> None:
    assert only(padded(4)).import_power_w == 41


def test_too_much_padding_is_refused() -> None:
    assert refused(padded(5)) == "byte 0: 5 bytes of padding"


def test_a_time_can_be_the_value() -> None:
    time = listed(unsigned(1, 1), listed(unsigned(1, 1), unsigned(1_982_288)))
    [raw] = only(file([entry(bytes.fromhex("810060080001"), time)])).raw
    assert raw == RawValue(code="129-0:96.8.0*1", value=1_982_288, unit="s")


@given(st.integers(0, len(TWO_WAY) - 1), st.integers(1, 255))
def test_one_damaged_byte_never_becomes_a_value(at: int, flip: int) -> None:
    damaged = bytearray(TWO_WAY)
    damaged[at] ^= flip
    results = decode(bytes(damaged))
    assert not any(isinstance(result, Reading) for result in results)


@given(st.lists(st.integers(0, len(STREAM)), max_size=40))
def test_a_stream_reads_the_same_wherever_it_is_cut(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(STREAM)]
    pieces = [STREAM[a:b] for a, b in itertools.pairwise(edges)]
    assert told(decode(*pieces)) == told(decode(STREAM))


def test_a_stream_reads_the_same_byte_by_byte() -> None:
    pieces = [STREAM[i : i + 1] for i in range(len(STREAM))]
    results = decode(*pieces)
    assert told(results) == told(decode(STREAM))
    first, cut_short, second, unfinished = results
    assert isinstance(first, Reading)
    assert "the next starts at byte" in str(cut_short)
    assert second == only(TWO_WAY)
    assert str(unfinished).endswith("unfinished SML file: the input ends")


def test_a_file_cut_short_in_an_escape_does_not_take_the_next_with_it() -> None:
    error, reading = decode(START + b"\x76" + b"\x1b" * 4 + PLAIN)
    assert isinstance(error, TelegramError)
    assert reading == only(PLAIN)


@pytest.mark.parametrize("lost", [1, 2, 3])
def test_a_file_that_lost_its_last_bytes_does_not_take_the_next_with_it(
    lost: int,
) -> None:
    error, reading = decode(PLAIN[:-lost] + PLAIN)
    assert "checksum" in str(error)
    assert reading == only(PLAIN)


def test_a_start_cut_short_is_told() -> None:
    assert refused(b"xx" + START[:6]) == "byte 2: unfinished SML file: the input ends"
    assert decode(b"xx" + START[:3]) == []


def test_the_end_of_a_file_whose_start_is_missing_is_told() -> None:
    error, reading = decode(PLAIN[9:] + PLAIN)
    assert str(error).endswith("end of an SML file whose start is missing")
    assert isinstance(reading, Reading)


def test_a_file_without_end_is_given_up() -> None:
    decoder = sml.Decoder()
    [error] = decoder.feed(START + b"\x76" * MAX_FILE)
    assert str(error) == f"byte 0: no end of the SML file within {MAX_FILE} bytes"
    [reading] = decoder.feed(PLAIN)
    assert isinstance(reading, Reading)


entries = st.lists(
    st.tuples(
        st.sampled_from([POWER, IMPORTED, EXPORTED, ABSOLUTE_POWER]),
        st.integers(-(2**31), 2**31 - 1),
        st.integers(-4, 3),
    ),
    max_size=20,
)


@given(entries, st.booleans(), st.integers(0, 1000))
@settings(deadline=None)
def test_what_was_encoded_is_decoded(
    said: list[tuple[bytes, int, int]], kermit: bool, cut: int
) -> None:
    data = file(
        [entry(name, signed(value), scaler=scaler) for name, value, scaler in said],
        kermit=kermit,
    )
    [reading] = decode(data[:cut], data[cut:])
    assert isinstance(reading, Reading)
    for raw, (_, value, scaler) in zip(reading.raw, said, strict=True):
        assert raw.value == pytest.approx(value * 10.0**scaler, rel=1e-15)
