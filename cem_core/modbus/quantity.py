"""What a register can say, and in which unit a reading holds it."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final

from cem_core.modbus.error import MapError


class Quantity(StrEnum):
    """A field of a reading; a phase or a tariff register may follow after a dot.

    ``power_w`` is a net power, positive into the thing: import, consumption, charge; a
    map says when its register counts the other way. Those from ``state`` on are of
    devices; a limit is a ceiling. A charger that switches phases is told how many (1 or 3),
    or whether three (0 or 1); one may have to be told first that Modbus does so.
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
    STATE = "state"
    ENABLED = "enabled"
    CONTROL_MODE = "control_mode"
    CURRENT_LIMIT = "current_limit_a"
    POWER_LIMIT = "power_limit_w"
    POWER_SETPOINT = "power_setpoint_w"
    CHARGE_POWER_LIMIT = "charge_power_limit_w"
    DISCHARGE_POWER_LIMIT = "discharge_power_limit_w"
    SURPLUS_POWER = "surplus_power_w"
    FAILSAFE_CURRENT = "failsafe_current_a"
    WATCHDOG = "watchdog_s"
    ALIVE = "alive"
    PHASES_USED = "phases"
    THREE_PHASES = "three_phases"
    PHASE_SWITCH_SOURCE = "phase_switch_source"
    SESSION_ENERGY = "session_energy_wh"
    STATE_OF_CHARGE = "state_of_charge_percent"
    SG_READY = "sg_ready"
    SG_READY_INPUT = "sg_ready_input"
    OUTDOOR_TEMPERATURE = "outdoor_temperature_c"
    FLOW_TEMPERATURE = "flow_temperature_c"
    HOT_WATER_TEMPERATURE = "hot_water_temperature_c"
    HOT_WATER_SETPOINT = "hot_water_setpoint_c"


PHASES: Final = frozenset({"1", "2", "3"})

_BY_PHASE_ONLY: Final = frozenset({Quantity.VOLTAGE, Quantity.CURRENT})
_BY_INPUT: Final = frozenset({Quantity.SG_READY_INPUT})  # the contact, 1 or 2
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
    Quantity.STATE: "",
    Quantity.ENABLED: "",
    Quantity.CONTROL_MODE: "",
    Quantity.CURRENT_LIMIT: "A",
    Quantity.POWER_LIMIT: "W",
    Quantity.POWER_SETPOINT: "W",
    Quantity.CHARGE_POWER_LIMIT: "W",
    Quantity.DISCHARGE_POWER_LIMIT: "W",
    Quantity.SURPLUS_POWER: "W",
    Quantity.FAILSAFE_CURRENT: "A",
    Quantity.WATCHDOG: "s",
    Quantity.ALIVE: "",
    Quantity.PHASES_USED: "",
    Quantity.THREE_PHASES: "",
    Quantity.PHASE_SWITCH_SOURCE: "",
    Quantity.SESSION_ENERGY: "Wh",
    Quantity.STATE_OF_CHARGE: "%",
    Quantity.SG_READY: "",
    Quantity.SG_READY_INPUT: "",
    Quantity.OUTDOOR_TEMPERATURE: "°C",
    Quantity.FLOW_TEMPERATURE: "°C",
    Quantity.HOT_WATER_TEMPERATURE: "°C",
    Quantity.HOT_WATER_SETPOINT: "°C",
}
TURNED: Final = frozenset(
    {Quantity.POWER, Quantity.REACTIVE_POWER, Quantity.POWER_SETPOINT}
)
"""What has a direction: turned where a map, or the wiring, counts the other way."""
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
        elif index and quantity not in _BY_REGISTER | _BY_INPUT:
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
