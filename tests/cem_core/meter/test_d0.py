"""Readouts of IEC 62056-21 -> readings."""

import itertools

from hypothesis import given, strategies as st
import pytest

from cem_core.meter import TelegramError, d0, recognise
from cem_core.meter.d0_frame import MAX_READOUT
from cem_core.model import PhaseReading, RawValue, Reading
from tests.cem_core.meter.decoding import Decoding, told
from tests.telegrams.compose import checksum
from tests.telegrams.d0 import EASYMETER, LINES, MODE_C, MODE_D, readout

STREAM = b"/?!\r\n" + MODE_C + EASYMETER[:120] + EASYMETER + b"\xff\x00" + MODE_C[:-1]
DECODING = Decoding(d0.Decoder)
decode, only, refused = DECODING.decode, DECODING.only, DECODING.refused


def test_a_pushed_readout_says_what_the_meter_measured() -> None:
    reading = only(EASYMETER)
    assert reading.format == "d0"
    assert reading.meter_id == "1ESY1233002534"
    assert (reading.import_power_w, reading.export_power_w) == (0, 247)
    assert reading.import_energy_wh == {"total": 1_013_037}
    assert reading.export_energy_wh == {"total": 376_013}
    assert reading.phases == (
        PhaseReading(phase=1, import_power_w=46),
        PhaseReading(phase=2, import_power_w=122),
        PhaseReading(phase=3, import_power_w=0, export_power_w=79),
    )
    assert len(reading.raw) == 9


def test_a_readout_of_mode_c_says_what_the_meter_measured() -> None:
    reading = only(MODE_C)
    assert reading.meter_id == "01234567"
    assert reading.version == "M23"
    assert reading.timestamp is None
    assert (reading.import_power_w, reading.export_power_w) == (0, 235)
    assert reading.import_energy_wh == {"total": 1_234_567, "1": 1000, "2": 2000}
    assert reading.phases == (PhaseReading(phase=1, voltage_v=230.1),)
    assert [r for r in reading.raw if r.code in {"1.6.1", "1.8.0*01", "F.F"}] == [
        RawValue(code="F.F", value="00000000"),
        RawValue(code="1.6.1", value=1.23, unit="kW"),
        RawValue(code="1.6.1", value=912_011_345),
        RawValue(code="1.8.0*01", value=1200.0, unit="kWh"),
    ]
    assert RawValue(code="0.9.1", value="074512") in reading.raw


def test_a_readout_reads_the_same_in_every_mode() -> None:
    assert only(readout(*LINES)) == only(MODE_C)


def test_what_mode_d_pushes_is_read_with_its_last_byte() -> None:
    decoder = d0.Decoder()
    for _ in range(2):  # each time its button is pressed, or something changed
        assert decoder.feed(MODE_D[:-1]) == []
        assert decoder.feed(MODE_D[-1:]) == [only(MODE_C)]
    assert decoder.finish() == []


def test_mode_d_is_recognised() -> None:
    decoder = recognise.Decoder()
    found = [*decoder.feed(MODE_D * 2), *decoder.finish()]
    assert found == [only(MODE_C)] * 2


def test_a_pushed_readout_cut_short_is_refused() -> None:
    for cut in range(MODE_D.index(b"(") + 1, len(MODE_D) - 2):
        [error, reading] = decode(MODE_D[:cut] + MODE_D)
        assert isinstance(error, TelegramError)
        assert reading == only(MODE_C)


def test_an_echoed_acknowledgement_is_no_data() -> None:
    assert only(MODE_C.replace(b"\x02", b"\x06050\r\n\x02")) == only(MODE_C)


def test_the_end_may_follow_the_last_value() -> None:
    meant = b"/SIE32WR5\r\n6.8(0029.055*MWh)6.26(01589.28*m3)0.0(00010213)!\r\n"
    reading = only(meant)
    assert [(r.value, r.unit) for r in reading.raw] == [
        (29.055, "MWh"),
        (1589.28, "m3"),
        ("00010213", None),
    ]


def test_a_number_without_its_unit_is_not_used() -> None:
    reading = only(readout("1.8.0(001234)", "1.7.0(12)", "6.8(0016.2*MWh)"))
    assert reading.import_energy_wh == {}
    assert reading.import_power_w is None
    assert [raw.value for raw in reading.raw] == [1234, 12, 16.2]


def test_any_unit_is_a_unit() -> None:
    reading = only(readout("6.27(1.5*m3*h)", "6.29(70*'C)", "6.35(60)", "9.4(AB&C)"))
    assert [(raw.value, raw.unit) for raw in reading.raw] == [
        (1.5, "m3*h"),
        (70.0, "'C"),
        (60, None),
        ("AB&C", None),
    ]


def test_a_plus_is_no_text() -> None:
    reading = only(readout("31.7.0(+000.8*A)", "32.7.0(+0230*V)", "C.90(+12)"))
    assert (reading.phases[0].current_a, reading.phases[0].voltage_v) == (0.8, 230)
    assert reading.raw[2].value == "+12"


