"""The SunSpec meter models 201 to 204 and 211 to 214 as a register map."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from cem_core.modbus.quantity import Field
from cem_core.modbus.register_map import Kind, Register, RegisterMap, Source
from cem_core.modbus.sunspec import Model, of_models, preload

METER_MODELS: Final = (201, 202, 203, 204, 211, 212, 213, 214)
_COMMON: Final = 1
_GAP: Final = 70  # words: models are read through

_FIELDS: Final = {
    "W": "power_w",
    "WphA": "power_w.1",
    "WphB": "power_w.2",
    "WphC": "power_w.3",
    "VAR": "reactive_power_var",
    "AphA": "current_a.1",
    "AphB": "current_a.2",
    "AphC": "current_a.3",
    "PhVphA": "voltage_v.1",
    "PhVphB": "voltage_v.2",
    "PhVphC": "voltage_v.3",
    "Hz": "frequency_hz",
    "PF": "power_factor",
    "TotWhImp": "import_energy_wh",
    "TotWhExp": "export_energy_wh",
}
_UNITS: Final = {"Pct": "%", "PF": None}  # as SunSpec writes those of a power factor
_HEADER: Final = frozenset({"ID", "L"})


def preload_meters() -> None:
    """Read all files that `meter_map` needs: from an event loop, call in a thread."""
    preload((_COMMON, *METER_MODELS))


def meter_map(models: Iterable[Model]) -> RegisterMap:
    """Return the map of the first meter in a chain of models.

    Raises NoSunSpecError when there is none. The serial number of the device is
    that of its common model.
    """
    listed = list(models)
    model, points = of_models(listed, METER_MODELS)
    registers = {
        name: _meant(register)
        for name, register in points.items()
        if name not in _HEADER
    }
    for each in listed[:1]:
        if each.number == _COMMON:
            _, common = of_models([each], (_COMMON,))
            registers["SN"] = replace(common["SN"], fields=(Field.parse("meter_id"),))
    return RegisterMap(
        id=f"sunspec_{model.number}",
        kind=Kind.METER,
        maker="SunSpec",
        model=f"model {model.number}",
        source=Source(
            document="SunSpec information models, github.com/sunspec/models",
            place=f"model {model.number}",
        ),
        verified=True,
        registers=registers,
        gap=_GAP,
    )


def _meant(register: Register) -> Register:
    """Return a point with the fields of a reading that it fills."""
    field = _FIELDS.get(register.name)
    if field is None:
        return register
    unit = _UNITS.get(register.unit or "", register.unit)
    return replace(register, unit=unit, fields=(Field.parse(field),))
