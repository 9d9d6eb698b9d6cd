"""TIC frames -> readings."""

from datetime import UTC, datetime
import itertools

from hypothesis import given, strategies as st
import pytest

from cem_core.meter import tic
from cem_core.meter.tic import MAX_FRAME
from cem_core.model import Breaker, PhaseReading, RawValue, Reading
from tests.cem_core.meter.decoding import Decoding, told
from tests.telegrams.tic import HISTORIQUE, STANDARD, frame, group, historique

STREAM = b"P 02840 /\r\x03" + HISTORIQUE + STANDARD[:300] + STANDARD + HISTORIQUE[:99]
DECODING = Decoding(tic.Decoder)
decode, only, refused = DECODING.decode, DECODING.only, DECODING.refused


def test_a_historique_frame_says_what_the_meter_measured() -> None:
    reading = only(HISTORIQUE)
    assert reading.format == "tic"
    assert reading.meter_id == "021861348497"
    assert reading.import_energy_wh == {
        "1": 18_328_856,
        "2": 23_739_545,
        "3": 1_466_099,
        "4": 2_132_883,
        "5": 860_118,
        "6": 844_115,
    }
    assert reading.tariff == 1
    assert reading.phases == (PhaseReading(phase=1, current_a=12),)
    assert reading.limit_warning is False
    assert reading.timestamp is None
    assert RawValue(code="PAPP", value=2840, unit="VA") in reading.raw
    assert RawValue(code="MOTDETAT", value="000000") in reading.raw


def test_a_standard_frame_says_what_the_meter_measured() -> None:
    reading = only(STANDARD)
    assert reading.meter_id == "064468368739"
    assert reading.version == "02"
    assert reading.timestamp == datetime(2019, 3, 23, 15, 10, 39, tzinfo=UTC)
    assert reading.import_energy_wh == {
        "total": 23_456_789,
        "1": 3_456_789,
        "2": 20_000_000,
    }
    assert reading.export_energy_wh == {"total": 12_345}
    assert reading.tariff == 2
    assert reading.subscribed_power_va == 6000
    assert reading.breaker is Breaker.CONNECTED
    assert reading.limit_warning is False
    assert reading.message is None
    assert [(p.voltage_v, p.current_a) for p in reading.phases] == [
        (226, 1),
        (227, 12),
        (230, 0),
    ]
    raw = {value.code: value for value in reading.raw}
    assert raw["SMAXSN-1"] == RawValue(
        code="SMAXSN-1",
        value=2624,
        unit="VA",
        timestamp=datetime(2019, 3, 22, 6, 34, 3, tzinfo=UTC),
    )
    assert raw["PRM"].value == "21376700393040"
    assert raw["NGTF"].value == "TEMPO"


def test_apparent_power_is_no_power() -> None:
    for data in (HISTORIQUE, STANDARD):
        assert only(data).import_power_w is None
        assert only(data).power_w is None


@pytest.mark.parametrize(
    "text",
    [
        "PAPP 00750 -",
        "ADPS 032 =",
        "IINST 004 [",
        "MOTDETAT 000000 B",
        "PREF\t06\tE",
        "PCOUP\t06\t_",
        "STGE\t003A0001\t:",
    ],
)
def test_a_known_checksum_is_right(text: str) -> None:
    assert len(only(b"\x02\n" + text.encode("ascii") + b"\r\x03").raw) == 1


@pytest.mark.parametrize("label", ["ADPS", "ADIR1", "ADIR2", "ADIR3"])
def test_a_warning_of_historique_mode_is_a_limit_warning(label: str) -> None:
    assert only(frame([historique(label, "032")])).limit_warning is True


@pytest.mark.parametrize(
    ("status", "breaker", "warning"),
    [
        ("003A0001", Breaker.CONNECTED, False),
        ("003A0081", Breaker.CONNECTED, True),
        ("003A0083", Breaker.DISCONNECTED, True),
        ("003A000D", Breaker.DISCONNECTED, False),
    ],
)
def test_the_status_register_tells_breaker_and_overrun(
    status: str, breaker: Breaker, *, warning: bool
) -> None:
    reading = only(frame([group("STGE", status)]))
    assert (reading.breaker, reading.limit_warning) == (breaker, warning)


@pytest.mark.parametrize(
    ("labels", "energy"),
    [
        (["BASE"], {"total": 7}),
        (["HCHC", "HCHP"], {"1": 7, "2": 7}),
        (["EJPHN", "EJPHPM"], {"1": 7, "2": 7}),
    ],
)
def test_each_option_has_its_registers(
    labels: list[str], energy: dict[str, int]
) -> None:
    reading = only(frame([historique(label, "000000007") for label in labels]))
    assert reading.import_energy_wh == energy


@pytest.mark.parametrize(
    ("text", "hour"),
    [("H251026023000", 1), ("E251026023000", 0), ("h251026023000", None)],
)
def test_the_season_letter_tells_the_doubled_hour_apart(
    text: str, hour: int | None
) -> None:
    time = only(frame([group("DATE", text, "")])).timestamp
    expected = hour if hour is None else datetime(2025, 10, 26, hour, 30, tzinfo=UTC)
    assert time == expected


def test_three_currents_are_three_phases() -> None:
    reading = only(frame([historique(f"IINST{n}", f"00{n}") for n in (1, 2, 3)]))
    assert [(p.phase, p.current_a) for p in reading.phases] == [(1, 1), (2, 2), (3, 3)]


def test_messages_are_one_text() -> None:
    groups = [group("MSG1", "COUPURE  DEMAIN "), group("MSG2", "   8H A 9H")]
    assert only(frame(groups)).message == "COUPURE DEMAIN 8H A 9H"


