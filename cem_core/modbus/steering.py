"""What a power for a device means for its registers: which fields are ordered, and how.

A charger is given a current, a heat pump a surplus or the contacts of SG Ready (bwp
"SG Ready" rule 2.0: 1:0 locked, 0:0 normal, 0:1 recommended), a battery a setpoint or,
where its map has none, a bound for each direction.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from cem_core.modbus.order import OrderError, writable
from cem_core.modbus.quantity import Field, Quantity
from cem_core.modbus.register_map import Kind, Memory, RegisterMap
from cem_core.modbus.values import Value

VOLTAGE_V: Final = 230
# Above this share of its power a heat pump is asked to take more than by itself.
_RECOMMENDED_ABOVE: Final = 0.6
_CURRENT: Final = Field(Quantity.CURRENT_LIMIT)
_ENABLED: Final = Field(Quantity.ENABLED)
_SETPOINT: Final = Field(Quantity.POWER_SETPOINT)
_CHARGE: Final = Field(Quantity.CHARGE_POWER_LIMIT)
_DISCHARGE: Final = Field(Quantity.DISCHARGE_POWER_LIMIT)
_SURPLUS: Final = Field(Quantity.SURPLUS_POWER)
_WATER_SET: Final = Field(Quantity.HOT_WATER_SETPOINT)
_LOCK: Final = Field(Quantity.SG_READY_INPUT, "1")
_MORE: Final = Field(Quantity.SG_READY_INPUT, "2")
_PHASES: Final = Field(Quantity.PHASES_USED)
_THREE_PHASES: Final = Field(Quantity.THREE_PHASES)
_SWITCH_SOURCE: Final = Field(Quantity.PHASE_SWITCH_SOURCE)
_THREE: Final = 3
_GUARDED: Final = (Quantity.ALIVE, Quantity.WATCHDOG, Quantity.FAILSAFE_CURRENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A power in W, positive into the device; None: as it likes.

    ``limited``: a limit asks for it. ``water_c``: to set a tank to, None: it is left as
    it is; ``water_alone``: rooms get no more for it. ``balances``: the device may as well follow the
    house by itself. ``phases``: how many it is to use, None: it does not switch them.
    """

    power_w: int | None
    limited: bool = False
    balances: bool = False
    phases: int | None = None
    water_c: float | None = None
    water_alone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """What a device is: the most it draws and gives in W, its phases."""

    most_w: int
    discharge_w: int = 0
    phases: int = 1


@dataclass(frozen=True, slots=True)
class Step:
    """One field to order, in its own unit."""

    field: Field
    value: Fraction


def takes(known: RegisterMap, field: Field) -> bool:
    """Tell whether the device can be told ``field``."""
    return any(r.write and field in r.fields for r in known.registers.values())


def steps(known: RegisterMap, wish: Wish, sizes: Sizes) -> tuple[Step, ...]:
    """Return what to order, in that order; nothing: it is to be told no more.

    Raises OrderError where the device cannot be told so.
    """
    if known.kind not in _STEER:
        raise OrderError(f"{known.title} cannot be told a power")
    return _STEER[known.kind](known, wish, sizes)


def plugged(known: RegisterMap, said: Mapping[Field, Value]) -> bool | None:
    """Tell whether a car is there, None where the map or the device does not say."""
    state = Field(Quantity.STATE)
    for register in known.registers.values():
        if state in register.fields and register.plugged and state in said:
            return said[state] in register.plugged
    return None


def held_w(known: RegisterMap, said: Mapping[Field, Value], sizes: Sizes) -> int | None:
    """Return the power in W that its registers hold it at, None if they do not say."""
    if known.kind is Kind.CHARGER:
        ampere = said.get(_CURRENT)
        stops = takes(known, _ENABLED) and not _stops_by_current(known)
        if stops and said.get(_ENABLED) == 0:
            return 0
        if isinstance(ampere, Fraction):
            return round(ampere * VOLTAGE_V * sizes.phases)
    return None


def switches_phases(known: RegisterMap) -> bool:
    """Tell whether it can be told on how many phases to charge."""
    return takes(known, _PHASES) or takes(known, _THREE_PHASES)


def phases_said(said: Mapping[Field, Value]) -> int | None:
    """Return on how many phases it says that it charges, None: it does not."""
    count, three = said.get(_PHASES), said.get(_THREE_PHASES)
    if isinstance(count, Fraction) and count in (1, _THREE):
        return int(count)
    if isinstance(three, Fraction):
        return _THREE if three else 1
    return None


def phase_steps(
    known: RegisterMap, said: Mapping[Field, Value], count: int
) -> tuple[Step, ...]:
    """Return what switches it to ``count`` phases, nothing where it says it uses them.

    What it does not say is not switched: each switch wears a contactor.
    """
    if phases_said(said) in (None, count):
        return ()
    wanted = [(_PHASES, Fraction(count)), (_THREE_PHASES, Fraction(count == _THREE))]
    if takes(known, _SWITCH_SOURCE):
        wanted.insert(0, (_SWITCH_SOURCE, _bounds(known, _SWITCH_SOURCE)[0]))
    return tuple(
        Step(field, value)
        for field, value in wanted
        if takes(known, field) and said.get(field) != value
    )


