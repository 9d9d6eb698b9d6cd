"""One telegram: what is read, and what is refused."""

from datetime import UTC, datetime
import itertools

from hypothesis import given, settings, strategies as st
import pytest

from cem_core.meter import Decoder, TelegramError, parse
from cem_core.model import (
    Breaker,
    Peak,
    PhaseReading,
    PowerFailure,
    PowerFailures,
    RawValue,
    Reading,
    Submeter,
    SubmeterKind,
)
from tests.telegrams.compose import CHECKED, DSMR3, DSMR4, DSMR5, EMUCS, telegram


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]  # parts are no tzinfo


def test_dsmr_5() -> None:
    reading = parse(DSMR5)
    assert reading.version == "50"
    assert reading.meter_id == "E0051987654321026"
    assert reading.timestamp == utc(2026, 2, 14, 17, 30, 7)
    assert reading.power_w == -1734
    assert reading.import_energy_wh == {"1": 4_210_035, "2": 3_987_402}
    assert reading.export_energy_wh == {"1": 1_502_880, "2": 3_310_119}
    assert reading.phases[2] == PhaseReading(
        phase=3, voltage_v=233.0, current_a=9, import_power_w=0, export_power_w=2101
    )
    assert reading.power_failures == PowerFailures(
        short=6,
        long=1,
        log=(PowerFailure(end=utc(2023, 6, 18, 20, 41, 1), duration_s=305),),
    )
    assert reading.voltage_sags == {1: 1, 2: 0, 3: 4}
    assert reading.voltage_swells == {1: 0, 2: 2, 3: 0}
    assert reading.message == "Maintenance on 3 March, 09:00 to 12:00"
    assert reading.submeters[1] == Submeter(
        channel=2,
        kind=SubmeterKind.HEAT,
        meter_id="H0009007766554433",
        timestamp=utc(2026, 2, 14, 17),
        value=12.087,
        unit="GJ",
    )


def test_what_a_meter_does_not_say_is_unknown_and_zero_is_zero() -> None:
    reading = parse(DSMR5)
    assert reading.import_power_w == 0
    assert reading.demand_w is None
    assert reading.limiter_threshold_w is None
    assert reading.breaker is None
    assert reading.peak_history == ()
    assert parse(DSMR4).message is None


def test_belgian_peaks_and_limits() -> None:
    reading = parse(EMUCS)
    assert reading.version == "50217"
    assert reading.demand_w == 1208
    assert reading.month_peak == Peak(at=utc(2026, 7, 1, 9, 30), power_w=2944)
    assert reading.peak_history == (
        Peak(at=None, power_w=0),
        Peak(at=utc(2026, 5, 17, 16, 45), power_w=5120),
        Peak(at=utc(2026, 6, 4, 5, 15), power_w=4035),
    )
    assert reading.limiter_threshold_w == 999_900  # limits know that it means none
    assert reading.fuse_threshold_a == 999
    assert reading.breaker is Breaker.CONNECTED
    gas, water = reading.submeters
    assert (gas.kind, gas.value, gas.valve) == (SubmeterKind.GAS, 451.233, "open")
    assert (water.kind, water.meter_id) == (SubmeterKind.WATER, "8SET0000135790")


def test_dsmr_3_without_checksum_and_gas_on_a_line_of_its_own() -> None:
    reading = parse(DSMR3)
    assert reading.import_power_w == 610
    [gas] = reading.submeters
    assert (gas.value, gas.unit, gas.timestamp) == (1999.418, "m3", None)


@pytest.mark.parametrize(("text", "hour"), [("251026024500S", 0), ("251026024500W", 1)])
def test_the_letter_tells_the_doubled_hour_apart(text: str, hour: int) -> None:
    reading = parse(telegram([f"0-0:1.0.0({text})"]))
    assert reading.timestamp == utc(2025, 10, 26, hour, 45)


def one(code: str, *texts: str) -> Reading:
    return parse(telegram([f"{code}({')('.join(texts)})"]))


def test_a_unit_without_its_star_is_read() -> None:
    assert one("1-0:1.8.1", "001247.747kWh").import_energy_wh == {"1": 1_247_747}


