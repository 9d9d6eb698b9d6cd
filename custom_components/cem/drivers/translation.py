"""What a setpoint means for the entities of one device. Pure but for states."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
import math
from typing import Any

from homeassistant.core import State, split_entity_id

from cem_core.devices import Capability
from cem_core.model import Setpoint
from custom_components.cem.numbers import ATTR_UNIT, number_range

type States = Callable[[str], State | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityCall:
    """One action on one entity, and the state that it should lead to.

    With ``attribute`` it is that one that should be so.
    """

    entity_id: str
    action: str
    data: Mapping[str, Any] = field(default_factory=dict)
    leads_to: str | float | None = None
    attribute: str | None = None

    @property
    def domain(self) -> str:
        """The domain of the action, which is the entity's."""
        return split_entity_id(self.entity_id)[0]


def _unknown(states: States) -> None:
    del states


def _nothing(states: States) -> frozenset[Capability]:
    del states
    return frozenset()


def always(*capabilities: Capability) -> Callable[[States], frozenset[Capability]]:
    """Return what says that the entities take these, whatever their states."""

    def can(states: States) -> frozenset[Capability]:
        del states
        return frozenset(capabilities)

    return can


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """How one device is commanded through its entities; temperatures are in °C.

    ``entities`` are the ones it sets; ``held_w`` reads back what they hold it
    at; ``fallback`` says what the device does when orders stop coming. ``beside`` are
    set too, but no limit depends on them: the device can do without. ``can``: what the
    entities take.
    """

    entities: tuple[str, ...]
    calls: Callable[[Setpoint, States], tuple[EntityCall, ...]]
    fallback: str
    held_w: Callable[[States], int | None] = _unknown
    beside: tuple[str, ...] = ()
    can: Callable[[States], frozenset[Capability]] = _nothing


def number_call(entity_id: str, value: float, state: State | None) -> EntityCall:
    """Set a number: within its range, on its step, never above ``value``."""
    if state is not None:
        lower, upper, step = number_range(state)
        if step > 0:
            # Towards zero, so that rounding never exceeds an order; the small
            # addition keeps 11.0 from becoming 10.99 and so 10.
            steps = math.floor(abs(value) / step + 1e-6)
            value = math.copysign(steps * step, value) if steps else 0.0
        value = min(max(value, lower), upper)
    return EntityCall(
        entity_id=entity_id,
        action="set_value",
        data={"value": value},
        leads_to=value,
    )


def power_limit_call(
    entity_id: str, setpoint: Setpoint, most_w: float, states: States
) -> EntityCall:
    """Bound a device's power: at ``most_w`` where it is left to itself."""
    state = states(entity_id)
    power_w = most_w if setpoint.power_w is None else setpoint.power_w
    return number_call(entity_id, power_in_unit(power_w, state), state)


def power_in_unit(power_w: float, state: State | None) -> float:
    """Return ``power_w`` in the unit of power of the entity."""
    if state is not None and state.attributes.get(ATTR_UNIT) == "kW":
        return power_w / 1000
    return power_w


def switch_call(entity_id: str, *, on: bool) -> EntityCall:
    """Turn a switch on or off."""
    return EntityCall(
        entity_id=entity_id,
        action="turn_on" if on else "turn_off",
        leads_to="on" if on else "off",
    )


def switch_or_option_call(
    entity_id: str, data: Mapping[str, Any], *, on: bool
) -> EntityCall:
    """Turn a switch on or off, or select the option that ``data`` names for it."""
    if split_entity_id(entity_id)[0] in ("select", "input_select"):
        return select_call(entity_id, data["option_on" if on else "option_off"])
    return switch_call(entity_id, on=on)


def select_call(entity_id: str, option: str) -> EntityCall:
    """Select an option."""
    return EntityCall(
        entity_id=entity_id,
        action="select_option",
        data={"option": option},
        leads_to=option,
    )
