"""Carries out setpoints by actions on Home Assistant's entities."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace
import logging
import math
from typing import Final

from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import Context, HomeAssistant, State

from cem_core.devices import Capability, DeviceError
from cem_core.model import Message, Setpoint
from custom_components.cem.describe import known
from custom_components.cem.drivers.translation import EntityCall, Translation
from custom_components.cem.numbers import finite
from custom_components.cem.temperatures import in_celsius, in_home_unit

_LOGGER = logging.getLogger(__name__)
_REMEMBERED: Final = 64
_BUTTONS: Final = ("button", "input_button")
# A device may round what it is told: this much apart still is our order.
_SAME_SHARE: Final = 0.02
_SAME_ABSOLUTE: Final = 1.0
_EXACT: Final = 1e-6  # two units' conversion there and back


class EntityDriver:
    """One device behind the entities that the user picked."""

    def __init__(self, hass: HomeAssistant, translation: Translation) -> None:
        """Command through the entities of ``translation``."""
        self._hass = hass
        self._translation = translation
        self._contexts: deque[str] = deque(maxlen=_REMEMBERED)
        self._ordered: dict[tuple[str, str | None], str | float] = {}
        self._insists = False
        self._refusal: str | None = None

    @property
    def fallback(self) -> str:
        """What the device does while nobody commands it."""
        return self._translation.fallback

    @property
    def entities(self) -> tuple[str, ...]:
        """The entities that it sets."""
        return (*self._translation.entities, *self._translation.beside)

    @property
    def controllable(self) -> bool:
        """Whether the user gave any entity to command it by."""
        return bool(self.entities)

    @property
    def available(self) -> bool:
        """Whether everything it is commanded by answers."""
        return all(self._answers(each) for each in self._translation.entities)

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What its entities take."""
        return self._translation.can(self._hass.states.get)

    def _answers(self, entity_id: str) -> bool:
        state = self._hass.states.get(entity_id)
        if state is None or state.state == STATE_UNAVAILABLE:
            return False
        # A button that nobody has pressed yet knows of no press.
        return known(state) is not None or state.domain in _BUTTONS

    plugged = None  # an entity of its own says so
    state_of_charge = None
    water_c = None

    def measured_w(self) -> int | None:
        """Return nothing: an entity of its own measures."""
        return None

    def held_w(self) -> int | None:
        """Return the power that its entities hold it at, None if they do not say."""
        return self._translation.held_w(self._hass.states.get)

    def is_as(self, setpoint: Setpoint) -> bool:
        """Tell whether every entity already says what ``setpoint`` means."""
        return all(
            call.leads_to is None
            or (
                (state := self._hass.states.get(call.entity_id)) is not None
                and is_so(state, call.leads_to, call.attribute)
            )
            for call in self._calls(setpoint)
        )

    def _calls(self, setpoint: Setpoint) -> Iterator[EntityCall]:
        """Return what ``setpoint`` means, temperatures in the unit of the home."""
        for call in self._translation.calls(setpoint, self._state):
            if self._is_beside(call) and not self._answers(call.entity_id):
                continue
            if call.action != "set_temperature" or isinstance(call.leads_to, str):
                yield call
                continue
            targets = {
                key: in_home_unit(self._hass, target_c)
                for key, target_c in call.data.items()
            }
            leads_to = call.leads_to
            if leads_to is not None:
                leads_to = in_home_unit(self._hass, leads_to)
            yield replace(call, data=targets, leads_to=leads_to)

    def _is_beside(self, call: EntityCall) -> bool:
        return call.entity_id in self._translation.beside

    def _state(self, entity_id: str) -> State | None:
        return in_celsius(self._hass, self._hass.states.get(entity_id))

    def is_as_ordered(self) -> bool:
        """Tell whether what the entities hold is an order of ours, not a choice."""
        return bool(self._ordered) and all(
            (state := self._hass.states.get(entity_id)) is not None
            and is_so(state, wanted, attribute)
            for (entity_id, attribute), wanted in self._ordered.items()
        )

    def meddled(self) -> None:
        """Return nothing: each change of an entity is an event of its own."""

    def insist(self) -> None:
        """Make every call of the next order, also where the entity says it is so."""
        self._insists = True

    def translate(self, translation: Translation) -> None:
        """Command the same entities by another translation from now on."""
        self._translation = translation

    async def obey(self, setpoint: Setpoint) -> None:
        """Call what ``setpoint`` means; leave out what is so already."""
        insists, self._insists = self._insists, False
        # What was handed back keeps nothing of a limit, not even what rounding allows.
        same = is_exactly if setpoint.power_w is None else is_so
        for call in self._calls(setpoint):
            if not self._is_beside(call):
                await self._call(call, same, insists=insists)
                continue
            try:
                await self._call(call, same, insists=insists)
            except DeviceError as error:
                self._refused(str(error))
            else:
                self._refusal = None

    def _refused(self, error: str) -> None:
        """Say once that something did not take its order without which limits hold."""
        if error != self._refusal:
            _LOGGER.warning("An order was not taken: %s", error)
        self._refusal = error

    async def _call(
        self,
        call: EntityCall,
        same: Callable[[State, str | float, str | None], bool],
        *,
        insists: bool,
    ) -> None:
        state = self._hass.states.get(call.entity_id)
        if state is None or state.state == STATE_UNAVAILABLE:
            raise DeviceError(Message.of("entity_away", entity=call.entity_id))
        if call.leads_to is not None:
            key = call.entity_id, call.attribute
            before = self._ordered.get(key, call.leads_to)
            self._ordered[key] = call.leads_to
            # An entity that says so may not have heard of another order before it.
            settled = not insists and _alike(before, call.leads_to)
            if settled and same(state, call.leads_to, call.attribute):
                return
        context = Context()
        self._contexts.append(context.id)
        acting = self._hass.services.async_call(
            call.domain,
            call.action,
            {"entity_id": call.entity_id, **call.data},
            blocking=True,
            context=context,
        )
        # Gathered, as another integration may fail in any way: each is a refusal.
        (outcome,) = await asyncio.gather(acting, return_exceptions=True)
        if isinstance(outcome, Exception):
            what = str(outcome) or type(outcome).__name__
            self._refused(f"{call.entity_id}: {what}")
            refusal = Message.of("cause_entity_refused", entity=call.entity_id)
            raise DeviceError(refusal) from outcome

    def is_ours(self, state: State) -> bool:
        """Tell whether ``state`` came from an order of ours, or equals it.

        What is set beside may change by its device's own rules (a tank that is hot
        ends its boost): only a person's hand there is a choice.
        """
        if state.context.id in self._contexts:
            return True
        by_hand = state.context.user_id or state.context.parent_id
        if state.entity_id in self._translation.beside and not by_hand:
            return True
        return all(
            is_so(state, wanted, attribute)
            for (entity_id, attribute), wanted in self._ordered.items()
            if entity_id == state.entity_id
        )


def is_so(state: State, wanted: str | float, attribute: str | None = None) -> bool:
    """Tell whether the entity is as wanted, or as near to it as rounding may be."""
    if isinstance(wanted, str):
        return _said(state, attribute) == wanted
    return _is_near(_apart(state, wanted, attribute), wanted)


def _alike(one: str | float, other: str | float) -> bool:
    if isinstance(one, str) or isinstance(other, str):
        return one == other
    return _is_near(abs(one - other), other)


def _is_near(apart: float, wanted: float) -> bool:
    return apart <= min(_SAME_ABSOLUTE, _SAME_SHARE * abs(wanted))


def is_exactly(state: State, wanted: str | float, attribute: str | None = None) -> bool:
    """Tell whether the entity is as wanted."""
    if isinstance(wanted, str):
        return _said(state, attribute) == wanted
    return _apart(state, wanted, attribute) <= _EXACT


def _said(state: State, attribute: str | None) -> object:
    return state.state if attribute is None else state.attributes.get(attribute)


def _apart(state: State, wanted: float, attribute: str | None) -> float:
    otherwise = state.attributes.get("temperature", state.state)
    said = otherwise if attribute is None else state.attributes.get(attribute)
    value = finite(said)
    return math.inf if value is None else abs(value - wanted)