def test_units_are_scaled() -> None:
    assert one("1-0:1.7.0", "000000286*W").import_power_w == 286
    assert one("1-0:4.7.0", "0000.505*kVAr").reactive_export_power_var == 505
    assert one("1-0:2.8.0", "00.011*kWh").export_energy_wh == {"total": 11}


def test_the_value_group_255_changes_nothing() -> None:
    assert one("1-0:21.7.0*255", "01.111*kW").phases[0].import_power_w == 1111


def test_a_signed_power_is_import_or_export() -> None:
    for code, phase in (("1-0:1.7.0", "1-0:41.7.0"), ("1-0:16.7.0", "1-0:56.7.0")):
        for power_w, powers in ((-543, (0, 543)), (543, (543, 0))):
            reading = one(f"{code}*255", f"{power_w}*W")
            said = (reading.import_power_w, reading.export_power_w or 0)
            assert said == powers
            [l2] = one(phase, f"{power_w}*W").phases
            assert (l2.phase, l2.import_power_w, l2.export_power_w or 0) == (2, *powers)


def test_easymeter_writes_255_for_the_tariff() -> None:
    assert one("1-0:1.7.255*255", "-000247.37*W").export_power_w == 247
    assert one("1-0:61.7.255*255", "000079.03*W").phases[0].import_power_w == 79


def test_a_net_power_does_not_change_what_was_said_apart() -> None:
    lines = ["1-0:1.7.0(2*kW)", "1-0:2.7.0(1*kW)", "1-0:16.7.0(1*kW)"]
    reading = parse(telegram(lines))
    assert (reading.import_power_w, reading.export_power_w) == (2000, 1000)


@pytest.mark.parametrize(
    ("code", "breaker"),
    [("0", Breaker.DISCONNECTED), ("2", Breaker.READY), ("7", None)],
)
def test_breaker(code: str, breaker: Breaker | None) -> None:
    assert one("0-0:96.3.10", code).breaker is breaker


def test_a_limiter_in_ampere_stays_raw() -> None:
    reading = one("0-0:17.0.0", "016*A")
    assert reading.limiter_threshold_w is None
    assert reading.raw == (RawValue(code="0-0:17.0.0", value=16, unit="A"),)


def test_an_identifier_that_is_no_text_stays_as_it_is() -> None:
    assert one("0-0:96.1.1", "00112233445566").meter_id == "00112233445566"
    assert one("0-0:96.13.0", "not hex").message == "not hex"


@pytest.mark.parametrize("time", ["632525252525W", "000000000000W", "000000000000S"])
def test_a_clock_that_never_ran_says_no_time(time: str) -> None:
    log = f"1-0:99.97.0(2)(0-0:96.7.19)({time})(0000000023*s)({time})(23)"
    reading = parse(telegram([f"0-0:1.0.0({time})", log, "1-0:1.7.0(00.096*kW)"]))
    assert (reading.timestamp, reading.import_power_w) == (None, 96)
    assert reading.power_failures is None


def test_a_wrapped_message_is_one() -> None:
    lines = ["0-0:96.13.0(" + "48616C6C6F" * 7, "20" * 20, "416C6C6D)"]
    reading = parse(telegram([*lines, "1-0:1.7.0(00.096*kW)"]))
    assert (reading.message, reading.import_power_w) == (
        "Hallo" * 7 + " " * 20 + "Allm",
        96,
    )
    for code in ("1-0:1.7.0", "0-0:96.13.0"):
        with pytest.raises(TelegramError, match="closing bracket"):
            parse(telegram([f"{code}({'30' * 30}", "1-0:2.7.0(00.001*kW)"]))


def test_raw_holds_every_bracket() -> None:
    reading = parse(
        telegram(["9-9:9.9.9(A)(0012)(260101000000W)(1.50*xy)(632525252525W)(3*s)"])
    )
    code = "9-9:9.9.9"
    assert reading.raw == (
        RawValue(code=code, value="A"),
        RawValue(code=code, value=12),
        RawValue(code=code, value=1.5, unit="xy", timestamp=utc(2025, 12, 31, 23)),
        RawValue(code=code, value="632525252525W"),
        RawValue(code=code, value=3, unit="s"),
    )


