"""An order to a device -> the words to write, if the map allows it."""

from fractions import Fraction

from cem_core.modbus.encoding import encode, nearer_to_zero
from cem_core.modbus.quantity import TURNED, Field
from cem_core.modbus.register_map import Register, RegisterMap


class OrderError(ValueError):
    """What may not be written, and why."""


def writable(register_map: RegisterMap, field: Field) -> Register:
    """Return the register through which ``field`` is ordered.

    Raises OrderError when the device cannot be told.
    """
    for register in register_map.registers.values():
        if register.write is not None and field in register.fields:
            return register
    raise OrderError(f"{register_map.title} takes no order for {field}")


def words(
    register: Register, value: Fraction, field: Field, *, power: int = 0
) -> list[int]:
    """Return the words that order ``value``, given in the unit of ``field``.

    ``power`` is what the register's scale register says. Between two steps of the
    register the one nearer to 0 is taken: a limit is never made looser. Raises
    OrderError for what the map does not allow.
    """
    write = register.write
    if write is None:
        raise OrderError(f"{register.name} cannot be written")
    turned = field.quantity in TURNED and register.export_positive
    wanted = value / field.per(register.unit) * (-1 if turned else 1)
    step = register.scale * Fraction(10) ** power
    try:
        kept = nearer_to_zero(wanted / step, register.encoding)
    except ValueError as error:
        raise OrderError(f"{register.name}: {error}") from error
    if not write.allows(kept * step):
        raise OrderError(
            f"{register.name}: {float(wanted):g} {register.unit or ''} is not in "
            f"{float(write.least):g} to {float(write.most):g}"
        )
    try:
        return encode(
            kept,
            register.encoding,
            length=register.length,
            low_word_first=register.low_word_first,
        )
    except ValueError as error:
        raise OrderError(f"{register.name}: {error}") from error
