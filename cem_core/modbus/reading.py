"""The values of a meter's registers -> a reading."""

from collections.abc import Mapping
from fractions import Fraction

from cem_core.modbus.quantity import PHASES, TURNED, Field, Quantity
from cem_core.modbus.register_map import Register, RegisterMap
from cem_core.modbus.values import Value
from cem_core.model import PhaseReading, RawValue, Reading

_DIGITS = 6
_MOST = Fraction(10**8)  # W, V, A, Hz: no home comes near it, a wrong word order does
_MOST_ENERGY_WH = Fraction(10**15)
_ENERGIES = frozenset({Quantity.IMPORT_ENERGY, Quantity.EXPORT_ENERGY})


def reading(
    register_map: RegisterMap,
    values: Mapping[str, Value],
    *,
    export_positive: bool = False,
) -> Reading:
    """Return what the meter says; what it does not say is None.

    ``export_positive``: this meter is wired, or set, so that it counts power the
    other way than its map says. Energies are whole Wh, rounded once.
    """
    said = by_field(register_map, values, flip=export_positive)
    net_w = _whole(said, Quantity.POWER)
    import_w, export_w = _both_ways(net_w)
    if net_w is None:
        import_w = _whole(said, Quantity.IMPORT_POWER)
        export_w = _whole(said, Quantity.EXPORT_POWER)
    reactive_var = _whole(said, Quantity.REACTIVE_POWER)
    reactive_import_var, reactive_export_var = _both_ways(reactive_var)
    meter_id = said.get(Field(Quantity.METER_ID))
    return Reading(
        format="modbus",
        meter_id=None if meter_id is None else _text(meter_id),
        import_power_w=import_w,
        export_power_w=export_w,
        reactive_import_power_var=reactive_import_var,
        reactive_export_power_var=reactive_export_var,
        phases=tuple(
            phase for index in sorted(PHASES) if (phase := _phase(said, index))
        ),
        import_energy_wh=_energies(said, Quantity.IMPORT_ENERGY),
        export_energy_wh=_energies(said, Quantity.EXPORT_ENERGY),
        frequency_hz=_decimal(said, Quantity.FREQUENCY),
        power_factor=_decimal(said, Quantity.POWER_FACTOR),
        raw=tuple(
            RawValue(
                code=name,
                value=value if isinstance(value, str) else _plain(value),
                unit=register_map.registers[name].unit,
            )
            for name, value in values.items()
        ),
    )


def by_field(
    register_map: RegisterMap, values: Mapping[str, Value], *, flip: bool = False
) -> dict[Field, Value]:
    """Return what a device says by field, each in the field's own unit.

    A number that no home can have is left out.
    """
    found = {
        field: _in_field(value, register, field, flip=flip)
        for name, value in values.items()
        for register in (register_map.registers[name],)
        for field in register.fields
    }
    return {field: value for field, value in found.items() if _possible(field, value)}


def _possible(field: Field, value: Value) -> bool:
    if isinstance(value, str) or field.quantity is Quantity.METER_ID:
        return True
    if field.quantity in _ENERGIES:
        return 0 <= value < _MOST_ENERGY_WH
    return abs(value) < _MOST


def _in_field(value: Value, register: Register, field: Field, *, flip: bool) -> Value:
    """Return the value in the unit of its field, a power import positive."""
    if isinstance(value, str):
        return value
    turned = field.quantity in TURNED and register.export_positive is not flip
    return value * field.per(register.unit) * (-1 if turned else 1)


def _both_ways(net: int | None) -> tuple[int | None, int | None]:
    return (None, None) if net is None else (max(0, net), max(0, -net))


def _phase(said: Mapping[Field, Value], index: str) -> PhaseReading | None:
    """Return one phase, None when the meter says nothing of it."""
    voltage_v = _decimal(said, Quantity.VOLTAGE, index)
    current_a = _decimal(said, Quantity.CURRENT, index)
    import_w, export_w = _both_ways(_whole(said, Quantity.POWER, index))
    if voltage_v is None and current_a is None and import_w is None:
        return None
    return PhaseReading(
        phase=int(index),
        voltage_v=voltage_v,
        current_a=current_a,
        import_power_w=import_w,
        export_power_w=export_w,
    )


def _energies(said: Mapping[Field, Value], quantity: Quantity) -> dict[str, int]:
    return {
        field.index or "total": round(value)
        for field, value in said.items()
        if field.quantity is quantity and isinstance(value, Fraction)
    }


def _number(
    said: Mapping[Field, Value], quantity: Quantity, index: str | None
) -> Fraction | None:
    value = said.get(Field(quantity, index))
    return value if isinstance(value, Fraction) else None


def _whole(
    said: Mapping[Field, Value], quantity: Quantity, index: str | None = None
) -> int | None:
    value = _number(said, quantity, index)
    return None if value is None else round(value)


def _decimal(
    said: Mapping[Field, Value], quantity: Quantity, index: str | None = None
) -> float | None:
    value = _number(said, quantity, index)
    return None if value is None else round(float(value), _DIGITS)


def _text(value: Value) -> str:
    return value if isinstance(value, str) else str(_plain(value))


def _plain(value: Fraction) -> int | float:
    """Return a number for people; one too large for a float is whole anyway."""
    return int(value) if value.denominator == 1 else float(value)