def test_a_meter_that_was_never_read_has_no_value() -> None:
    reading = parse(
        telegram(["0-2:24.1.0(003)", "0-2:24.2.1(632525252525S)(00000.000)"])
    )
    assert reading.submeters == (Submeter(channel=2, kind=SubmeterKind.GAS),)


def test_converted_gas_goes_before_unconverted() -> None:
    lines = [
        "0-1:24.2.3(260101000000W)(00002.000*m3)",
        "0-1:24.2.1(260101000000W)(00001.900*m3)",
    ]
    for order in (lines, lines[::-1]):
        assert parse(telegram(order)).submeters[0].value == 1.9


def test_other_things_under_the_code_of_the_peaks_stay_raw() -> None:
    assert one("0-0:98.1.0", "230701000000S", "000040.777*kWh").peak_history == ()
    assert one("0-0:98.1.0", "12").peak_history == ()


@pytest.mark.parametrize(
    "line",
    ["1-0:1.7.0()", "0-0:1.0.0()", "1-0:1.6.0()()", "0-0:96.3.10()", "0-0:98.1.0()"],
)
def test_empty_brackets_say_nothing(line: str) -> None:
    reading = parse(telegram([line]))
    assert {raw.value for raw in reading.raw} == {""}
    assert reading == Reading(format="dsmr", raw=reading.raw)


def test_a_channel_without_a_value_has_none() -> None:
    gas = parse(telegram(["0-1:24.1.0(003)", "0-1:24.2.1(260101000000W)()"]))
    assert gas.submeters == (Submeter(channel=1, kind=SubmeterKind.GAS),)


def test_a_clock_without_the_letter_of_its_season_is_not_trusted() -> None:
    assert one("0-0:1.0.0", "261025023000").timestamp is None


def test_an_empty_failure_log() -> None:
    for texts in (("",), ("0", "0-0:96.7.19")):
        assert one("1-0:99.97.0", *texts).power_failures is None


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ("1-0:1.7.0(00.1.2*kW)", "1-0:1.7.0: '00.1.2*kW' is no number"),
        ("1-0:1.7.0(0x.100*kW)", "1-0:1.7.0: '0x.100*kW' is no number"),
        ("1-0:1.7.0(00,100*kW)", "1-0:1.7.0: '00,100*kW' is no number"),
        ("1-0:1.7.0(1e3*W)", "1-0:1.7.0: '1e3*W' is no number"),
        ("1-0:1.7.0(\xb2*kW)", "1-0:1.7.0: '\xb2*kW' is no number"),
        ("1-0:1.7.0(00.100*V)", "1-0:1.7.0: 0.1 has the unexpected unit V"),
        ("1-0:1.7.0(00.100)", "1-0:1.7.0: 0.1 has the unexpected unit None"),
        ("1-0:2.7.0(-0.100*kW)", "1-0:2.7.0: -0.1 kW is out of range"),
        ("1-0:1.7.0(99999.9*kW)", "1-0:1.7.0: 99999.9 kW is out of range"),
        ("1-0:32.7.0(6553.5*V)", "1-0:32.7.0: 6553.5 V is out of range"),
        ("1-0:1.7.0(00.123*kW", "1-0:1.7.0: the closing bracket is missing"),
        ("1-0:1.7.0", "'1-0:1.7.0' is no object: expected code(value)"),
        ("1-0:1.7.0(1*kW)(2*kW)", "1-0:1.7.0: expected one value in brackets, found 2"),
        ("0-0:1.0.0(251301000000W)", "0-0:1.0.0: '251301000000W' is no time: "),
        ("0-0:1.0.0(250101000000X)", "0-0:1.0.0: '250101000000X' is no time"),
        ("0-0:1.0.0(251301000000)", "0-0:1.0.0: '251301000000W' is no time: "),
        ("1.7.0(00.100*kW)", "'1.7.0(00.100*kW)' is no object: expected code(value)"),
        ("\x021-0:1.7.0(1*kW)", "'\\x021-0:1.7.0(1*kW)' is no object"),
        ("1-0:1.6.0(02.589*kW)", "1-0:1.6.0: expected (time)(value), found 1 values"),
        (
            "0-0:98.1.0(2)(1-0:1.6.0)(1-0:1.6.0)(250101000000W)(250101000000W)(1*kW)",
            "0-0:98.1.0: 2 peaks announced, 3 values found",
        ),
        ("1-0:99.97.0(1)(c)(250101000000W)", "1-0:99.97.0: a failure without its"),
        ("1-0:99.97.0(1)(c)(250101000000W)(5*h)", "1-0:99.97.0: 5 has the unexpected"),
        ("0-1:24.2.1(250101000000W)(abc)", "0-1:24.2.1: 'abc' is no number"),
        ("0-1:24.2.1(250101000000W)(-1*m3)", "0-1:24.2.1: '-1*m3' is negative"),
        ("0-1:24.2.1(1*m3)", "0-1:24.2.1: expected (time)(value)"),
    ],
)
def test_a_wrong_value_is_refused_although_the_checksum_is_right(
    line: str, cause: str
) -> None:
    good = ["1-3:0.2.8(50)", "1-0:3.7.0(00.100*kvar)"]
    broken = telegram([*good, line])
    with pytest.raises(TelegramError) as refused:
        parse(broken, place=1000)
    assert refused.value.place == 1000 + broken.index(line.encode("latin-1"))
    assert refused.value.cause.startswith(cause)


