"""Our values against those of dsmr-parser, on telegrams with any values."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from dsmr_parser import telegram_specifications  # type: ignore[import-untyped]
from dsmr_parser.parsers import TelegramParser  # type: ignore[import-untyped]
from hypothesis import given, settings, strategies as st
import pytest

from cem_core.meter import parse
from cem_core.model import Reading
from tests.telegrams.compose import DSMR4, DSMR5, EMUCS, telegram

V4: Final = TelegramParser(telegram_specifications.V4)
V5: Final = TelegramParser(telegram_specifications.V5)
BELGIUM: Final = TelegramParser(telegram_specifications.BELGIUM_FLUVIUS)

# dsmr-parser's name -> how to find the same in a reading, in its unit.
SCALARS: Final = {
    "CURRENT_ELECTRICITY_USAGE": ("import_power_w", 1000),
    "CURRENT_ELECTRICITY_DELIVERY": ("export_power_w", 1000),
    "BELGIUM_CURRENT_AVERAGE_DEMAND": ("demand_w", 1000),
    "ACTUAL_TRESHOLD_ELECTRICITY": ("limiter_threshold_w", 1000),
    "ELECTRICITY_ACTIVE_TARIFF": ("tariff", 1),
    "FUSE_THRESHOLD_L1": ("fuse_threshold_a", 1),
}
PHASES: Final = {
    "INSTANTANEOUS_VOLTAGE_L{}": ("voltage_v", 1),
    "INSTANTANEOUS_CURRENT_L{}": ("current_a", 1),
    "INSTANTANEOUS_ACTIVE_POWER_L{}_POSITIVE": ("import_power_w", 1000),
    "INSTANTANEOUS_ACTIVE_POWER_L{}_NEGATIVE": ("export_power_w", 1000),
}
ENERGIES: Final = {
    "ELECTRICITY_USED_TARIFF_{}": "import_energy_wh",
    "ELECTRICITY_DELIVERED_TARIFF_{}": "export_energy_wh",
}


def ours(reading: Reading) -> dict[str, float]:
    """Return what we read, under dsmr-parser's names and in our units."""
    values: dict[str, float | None] = {
        name: getattr(reading, field) for name, (field, _) in SCALARS.items()
    }
    for phase in reading.phases:
        for name, (field, _) in PHASES.items():
            values[name.format(phase.phase)] = getattr(phase, field)
    for name, field in ENERGIES.items():
        for tariff, energy_wh in getattr(reading, field).items():
            values[name.format(tariff)] = energy_wh
    for phase_no, count in reading.voltage_sags.items():
        values[f"VOLTAGE_SAG_L{phase_no}_COUNT"] = count
    for phase_no, count in reading.voltage_swells.items():
        values[f"VOLTAGE_SWELL_L{phase_no}_COUNT"] = count
    if reading.power_failures is not None:
        values["SHORT_POWER_FAILURE_COUNT"] = reading.power_failures.short
        values["LONG_POWER_FAILURE_COUNT"] = reading.power_failures.long
    if reading.month_peak is not None:
        values["BELGIUM_MAXIMUM_DEMAND_MONTH"] = reading.month_peak.power_w
    return {name: value for name, value in values.items() if value is not None}


def theirs(oracle: TelegramParser, data: bytes, names: set[str]) -> dict[str, float]:
    """Return what dsmr-parser reads under ``names``, in our units."""
    parsed: Any = oracle.parse(data.decode("ascii"))
    found = {}
    for name in names:
        item = getattr(parsed, name, None)
        if item is not None and item.value is not None:
            scale = 1000 if item.unit in {"kW", "kWh"} else 1
            found[name] = float(Decimal(item.value) * scale)
    return found


def agree(oracle: TelegramParser, data: bytes) -> int:
    """Compare all that both can say and return how much that is."""
    reading = parse(data)
    mine = ours(reading)
    others = theirs(oracle, data, set(mine))
    assert {name: mine[name] for name in others} == pytest.approx(others)
    parsed: Any = oracle.parse(data.decode("ascii"))
    stamp: datetime = parsed.P1_MESSAGE_TIMESTAMP.value
    assert reading.timestamp == stamp.astimezone(UTC)
    return len(others)


@pytest.mark.parametrize(
    ("oracle", "data", "count"),
    [(V4, DSMR4, 14), (V5, DSMR5, 27), (BELGIUM, EMUCS, 23)],
    ids=["dsmr4", "dsmr5", "emucs"],
)
def test_whole_telegrams_agree(oracle: TelegramParser, data: bytes, count: int) -> None:
    assert agree(oracle, data) == count


kilowatts = st.integers(0, 99_999).map(lambda w: f"{w / 1000:06.3f}*kW")
energies = st.integers(0, 999_999_999).map(lambda wh: f"{wh / 1000:010.3f}*kWh")
volts = st.integers(0, 9999).map(lambda dv: f"{dv / 10:05.1f}*V")
amperes = st.integers(0, 999).map(lambda a: f"{a:03d}*A")
counts = st.integers(0, 99_999).map(lambda n: f"{n:05d}")
# Half a year of each letter, so that every time exists.
times = st.one_of(
    st.datetimes(datetime(2020, 4, 1), datetime(2020, 9, 30)).map(  # noqa: DTZ001
        lambda t: f"{t:%y%m%d%H%M%S}S"
    ),
    st.datetimes(datetime(2020, 11, 1), datetime(2021, 2, 28)).map(  # noqa: DTZ001
        lambda t: f"{t:%y%m%d%H%M%S}W"
    ),
)
OBJECTS: Final = {
    "1-0:1.7.0": kilowatts,
    "1-0:2.7.0": kilowatts,
    "1-0:21.7.0": kilowatts,
    "1-0:62.7.0": kilowatts,
    "1-0:1.8.1": energies,
    "1-0:1.8.2": energies,
    "1-0:2.8.1": energies,
    "1-0:2.8.2": energies,
    "1-0:32.7.0": volts,
    "1-0:52.7.0": volts,
    "1-0:31.7.0": amperes,
    "1-0:71.7.0": amperes,
    "1-0:72.32.0": counts,
    "1-0:32.36.0": counts,
    "0-0:96.7.21": counts,
    "0-0:96.7.9": counts,
}


@given(
    time=times, values=st.fixed_dictionaries({}, optional=OBJECTS), order=st.randoms()
)
@settings(max_examples=150, deadline=None)
def test_any_values_agree(time: str, values: dict[str, str], order: Any) -> None:
    lines = [f"{code}({value})" for code, value in values.items()]
    order.shuffle(lines)
    data = telegram(["1-3:0.2.8(50)", f"0-0:1.0.0({time})", *lines])
    assert agree(V5, data) == len(values)