def test_an_empty_number_is_not_zero() -> None:
    reading = only(frame([group("SMAXSN", " " * 13, "     "), group("EAIT", "")]))
    assert reading.export_energy_wh == {}
    assert [value.value for value in reading.raw] == ["", ""]


def test_an_unknown_label_stays_raw() -> None:
    assert only(frame([historique("GAZ", "AB CD")])).raw[0].value == "AB CD"


def test_an_unknown_label_may_have_a_time() -> None:
    [raw] = only(frame([group("NEW", "E250701120000", "AB")])).raw
    assert raw.timestamp == datetime(2025, 7, 1, 10, tzinfo=UTC)


def test_an_empty_frame_is_no_error() -> None:
    assert decode(b"\x02\x03") == []


@pytest.mark.parametrize(
    "data",
    [
        b"\x02\nPAPP 00751 -\r\x03",
        b"\x02PAPP 00750 -\r\x03",
        b"\x02\nPAPP 00750 -\x03",
        b"\x02\nPAPP 00750 -\r\n\x03",
        b"\x02\nPAPP_00750_-\r\x03",
        b"\x02\nP\r\x03",
        b"\x02\nPAPP 0075\xb0 -\r\x03",
        frame([historique("PAPP", "7x")]),
        frame([historique("papp", "7")]),
        frame([historique("PAPP", "00001"), historique("PAPP", "00002")]),
        frame([group("STGE", "003A000G")]),
        frame([group("DATE", "H251326023000", "")]),
        frame([group("DATE", "X251026023000", "")]),
        frame([group("DATE", "H251026023000")]),
        frame([group("PREF", "H251026023000", "06")]),
        frame([group("PREF", "0", "0", "6")]),
        frame([historique("ADCO", "12")]),
    ],
)
def test_a_damaged_group_refuses_the_frame(data: bytes) -> None:
    refused(data)


FREE_TEXT = {"OPTARIF", "NGTF", "LTARF", "MSG1", "PJOURF+1", "HHPHC", "DEMAIN"}


def checked(reading: Reading) -> list[RawValue]:
    return [raw for raw in reading.raw if raw.code not in FREE_TEXT]


@pytest.mark.parametrize("data", [HISTORIQUE, STANDARD])
@pytest.mark.parametrize("flip", [*(1 << bit for bit in range(8)), 0x41, 0x6A, 0xC0])
def test_one_damaged_byte_never_becomes_a_value(data: bytes, flip: int) -> None:
    sound = checked(only(data))
    for at in range(len(data)):
        damaged = bytearray(data)
        damaged[at] ^= flip
        for result in decode(bytes(damaged)):
            assert not isinstance(result, Reading) or checked(result) == sound


@pytest.mark.parametrize("mark", [b"\x02", b"\x03"])
@given(at=st.integers(0, len(HISTORIQUE) - 1))
def test_no_damaged_byte_cuts_a_frame_in_two(mark: bytes, at: int) -> None:
    damaged = HISTORIQUE[:at] + mark + HISTORIQUE[at + 1 :]
    for result in decode(damaged):
        assert not isinstance(result, Reading) or result == only(HISTORIQUE)


@given(st.lists(st.integers(0, len(STREAM)), max_size=40))
def test_a_stream_reads_the_same_wherever_it_is_cut(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(STREAM)]
    pieces = [STREAM[a:b] for a, b in itertools.pairwise(edges)]
    assert told(decode(*pieces)) == told(decode(STREAM))


def test_frames_are_found_between_noise_and_others_cut_short() -> None:
    missing, first, cut, second, unfinished = decode(STREAM)
    assert str(missing) == "byte 10: end of a frame whose start is missing"
    assert first == only(HISTORIQUE)
    follower = 11 + len(HISTORIQUE) + 300
    assert str(cut).endswith(f"unfinished frame: the next starts at byte {follower}")
    assert second == only(STANDARD)
    place = follower + len(STANDARD)
    assert str(unfinished) == f"byte {place}: unfinished frame: the input ends"


def test_the_place_of_an_error_is_that_of_the_group() -> None:
    at = HISTORIQUE.index(b"\nIINST")
    damaged = HISTORIQUE.replace(b"IINST 012", b"IINST 013")
    assert refused(b"noise" + damaged).startswith(f"byte {5 + at}: IINST: checksum")


def test_a_frame_that_the_meter_breaks_off_is_told() -> None:
    broken, reading = decode(HISTORIQUE[:50] + b"\x04" + HISTORIQUE)
    assert str(broken) == "byte 0: unfinished frame: the meter broke it off"
    assert reading == only(HISTORIQUE)
    assert decode(b"\x04" + HISTORIQUE) == [reading]


def test_a_frame_without_end_is_given_up() -> None:
    decoder = tic.Decoder()
    [error] = decoder.feed(b"\x02" + b"x" * MAX_FRAME * 3)
    assert str(error) == f"byte 0: no end of the frame within {MAX_FRAME} bytes"
    assert len(decoder._buffer) == 0
    reading, late = decode(b"x" * MAX_FRAME * 2 + HISTORIQUE + b"\x02")
    assert isinstance(reading, Reading)
    assert str(late).startswith(f"byte {MAX_FRAME * 2 + len(HISTORIQUE)}:")


labels = st.sampled_from(["EAST", "EASF01", "PREF", "URMS1", "IRMS1", "SINSTS"])


@given(st.dictionaries(labels, st.integers(0, 999)), st.integers(0, 200))
def test_what_was_encoded_is_decoded(numbers: dict[str, int], cut: int) -> None:
    data = frame(group(label, f"{number:03}") for label, number in numbers.items())
    results = decode(data[:cut], data[cut:])
    readings = [r for r in results if isinstance(r, Reading)]
    assert readings == results
    said = {raw.code: raw.value for reading in readings for raw in reading.raw}
    assert said == numbers
