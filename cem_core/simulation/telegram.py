"""Registers and phases -> the bytes of a P1 telegram (DSMR 5, e-MUCS)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cem_core.simulation.mains import Phase
from cem_core.simulation.registers import MonthPeak, Registers, Standard

CRC_POLYNOMIAL: Final = 0xA001
# e-MUCS: how a meter writes that something is not known or not limited.
NO_TIME: Final = "632525252525W"
NO_LIMITER_KW: Final = 999.9
NO_FUSE_A: Final = 999
HIGHEST_KW: Final = 99.999


@dataclass(frozen=True, slots=True, kw_only=True)
class Plate:
    """What does not change: who the meter is and how it is set up."""

    standard: Standard
    serial: str = "1SAG1105412345"
    ean: str = "541440012345678900"
    limiter_w: int | None = None
    fuse_a: int | None = None


def _crc_of_byte(byte: int) -> int:
    crc = byte
    for _ in range(8):
        crc = (crc >> 1) ^ (CRC_POLYNOMIAL if crc & 1 else 0)
    return crc


CRC_TABLE: Final = tuple(_crc_of_byte(byte) for byte in range(256))


def crc16(content: bytes) -> int:
    """Return the CRC16 of DSMR: polynomial x16+x15+x2+1, reflected, from 0."""
    crc = 0
    for byte in content:
        crc = (crc >> 8) ^ CRC_TABLE[(crc ^ byte) & 0xFF]
    return crc


def telegram(
    plate: Plate, registers: Registers, phases: Sequence[Phase], local: datetime
) -> bytes:
    """Return one telegram as the meter sends it at ``local``."""
    if plate.standard is Standard.BELGIUM:
        lines = _belgium(plate, registers, phases, local)
    else:
        lines = _dsmr5(plate, registers, phases, local)
    content = "\r\n".join((*lines, "!")).encode("ascii")
    return content + f"{crc16(content):04X}\r\n".encode("ascii")


def _belgium(
    plate: Plate, registers: Registers, phases: Sequence[Phase], local: datetime
) -> list[str]:
    limiter_kw = NO_LIMITER_KW if plate.limiter_w is None else plate.limiter_w / 1000
    fuse_a = NO_FUSE_A if plate.fuse_a is None else plate.fuse_a
    return [
        "/FLU5\\253770234_A",
        "",
        "0-0:96.1.4(50217)",
        f"0-0:96.1.1({plate.serial.encode('ascii').hex().upper()})",
        f"0-0:96.1.2({plate.ean.encode('ascii').hex().upper()})",
        f"0-0:1.0.0({_time(local)})",
        *_energies(registers),
        f"0-0:96.14.0({registers.tariff:04d})",
        f"1-0:1.4.0({_kw(registers.demand_w)})",
        f"1-0:1.6.0({_peak(registers.month_peak)})",
        _history(registers),
        *_powers(phases),
        *_voltages(phases, "{:05.1f}"),
        *_currents(phases, "{:06.2f}"),
        "0-0:96.3.10(1)",
        f"0-0:17.0.0({limiter_kw:05.1f}*kW)",
        f"1-0:31.4.0({fuse_a:03d}*A)",
        "0-0:96.13.0()",
    ]


def _dsmr5(
    plate: Plate, registers: Registers, phases: Sequence[Phase], local: datetime
) -> list[str]:
    counters = [
        f"1-0:{code}.0(00000)"
        for code in ("32.32", "52.32", "72.32", "32.36", "52.36", "72.36")
    ]
    return [
        "/ISK5\\2M550T-1012",
        "",
        "1-3:0.2.8(50)",
        f"0-0:1.0.0({_time(local)})",
        f"0-0:96.1.1({plate.serial.encode('ascii').hex().upper()})",
        *_energies(registers),
        f"0-0:96.14.0({registers.tariff:04d})",
        _total(phases, "1-0:1.7.0", 1),
        _total(phases, "1-0:2.7.0", -1),
        f"0-0:96.7.21({registers.failures:05d})",
        f"0-0:96.7.9({registers.long_failures:05d})",
        _failure_log(registers),
        *counters,
        "0-0:96.13.0()",
        *_voltages(phases, "{:05.1f}"),
        *_currents(phases, "{:03.0f}"),
        *_phase_powers(phases),
    ]


def _energies(registers: Registers) -> list[str]:
    return [
        f"1-0:{code}.8.{tariff}({_kwh(energies[tariff])})"
        for code, energies in ((1, registers.import_wh), (2, registers.export_wh))
        for tariff in (1, 2)
    ]


def _powers(phases: Sequence[Phase]) -> list[str]:
    imports = [f"1-0:{n}1.7.0({_kw(p.power_w)})" for n, p in _numbered(phases)]
    exports = [f"1-0:{n}2.7.0({_kw(-p.power_w)})" for n, p in _numbered(phases)]
    return [
        _total(phases, "1-0:1.7.0", 1),
        _total(phases, "1-0:2.7.0", -1),
        *imports,
        *exports,
    ]


def _phase_powers(phases: Sequence[Phase]) -> list[str]:
    return _powers(phases)[2:]


def _total(phases: Sequence[Phase], code: str, sign: int) -> str:
    return f"{code}({_kw(sign * sum(phase.power_w for phase in phases))})"


def _voltages(phases: Sequence[Phase], form: str) -> list[str]:
    return [
        f"1-0:{n}2.7.0({form.format(p.voltage_v)}*V)"
        for n, p in _numbered(phases, first=3)
    ]


def _currents(phases: Sequence[Phase], form: str) -> list[str]:
    return [
        f"1-0:{n}1.7.0({form.format(p.current_a)}*A)"
        for n, p in _numbered(phases, first=3)
    ]


def _numbered(phases: Sequence[Phase], first: int = 2) -> list[tuple[int, Phase]]:
    """OBIS groups: powers of a phase 2, 4, 6; voltage and current 3, 5, 7."""
    return [(first + 2 * place, phase) for place, phase in enumerate(phases)]


def _history(registers: Registers) -> str:
    months = "".join(
        f"({_time(month.closed_at)}){_bracketed(month.peak)}"
        for month in registers.history
    )
    return f"0-0:98.1.0({len(registers.history)})(1-0:1.6.0)(1-0:1.6.0){months}"


def _failure_log(registers: Registers) -> str:
    failures = "".join(
        f"({_time(failure.end)})({failure.duration_s:010.0f}*s)"
        for failure in registers.failure_log
    )
    return f"1-0:99.97.0({len(registers.failure_log)})(0-0:96.7.19){failures}"


def _bracketed(peak: MonthPeak) -> str:
    return f"({_peak(peak)})"


def _peak(peak: MonthPeak) -> str:
    at = NO_TIME if peak.at is None else _time(peak.at)
    return f"{at})({_kw(peak.power_w)}"


def _time(local: datetime) -> str:
    summer = local.dst() not in (None, timedelta(0))
    return f"{local:%y%m%d%H%M%S}{'S' if summer else 'W'}"


def _kw(power_w: float) -> str:
    return f"{min(HIGHEST_KW, max(0, round(power_w)) / 1000):06.3f}*kW"


def _kwh(energy_wh: float) -> str:
    """Return a register as shown: whole Wh, never rounded up."""
    return f"{int(energy_wh) / 1000:010.3f}*kWh"
