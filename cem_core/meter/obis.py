"""OBIS code -> field of `Reading`, as data.

Sources: DSMR 5.0.2 P1 companion standard, chapter 6; e-MUCS P1 1.7.1 (Belgium).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

type Key = int | str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """What a number measures: its units (lower case) and what is possible.

    The ranges are wide: a value outside them cannot come from the connection
    of a house, so the telegram is refused although its checksum is right.
    ``other_units`` mark a number that means something else and only stays raw.
    """

    factors: Mapping[str, float]
    low: float = 0
    high: float
    whole: bool = False
    other_units: frozenset[str] = frozenset()


class Form(StrEnum):
    """What stands in the brackets when it is not one number."""

    PLAIN = "text"
    HEXADECIMAL = "text in hexadecimal"
    TIME = "time"
    BREAKER = "switch position"
    PEAK = "time and power"
    PEAK_HISTORY = "list of peaks"
    FAILURE_LOG = "list of failures"
    SUBMETER_KIND = "kind of meter"
    SUBMETER_VALUE = "time and value"
    SUBMETER_VALUE_2 = "time and value, DSMR 2.2 and 3"
    VALVE = "valve position"


POWER: Final = Quantity(factors={"w": 1, "kw": 1e3}, high=1e6, whole=True)
SIGNED_POWER: Final = Quantity(
    factors=POWER.factors, low=-POWER.high, high=POWER.high, whole=True
)
LIMITER: Final = Quantity(
    factors={"w": 1, "kw": 1e3},
    high=1e6,
    whole=True,
    other_units=frozenset({"a", "kva", "va"}),
)
REACTIVE_POWER: Final = Quantity(factors={"var": 1, "kvar": 1e3}, high=1e6, whole=True)
ENERGY: Final = Quantity(factors={"wh": 1, "kwh": 1e3}, high=1e12, whole=True)
VOLTAGE: Final = Quantity(factors={"v": 1}, high=2e3)
CURRENT: Final = Quantity(factors={"a": 1}, low=-1e4, high=1e4)
FREQUENCY: Final = Quantity(factors={"hz": 1}, high=100)
COUNT: Final = Quantity(factors={"": 1}, high=1e9, whole=True)
DURATION: Final = Quantity(factors={"s": 1, "": 1}, high=1e10, whole=True)
RATIO: Final = Quantity(factors={"": 1}, low=-10, high=10)


@dataclass(frozen=True, slots=True)
class Item:
    """Where an object goes: a field, and its phase, tariff or channel."""

    field: str
    content: Quantity | Form
    key: Key = None


TARIFFS: Final = range(1, 64)
CHANNELS: Final = range(1, 10)
_PHASES: Final = {1: 20, 2: 40, 3: 60}  # phase -> offset of its codes


def _single() -> Iterator[tuple[str, Item]]:
    yield "1-3:0.2.8", Item("version", Form.PLAIN)
    yield "0-0:96.1.4", Item("version", Form.PLAIN)
    yield "0-0:1.0.0", Item("timestamp", Form.TIME)
    yield "0-0:96.1.1", Item("serial_number", Form.HEXADECIMAL)
    # Where no serial number stands under 96.1.1 (Sweden, Hungary, Ireland;
    # Luxembourg; EasyMeter), the best of these names the meter.
    yield "0-0:96.1.0", Item("serial_number_2", Form.HEXADECIMAL)
    yield "0-0:42.0.0", Item("device_name", Form.HEXADECIMAL)
    yield "0-0:96.1.255", Item("server_id", Form.PLAIN)
    yield "1-0:96.1.0", Item("identification", Form.PLAIN)
    yield "1-0:0.0.0", Item("device_address", Form.PLAIN)
    yield "0-0:96.14.0", Item("tariff", COUNT)
    yield "1-0:1.7.0", Item("import_power_w", SIGNED_POWER)  # EasyMeter: export < 0
    yield "1-0:2.7.0", Item("export_power_w", POWER)
    yield "1-0:16.7.0", Item("net_power_w", SIGNED_POWER)
    yield "1-0:3.7.0", Item("reactive_import_power_var", REACTIVE_POWER)
    yield "1-0:4.7.0", Item("reactive_export_power_var", REACTIVE_POWER)
    yield "1-0:1.4.0", Item("demand_w", POWER)
    yield "1-0:1.6.0", Item("month_peak", Form.PEAK)
    yield "0-0:98.1.0", Item("peak_history", Form.PEAK_HISTORY)
    yield "0-0:17.0.0", Item("limiter_threshold_w", LIMITER)
    yield "1-0:31.4.0", Item("fuse_threshold_a", CURRENT, 1)
    yield "1-0:51.4.0", Item("fuse_threshold_a", CURRENT, 2)  # Hungary states all
    yield "1-0:71.4.0", Item("fuse_threshold_a", CURRENT, 3)
    yield "0-0:96.3.10", Item("breaker", Form.BREAKER)
    yield "1-0:14.7.0", Item("frequency_hz", FREQUENCY)
    yield "1-0:13.7.0", Item("power_factor", RATIO)
    yield "0-0:96.7.21", Item("power_failures", COUNT, "short")
    yield "0-0:96.7.9", Item("power_failures", COUNT, "long")
    yield "1-0:99.97.0", Item("power_failures", Form.FAILURE_LOG, "log")
    yield "0-0:96.13.0", Item("message", Form.HEXADECIMAL)


def _energies() -> Iterator[tuple[str, Item]]:
    for value, field in ((1, "import_energy_wh"), (2, "export_energy_wh")):
        yield f"1-0:{value}.8.0", Item(field, ENERGY, "total")
        for tariff in TARIFFS:
            yield f"1-0:{value}.8.{tariff}", Item(field, ENERGY, str(tariff))


def _phases() -> Iterator[tuple[str, Item]]:
    for phase, offset in _PHASES.items():
        yield f"1-0:{offset + 12}.7.0", Item("voltage_v", VOLTAGE, phase)
        yield f"1-0:{offset + 11}.7.0", Item("current_a", CURRENT, phase)
        yield f"1-0:{offset + 1}.7.0", Item("phase_import_power_w", SIGNED_POWER, phase)
        yield f"1-0:{offset + 2}.7.0", Item("phase_export_power_w", POWER, phase)
        yield f"1-0:{offset + 16}.7.0", Item("phase_net_power_w", SIGNED_POWER, phase)
        yield f"1-0:{offset + 12}.32.0", Item("voltage_sags", COUNT, phase)
        yield f"1-0:{offset + 12}.36.0", Item("voltage_swells", COUNT, phase)


def _submeters() -> Iterator[tuple[str, Item]]:
    for n in CHANNELS:
        yield f"0-{n}:24.1.0", Item("submeter_kind", Form.SUBMETER_KIND, n)
        yield f"0-{n}:96.1.0", Item("submeter_id", Form.HEXADECIMAL, n)
        yield f"0-{n}:96.1.1", Item("submeter_id", Form.HEXADECIMAL, n)
        yield f"0-{n}:24.2.1", Item("submeter_value", Form.SUBMETER_VALUE, n)
        # Belgian gas meters give the volume before temperature conversion.
        yield f"0-{n}:24.2.3", Item("submeter_unconverted", Form.SUBMETER_VALUE, n)
        yield f"0-{n}:24.3.0", Item("submeter_value", Form.SUBMETER_VALUE_2, n)
        yield f"0-{n}:24.4.0", Item("submeter_valve", Form.VALVE, n)


TABLE: Final[Mapping[str, Item]] = dict(
    (*_single(), *_energies(), *_phases(), *_submeters())
)

# Identifiers stay text, also when all their digits happen to be decimal.
TEXT_CODES: Final = frozenset(
    (
        *(
            "1-0:0.0.0",
            "1-0:96.1.0",
            "0-0:0.0.0",
            "0-0:42.0.0",
            "0-0:96.13.0",
            "0-0:96.13.1",
        ),
        *(f"0-{n}:96.1.{e}" for n in (0, *CHANNELS) for e in range(4)),
    )
)