def sets_water(known: RegisterMap) -> bool:
    """Tell whether it can be told how hot its tank is to be."""
    return takes(known, _WATER_SET)


def water_range_c(known: RegisterMap) -> tuple[float, float]:
    """Return the lowest and the highest temperature its tank can be set to, in °C.

    Raises OrderError where it cannot be told.
    """
    least_c, most_c = _bounds(known, _WATER_SET)
    return float(least_c), float(most_c)


def water_step(known: RegisterMap, wish: Wish) -> Step | None:
    """Return what sets its tank, within what may be written; None: it is left."""
    if wish.water_c is None or not sets_water(known):
        return None
    least_c, most_c = _bounds(known, _WATER_SET)
    wanted_c = Fraction(str(wish.water_c))
    return Step(_WATER_SET, min(max(wanted_c, least_c), most_c))


def fallback(known: RegisterMap) -> str:
    """Say what the device does when nobody speaks to it any more."""
    fields = {f for r in known.registers.values() for f in r.fields}
    if any(field.quantity in _GUARDED for field in fields):
        return "falls to its failsafe current"
    if known.kind is Kind.BATTERY and takes(known, _SETPOINT):
        return "returns to its own control after its maker's timeout"
    memories = {r.write.memory for r in known.registers.values() if r.write}
    if Memory.STORED in memories:
        return "keeps what was written, also without power"
    return "keeps what was written until it restarts"


def _stops_by_current(known: RegisterMap) -> bool:
    write = writable(known, _CURRENT).write
    return write is not None and write.allows(Fraction(0))


def _bounds(known: RegisterMap, field: Field) -> tuple[Fraction, Fraction]:
    """Return the least and the most that may be written, in the unit of ``field``."""
    register = writable(known, field)
    per, write = field.per(register.unit), register.write
    if write is None:
        raise OrderError(f"{register.name} cannot be written")
    return write.least * per, write.most * per


def _charger(known: RegisterMap, wish: Wish, sizes: Sizes) -> tuple[Step, ...]:
    least_a, most_a = _bounds(known, _CURRENT)
    power_w = sizes.most_w if wish.power_w is None else wish.power_w
    ampere = min(Fraction(power_w, VOLTAGE_V * sizes.phases), most_a)
    by_current, switched = _stops_by_current(known), takes(known, _ENABLED)
    if ampere < least_a:
        if by_current:
            return (Step(_CURRENT, Fraction(0)),)
        if not switched:
            raise OrderError(f"{known.title} cannot be stopped over Modbus")
        return (Step(_ENABLED, Fraction(0)),)
    current = Step(_CURRENT, ampere)
    if switched and not by_current:
        return (current, Step(_ENABLED, Fraction(1)))
    return (current,)


def _battery(known: RegisterMap, wish: Wish, sizes: Sizes) -> tuple[Step, ...]:
    power_w = wish.power_w
    if takes(known, _SETPOINT):
        if power_w is None:
            return ()
        least_w, most_w = _bounds(known, _SETPOINT)
        ends_w = (least_w, most_w, -least_w, -most_w)  # it may count the other way
        return (Step(_SETPOINT, max(min(ends_w), min(max(ends_w), Fraction(power_w)))),)
    free = power_w is None or (wish.balances and not wish.limited)
    charge_w = sizes.most_w if free or power_w is None else max(power_w, 0)
    discharge_w = sizes.discharge_w if free or power_w is None else max(-power_w, 0)
    made = [
        Step(field, min(Fraction(bound_w), _bounds(known, field)[1]))
        for field, bound_w in ((_CHARGE, charge_w), (_DISCHARGE, discharge_w))
        if takes(known, field)
    ]
    if wish.limited and not takes(known, _CHARGE) and charge_w < sizes.most_w:
        raise OrderError(f"{known.title} has no bound for what it charges with")
    return tuple(made)


def _heat_pump(known: RegisterMap, wish: Wish, sizes: Sizes) -> tuple[Step, ...]:
    power_w = wish.power_w
    share = None if power_w is None else power_w / sizes.most_w
    more = share is not None and share > _RECOMMENDED_ABOVE
    more = more and not (wish.limited or wish.water_alone)
    if takes(known, _SURPLUS):
        _, most_w = _bounds(known, _SURPLUS)
        surplus_w = Fraction(power_w) if power_w is not None and more else Fraction(0)
        return (Step(_SURPLUS, min(surplus_w, most_w)),)
    contacts = {_LOCK: share is not None and share <= 0, _MORE: more}
    # What opens comes first: both closed would force it to run.
    made = sorted(contacts.items(), key=lambda contact: contact[1])
    switch = (Step(_ENABLED, Fraction(1)),) if takes(known, _ENABLED) else ()
    return (*switch, *(Step(field, Fraction(closed)) for field, closed in made))


_STEER: Final[Mapping[Kind, Callable[[RegisterMap, Wish, Sizes], tuple[Step, ...]]]] = {
    Kind.CHARGER: _charger,
    Kind.BATTERY: _battery,
    Kind.HEAT_PUMP: _heat_pump,
}