def test_a_logarex_says_its_status_and_identifier_as_text() -> None:
    reading = only(
        readout(
            "1-0:96.1.0*255(001LOG0065700001)",
            "1-0:1.8.0*255(003075.7380*kWh)",
            "1-0:1.8.0*96(00003.2*kWh)",
            "1-0:16.7.0*255(000168*W)",
            "1-0:32.7.0*255(231.2*V)",
            "1-0:31.7.0*255(000.52*A)",
            "1-0:81.7.1*255(120*deg)",
            "1-0:14.7.0*255(50.0*Hz)",
            "1-0:96.5.0*255(00010104)",
            "0-0:96.8.0*255(00022B8C)",
        )
    )
    assert reading.meter_id == "001LOG0065700001"
    assert reading.import_energy_wh == {"total": 3_075_738}
    assert (reading.import_power_w, reading.export_power_w) == (168, 0)
    assert reading.frequency_hz == 50.0
    assert reading.phases == (PhaseReading(phase=1, voltage_v=231.2, current_a=0.52),)
    assert RawValue(code="1-0:96.5.0*255", value="00010104") in reading.raw


@pytest.mark.parametrize("code", ["1-1:1.8.0", "1-0:1.8.0.255", "1.8.0", "1.8"])
def test_a_code_is_known_in_every_way_it_is_written(code: str) -> None:
    assert only(readout(f"{code}(1.5*kWh)")).import_energy_wh == {"total": 1500}


def test_import_and_export_apart_stay_apart() -> None:
    reading = only(readout("1.7.0(0.000*kW)", "2.7.0(1.250*kW)"))
    assert (reading.import_power_w, reading.export_power_w) == (0, 1250)


def test_a_readout_without_data_is_no_error() -> None:
    assert decode(readout()) == [Reading(format="d0")]


@pytest.mark.parametrize(
    "line",
    [
        "1.8.0(1*kWh",
        "1.8.0 1*kWh)",
        "1.8.0(1*kWh)x",
        "x1.8.0((1*kWh))",
        "1.8.0(1*kWh)\x07",
        "1.7.0(1*V)",
        "1.7.0(99999*kW)",
        "32.7.0(99999*V)",
    ],
)
def test_a_damaged_line_refuses_the_readout(line: str) -> None:
    place = len(b"/LGZ4ZMF100AC.M23\r\n")
    assert refused(readout(line)).startswith(f"byte {place}: ")


def test_a_byte_above_7f_refuses_the_readout() -> None:
    assert "above 7F" in refused(EASYMETER.replace(b"(82)", b"(\xb82)"))


def test_a_checksum_after_the_end_is_verified() -> None:
    body = EASYMETER.rstrip()
    sound = body + f"{checksum(body):04X}\r\n".encode("ascii")
    assert only(sound) == only(EASYMETER)
    assert "checksum 0000, computed" in refused(body + b"0000\r\n")


@given(st.integers(MODE_C.index(b"\x02"), len(MODE_C) - 1), st.integers(1, 255))
def test_one_damaged_byte_never_becomes_a_value(at: int, flip: int) -> None:
    damaged = bytearray(MODE_C)
    damaged[at] ^= flip
    results = decode(bytes(damaged))
    assert results
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
    assert first == only(MODE_C)
    assert "the next starts at byte" in str(cut_short)
    assert second == only(EASYMETER)
    assert str(unfinished).endswith("unfinished readout: the input ends")


def test_a_readout_whose_last_newline_is_missing_is_read_at_the_end() -> None:
    assert only(EASYMETER[:-2]) == only(EASYMETER)
    assert "the input ends" in refused(EASYMETER[:-3])


def test_a_start_cut_short_is_told() -> None:
    assert "the input ends" in refused(b"xx/ESY5Q3")


def test_the_end_of_a_readout_whose_start_is_missing_is_told() -> None:
    error, reading = decode(EASYMETER[3:] + EASYMETER)
    assert str(error).endswith("end of a readout whose start is missing")
    assert reading == only(EASYMETER)


def test_a_missing_block_check_is_told() -> None:
    error, reading = decode(MODE_C[:-2] + EASYMETER)
    assert str(error) == "byte 0: no block check after the readout"
    assert reading == only(EASYMETER)


def test_a_readout_without_end_is_given_up() -> None:
    decoder = d0.Decoder()
    [error] = decoder.feed(EASYMETER[:50] + b"x" * MAX_READOUT)
    assert "no end of the readout within" in str(error)
    assert len(decoder._splitter._buffer) < 100
    [reading] = decoder.feed(EASYMETER + b"/")
    assert isinstance(reading, Reading)


numbers = st.integers(-999_999, 999_999)


@given(st.lists(numbers, min_size=1, max_size=30), st.integers(0, 400), st.booleans())
def test_what_was_encoded_is_decoded(
    values: list[int],
    cut: int,
    mode_c: bool,
) -> None:
    lines = (f"1-0:{n}.99.0*255({v}*Wh)" for n, v in enumerate(values))
    data = readout(*lines, mode_c=mode_c)
    [reading] = decode(data[:cut], data[cut:])
    assert isinstance(reading, Reading)
    assert [raw.value for raw in reading.raw] == values