def test_the_same_object_with_two_values_is_refused() -> None:
    twice = ["1-0:1.7.0(00.100*kW)", "1-0:1.7.0(00.100*kW)"]
    assert parse(telegram(twice)).import_power_w == 100
    with pytest.raises(TelegramError, match="said twice, with different values"):
        parse(telegram([*twice, "1-0:1.7.0(00.200*kW)"]))


def test_a_wrong_checksum_is_told_with_both_values() -> None:
    wrong = telegram(["1-0:1.7.0(00.100*kW)"])[:-6] + b"1A2B\r\n"
    with pytest.raises(TelegramError, match=r"^byte 7: checksum 1A2B, computed"):
        parse(wrong, place=7)


def test_a_checksum_without_leading_zeros_is_a_checksum() -> None:
    lines = ([f"1-0:1.7.0({power_w}*W)"] for power_w in itertools.count())
    whole = next(t for line in lines if (t := telegram(line))[-6:-5] == b"0")
    [reading] = Decoder().feed(whole[:-6] + whole[-6:].lstrip(b"0"))
    assert reading == parse(whole)


@pytest.mark.parametrize("cut", [b"", b"/", b"!", b"/ABC5\r\n", b"/ABC5\r\n\r\n!zz"])
def test_what_is_no_telegram_is_refused(cut: bytes) -> None:
    with pytest.raises(TelegramError, match="no telegram"):
        parse(cut)


@pytest.mark.parametrize("name", CHECKED)
@given(data=st.data())
@settings(max_examples=400)
def test_one_damaged_byte_is_never_read(name: str, data: st.DataObject) -> None:
    damaged = bytearray(CHECKED[name])
    at = data.draw(st.integers(0, len(damaged) - 3))
    damaged[at] ^= data.draw(st.integers(1, 255))
    decoder = Decoder()
    results = [*decoder.feed(bytes(damaged)), *decoder.finish()]
    if bytes(damaged).upper() == CHECKED[name].upper() and at > len(damaged) - 7:
        return  # a checksum digit in lower case is the same digit
    assert results
    assert all(isinstance(result, TelegramError) for result in results)


def test_every_damage_to_the_last_lines_is_refused() -> None:
    for at in range(len(DSMR4) - 60, len(DSMR4) - 2):
        for flip in range(1, 256):
            damaged = bytearray(DSMR4)
            damaged[at] ^= flip
            if bytes(damaged).upper() == DSMR4.upper() and at > len(DSMR4) - 7:
                continue
            decoder = Decoder()
            results = [*decoder.feed(bytes(damaged)), *decoder.finish()]
            assert results, (at, flip)
            assert all(isinstance(r, TelegramError) for r in results), (at, flip)
