from dataclasses import replace
from datetime import UTC, datetime, timedelta

from dsmr_parser import telegram_specifications  # type: ignore[import-untyped]  # it carries no types
from dsmr_parser.parsers import TelegramParser  # type: ignore[import-untyped]
import pytest

from cem_core.meter import TelegramError, parse
from cem_core.model import Breaker
from cem_core.simulation.faults import Fault, Order
from cem_core.simulation.home import Home
from cem_core.simulation.registers import Standard
from cem_core.simulation.telegram import crc16
from tests.cem_core.simulation.conftest import NewHome


def played(home: Home, seconds: int = 90) -> bytes:
    for _ in range(seconds):
        home.step()
    sent = home.telegram()
    assert sent is not None
    return sent


def dutch(home: Home) -> Home:
    home.plate = replace(home.plate, standard=Standard.DSMR5)
    return home


def test_crc_of_a_known_text() -> None:
    assert crc16(b"123456789") == 0xBB3D  # CRC-16/ARC


def test_lines_end_as_on_the_wire(home: Home) -> None:
    sent = played(home)
    assert sent.startswith(b"/FLU5\\253770234_A\r\n\r\n0-0:96.1.4(50217)\r\n")
    assert sent.count(b"\n") == sent.count(b"\r\n") == sent.count(b"\r")
    assert sent[-7:-6] == b"!"
    assert sent[-6:-2] == b"%04X" % crc16(sent[:-6])


def test_our_own_decoder_reads_the_belgian_telegram(home: Home) -> None:
    reading = parse(played(home))
    assert reading.timestamp == home.now
    assert reading.power_w == pytest.approx(home.grid_power_w, abs=1)
    assert reading.demand_w == pytest.approx(home.registers.demand_w, abs=0.6)
    assert reading.month_peak is not None
    assert reading.month_peak.power_w == 4000
    assert len(reading.peak_history) == 13
    assert reading.breaker is Breaker.CONNECTED
    assert reading.tariff == 1
    for phase, real in zip(reading.phases, home.phases, strict=True):
        assert phase.voltage_v == pytest.approx(real.voltage_v, abs=0.051)
        assert phase.current_a == pytest.approx(real.current_a, abs=0.0051)
        net_w = (phase.import_power_w or 0) - (phase.export_power_w or 0)
        assert net_w == pytest.approx(real.power_w, abs=0.51)


def test_our_own_decoder_reads_the_dutch_telegram(home: Home) -> None:
    reading = parse(played(dutch(home)))
    assert reading.version == "50"
    assert reading.power_w == pytest.approx(home.grid_power_w, abs=1)
    assert reading.demand_w is None
    assert [phase.phase for phase in reading.phases] == [1, 2, 3]


def test_another_program_reads_the_belgian_telegram(home: Home) -> None:
    sent = played(home).decode("ascii")
    read = TelegramParser(telegram_specifications.BELGIUM_FLUVIUS).parse(sent)
    import_kw = float(read.CURRENT_ELECTRICITY_USAGE.value)
    export_kw = float(read.CURRENT_ELECTRICITY_DELIVERY.value)
    net_w = 1000 * (import_kw - export_kw)
    assert net_w == pytest.approx(home.grid_power_w, abs=1)
    assert float(read.BELGIUM_MAXIMUM_DEMAND_MONTH.value) == 4.0
    assert len(read.BELGIUM_MAXIMUM_DEMAND_13_MONTHS) == 13
    assert float(read.ACTUAL_TRESHOLD_ELECTRICITY.value) == 999.9


def test_another_program_reads_the_dutch_telegram(home: Home) -> None:
    sent = played(dutch(home)).decode("ascii")
    read = TelegramParser(telegram_specifications.V5).parse(sent)
    wh = 1000 * float(read.ELECTRICITY_USED_TARIFF_1.value)
    assert wh == int(home.registers.import_wh[1])
    volts = float(read.INSTANTANEOUS_VOLTAGE_L1.value)
    assert volts == pytest.approx(home.phases[0].voltage_v, abs=0.051)


def test_summer_and_winter_time_are_told(new_home: NewHome) -> None:
    # 01:30 UTC comes after the clocks went back: the second 02:30 of the night.
    second = new_home(datetime(2026, 10, 25, 1, 29, 59, tzinfo=UTC))
    first = new_home(datetime(2026, 10, 25, 0, 29, 59, tzinfo=UTC))
    assert b"0-0:1.0.0(261025023000S)" in played(first, 1)
    assert b"0-0:1.0.0(261025023000W)" in played(second, 1)


def test_the_limiter_is_told_when_there_is_one(home: Home) -> None:
    home.plate = replace(home.plate, limiter_w=5000, fuse_a=25)
    reading = parse(played(home))
    assert (reading.limiter_threshold_w, reading.fuse_threshold_a) == (5000, 25)


def test_a_month_without_a_peak_yet(new_home: NewHome) -> None:
    # 00:05 in Brussels on the first of December.
    reading = parse(played(new_home(datetime(2026, 11, 30, 23, 5, tzinfo=UTC))))
    assert b"1-0:1.6.0(632525252525W)(00.000*kW)" in played(
        new_home(datetime(2026, 11, 30, 23, 5, tzinfo=UTC))
    )
    assert reading.power_w is not None


def test_a_bad_crc_is_refused_and_over_when_the_fault_is(home: Home) -> None:
    home.befall(Order(fault=Fault.BAD_CRC, device="meter", seconds=5))
    with pytest.raises(TelegramError):
        parse(played(home, 1))
    assert parse(played(home, 10)).power_w is not None


def test_a_silent_meter_sends_nothing(home: Home) -> None:
    home.befall(Order(fault=Fault.SILENCE, device="meter", seconds=5))
    home.step()
    assert home.telegram() is None
    played(home, 10)


def test_a_clock_jump_moves_the_meter_s_clock_alone(home: Home) -> None:
    home.befall(Order(fault=Fault.CLOCK_JUMP, device="meter", seconds=5, by=-600))
    reading = parse(played(home, 1))
    assert reading.timestamp == home.now - timedelta(minutes=10)
    assert parse(played(home, 10)).timestamp == home.now
