"""What a register can say, and in which unit a reading holds it."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final

from cem_core.modbus.error import MapError


class Quantity(StrEnum):
    """A field of a reading; a phase or a tariff register may follow after a dot.

    ``power_w`` is a net power, import positive; a map says when its register counts
    the other way.
    """

    POWER = "power_w"
    IMPORT_POWER = "import_power_w"
    EXPORT_POWER = "export_power_w"
    REACTIVE_POWER = "reactive_power_var"
    VOLTAGE = "voltage_v"
    CURRENT = "current_a"
    FREQUENCY = "frequency_hz"
    POWER_FACTOR = "power_factor"
    IMPORT_ENERGY = "import_energy_wh"
    EXPORT_ENERGY = "export_energy_wh"
    METER_ID = "meter_id"


PHASES: Final = frozenset({"1", "2", "3"})

_BY_PHASE_ONLY: Final = frozenset({Quantity.VOLTAGE, Quantity.CURRENT})
_BY_PHASE_TOO: Final = frozenset({Quantity.POWER})
_BY_REGISTER: Final = frozenset({Quantity.IMPORT_ENERGY, Quantity.EXPORT_ENERGY})

_BASE: Final = {
    Quantity.POWER: "W",
    Quantity.IMPORT_POWER: "W",
    Quantity.EXPORT_POWER: "W",
    Quantity.REACTIVE_POWER: "var",
    Quantity.VOLTAGE: "V",
    Quantity.CURRENT: "A",
    Quantity.FREQUENCY: "Hz",
    Quantity.POWER_FACTOR: "",
    Quantity.IMPORT_ENERGY: "Wh",
    Quantity.EXPORT_ENERGY: "Wh",
}
_PREFIXES: Final = {
    "": Fraction(1),
    "m": Fraction(1, 1000),
    "k": Fraction(1000),
    "M": Fraction(1_000_000),
}


@dataclass(frozen=True, slots=True)
class Field:
    """One place in a reading: a quantity, and which phase or register of it."""

    quantity: Quantity
    index: str | None = None

    @classmethod
    def parse(cls, text: str) -> Field:
        """Return the field named ``power_w``, ``current_a.1`` or the like.

        Raises MapError for what is none.
        """
        name, _, index = text.partition(".")
        try:
            quantity = Quantity(name)
        except ValueError:
            known = ", ".join(Quantity)
            raise MapError(f"{text!r} is no field; there are {known}") from None
        if quantity in _BY_PHASE_ONLY and not index:
            raise MapError(f"{text}: say of which phase, as in {name}.1")
        if index and quantity in _BY_PHASE_ONLY | _BY_PHASE_TOO:
            if index not in PHASES:
                raise MapError(f"{text}: a phase is 1, 2 or 3")
        elif index and quantity not in _BY_REGISTER:
            raise MapError(f"{text}: {name} takes nothing after a dot")
        return cls(quantity, index or None)

    def per(self, unit: str | None) -> Fraction:
        """Return what one ``unit`` is in the unit of this field.

        Raises MapError for a unit of something else.
        """
        base = _BASE.get(self.quantity)
        if base is None:
            if unit:
                raise MapError(f"{self.quantity} is a text and has no unit")
            return Fraction(1)
        if unit == "%" and self.quantity is Quantity.POWER_FACTOR:
            return Fraction(1, 100)
        prefix = (unit or "").removesuffix(base)
        if (unit or "") != prefix + base or prefix not in _PREFIXES:
            raise MapError(f"{self.quantity} cannot come in {unit or 'no unit'}")
        return _PREFIXES[prefix]
