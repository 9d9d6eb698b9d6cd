"""What a meter can say, as sensors: one description for each value of a `Reading`."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import (
    UnitOfApparentPower,
    UnitOfElectricCurrent,
    UnitOfElectricPotential,
    UnitOfEnergy,
    UnitOfFrequency,
    UnitOfReactivePower,
)

from cem_core.model import Breaker, PhaseReading, Quality, Reading
from custom_components.cem.grid_values import total_wh
from custom_components.cem.marks import energy_quality
from custom_components.cem.sensor_shapes import DIAGNOSTIC, MEASURED, POWER

PHASES: Final = (1, 2, 3)
_TARIFFS: Final = tuple(str(number) for number in range(1, 11))
_LONGEST: Final = 255  # characters of a state
_SLOWLY: Final = 6  # times the interval: what changes with every telegram, and is many
_VOLTS: Final = 5.0
_AMPERES: Final = 3.0
_WATTS: Final = 500.0

type Value = int | float | str | datetime | None


@dataclass(frozen=True, kw_only=True)
class MeterSensorDescription(SensorEntityDescription):
    """A value that a telegram may have.

    ``step`` is a change that is recorded at once, in the sensor's unit; others are
    after ``slowly`` times the interval that the user set. ``meter_id_fn`` names the
    meter, ``quality_fn`` how the value came about.
    """

    value_fn: Callable[[Reading], Value]
    attributes_fn: Callable[[Reading], dict[str, Any]] | None = None
    quality_fn: Callable[[Reading], Quality] = lambda _: Quality.METERED
    meter_id_fn: Callable[[Reading], str | None] = lambda reading: reading.meter_id
    step: float | None = None
    slowly: int = _SLOWLY
    placeholders: dict[str, str] = field(default_factory=dict)


def _sensor(
    key: str,
    value_fn: Callable[[Reading], Value],
    *,
    enabled: bool = True,
    named: str | None = None,
    **said: Any,  # noqa: ANN401 - as Home Assistant describes sensors
) -> MeterSensorDescription:
    return MeterSensorDescription(
        key=key,
        translation_key=named or key,
        value_fn=value_fn,
        entity_registry_enabled_default=enabled,
        **said,
    )


type _Said = dict[str, Any]

_MEASURED: Final[_Said] = dict(MEASURED)
_DIAGNOSTIC: Final[_Said] = dict(DIAGNOSTIC)
_POWER: Final[_Said] = {**POWER, "step": _WATTS}
_REACTIVE: Final[_Said] = _MEASURED | {
    "device_class": SensorDeviceClass.REACTIVE_POWER,
    "native_unit_of_measurement": UnitOfReactivePower.VOLT_AMPERE_REACTIVE,
    "suggested_display_precision": 0,
    "enabled": False,
}
_CURRENT: Final[_Said] = {
    "device_class": SensorDeviceClass.CURRENT,
    "native_unit_of_measurement": UnitOfElectricCurrent.AMPERE,
    "suggested_display_precision": 1,
    "step": _AMPERES,
}
_VOLTAGE: Final[_Said] = _MEASURED | {
    "device_class": SensorDeviceClass.VOLTAGE,
    "native_unit_of_measurement": UnitOfElectricPotential.VOLT,
    "suggested_display_precision": 1,
    "step": _VOLTS,
}
_ENERGY: Final[_Said] = {
    "device_class": SensorDeviceClass.ENERGY,
    "state_class": SensorStateClass.TOTAL_INCREASING,
    "native_unit_of_measurement": UnitOfEnergy.WATT_HOUR,
    "suggested_unit_of_measurement": UnitOfEnergy.KILO_WATT_HOUR,
    "suggested_display_precision": 3,
}
_COUNTED: Final[_Said] = _DIAGNOSTIC | {
    "state_class": SensorStateClass.TOTAL_INCREASING,
    "enabled": False,
}


def _of_phase(
    number: int, name: str, said: _Said, value_fn: Callable[[PhaseReading], Value]
) -> MeterSensorDescription:
    def value(reading: Reading) -> Value:
        for phase in reading.phases:
            if phase.phase == number:
                return value_fn(phase)
        return None

    return _sensor(
        f"{name}_l{number}",
        value,
        named=f"{name}_phase",
        placeholders={"phase": str(number)},
        **said,
    )


def _phase_sensors(number: int) -> Iterator[MeterSensorDescription]:
    yield _of_phase(number, "voltage", _VOLTAGE, lambda phase: phase.voltage_v)
    yield _of_phase(
        number, "current", _MEASURED | _CURRENT, lambda phase: phase.current_a
    )
    for name, value_fn in (
        ("import_power", lambda phase: phase.import_power_w),
        ("export_power", lambda phase: phase.export_power_w),
    ):
        yield _of_phase(number, name, _MEASURED | _POWER, value_fn)
    yield _counts("voltage_sags", number, lambda reading: reading.voltage_sags)
    yield _counts("voltage_swells", number, lambda reading: reading.voltage_swells)


def _counts(
    name: str, number: int, counts: Callable[[Reading], Mapping[int, int]]
) -> MeterSensorDescription:
    return _sensor(
        f"{name}_l{number}",
        lambda reading: counts(reading).get(number),
        named=f"{name}_phase",
        placeholders={"phase": str(number)},
        **_COUNTED,
    )


def _energy_sensors(
    name: str, registers: Callable[[Reading], Mapping[str, int]]
) -> Iterator[MeterSensorDescription]:
    """Yield the total, which is the sum where the meter says only tariffs, and those."""
    yield _sensor(
        name,
        lambda reading: total_wh(registers(reading)),
        quality_fn=lambda reading: energy_quality(reading, f"{name}_wh"),
        **_ENERGY,
    )
    for tariff in _TARIFFS:
        yield _sensor(
            f"{name}_tariff_{tariff}",
            _register(registers, tariff),
            quality_fn=_mark(f"{name}_wh", tariff),
            named=f"{name}_tariff",
            placeholders={"tariff": tariff},
            **_ENERGY,
        )


def _register(
    registers: Callable[[Reading], Mapping[str, int]], name: str
) -> Callable[[Reading], Value]:
    return lambda reading: registers(reading).get(name)


def _mark(name: str, register: str) -> Callable[[Reading], Quality]:
    return lambda reading: energy_quality(reading, name, register)


def _failures(name: str) -> Callable[[Reading], Value]:
    def value(reading: Reading) -> Value:
        failures = reading.power_failures
        found: int | None = None if failures is None else getattr(failures, name)
        return found

    return value


def _failure_log(reading: Reading) -> dict[str, Any]:
    failures = reading.power_failures
    return {
        "log": [
            {"end": failure.end.isoformat(), "duration_s": failure.duration_s}
            for failure in (failures.log if failures else ())
        ]
    }


def _peak_at(reading: Reading) -> dict[str, Any]:
    peak = reading.month_peak
    return {"at": peak.at.isoformat() if peak and peak.at else None}


SENSORS: Final = (
    _sensor(
        "import_power",
        lambda reading: reading.import_power_w,
        quality_fn=lambda reading: reading.quality_of("import_power_w"),
        slowly=1,
        **_MEASURED,
        **_POWER,
    ),
    _sensor(
        "export_power",
        lambda reading: reading.export_power_w,
        quality_fn=lambda reading: reading.quality_of("export_power_w"),
        slowly=1,
        **_MEASURED,
        **_POWER,
    ),
    *_energy_sensors("import_energy", lambda reading: reading.import_energy_wh),
    *_energy_sensors("export_energy", lambda reading: reading.export_energy_wh),
    *(sensor for phase in PHASES for sensor in _phase_sensors(phase)),
    _sensor(
        "reactive_import_power",
        lambda reading: reading.reactive_import_power_var,
        **_REACTIVE,
    ),
    _sensor(
        "reactive_export_power",
        lambda reading: reading.reactive_export_power_var,
        **_REACTIVE,
    ),
    _sensor(
        "frequency",
        lambda reading: reading.frequency_hz,
        enabled=False,
        device_class=SensorDeviceClass.FREQUENCY,
        native_unit_of_measurement=UnitOfFrequency.HERTZ,
        **_MEASURED,
    ),
    _sensor(
        "power_factor",
        lambda reading: reading.power_factor,
        enabled=False,
        device_class=SensorDeviceClass.POWER_FACTOR,
        **_MEASURED,
    ),
    _sensor("tariff", lambda reading: reading.tariff),
    _sensor("demand", lambda reading: reading.demand_w, **_MEASURED, **_POWER),
    _sensor(
        "meter_month_peak",
        lambda reading: reading.month_peak.power_w if reading.month_peak else None,
        attributes_fn=_peak_at,
        **_POWER,
    ),
    _sensor(
        "limiter_threshold",
        lambda reading: reading.limiter_threshold_w,
        **_DIAGNOSTIC,
        **_POWER,
    ),
    _sensor(
        "fuse_threshold",
        lambda reading: reading.fuse_threshold_a,
        **_DIAGNOSTIC,
        **_CURRENT,
    ),
    _sensor(
        "subscribed_power",
        lambda reading: reading.subscribed_power_va,
        device_class=SensorDeviceClass.APPARENT_POWER,
        native_unit_of_measurement=UnitOfApparentPower.VOLT_AMPERE,
        **_DIAGNOSTIC,
    ),
    _sensor(
        "breaker",
        lambda reading: reading.breaker,
        device_class=SensorDeviceClass.ENUM,
        options=[state.value for state in Breaker],
        **_DIAGNOSTIC,
    ),
    _sensor("short_power_failures", _failures("short"), **_COUNTED),
    _sensor(
        "long_power_failures",
        _failures("long"),
        attributes_fn=_failure_log,
        **_COUNTED,
    ),
    _sensor(
        "message",
        lambda reading: reading.message and reading.message[:_LONGEST],
        **_DIAGNOSTIC,
    ),
)
"""In the order in which they are added."""
