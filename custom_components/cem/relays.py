"""Relay contacts at run time: binary sensors in, limits out."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import STATE_OFF, STATE_ON
from homeassistant.core import (
    Event,
    EventStateChangedData,
    HassJob,
    HomeAssistant,
    callback,
)
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.event import async_call_later, async_track_state_change_event

from cem_core.limits.relay import Contact, RelayInput, fnn_contacts, relay_limits
from cem_core.model import Direction, PowerLimit, Scope
from custom_components.cem.const import CONF_METHOD, DOMAIN
from custom_components.cem.forms.relay import FNN, SINGLE_CONTACT, opens_to_limit

_READ: Final = {STATE_ON: True, STATE_OFF: False}
_ONLY: Final = "contact"


def monotonic_s(hass: HomeAssistant) -> float:
    """Return the time by which contacts bounce and go silent."""
    return hass.loop.time()


class Relays:
    """The contacts of one subentry."""

    def __init__(
        self, hass: HomeAssistant, subentry: ConfigSubentry, changed: Callable[[], None]
    ) -> None:
        """Read nothing yet; ``changed`` is called when a contact may count anew."""
        self._hass = hass
        self._subentry = subentry
        self._changed = changed
        answers = subentry.data
        self._contacts = contacts_of(answers)
        self._debounce_s = float(answers["debounce"])
        self._entities = {n: answers[n] for n in self._contacts if n in answers}
        self._inputs = {
            name: RelayInput(
                limits_when_closed=not opens_to_limit(answers),
                debounce_s=self._debounce_s,
                since_s=monotonic_s(hass),
            )
            for name in self._entities
        }
        self._unreadable: frozenset[str] = frozenset()
        self._stops: list[Callable[[], None]] = []
        self._waits: Callable[[], None] | None = None  # until a contact is steady

    @property
    def title(self) -> str:
        """What the user calls them."""
        return self._subentry.title

    @property
    def unreadable(self) -> Sequence[str]:
        """The entities that have not been readable for too long."""
        return sorted(self._entities[name] for name in self._unreadable)

    @callback
    def start(self) -> None:
        """Read the contacts and follow them."""
        for name in self._entities:
            self._read(name)
        self._stops.append(
            async_track_state_change_event(
                self._hass, list(self._entities.values()), self._moved
            )
        )

    @callback
    def stop(self) -> None:
        """Follow them no longer."""
        for stop in self._stops:
            stop()
        self._stops.clear()
        if self._waits is not None:
            self._waits()
        ir.async_delete_issue(self._hass, DOMAIN, self._issue_id)

    @callback
    def limits(self) -> Sequence[PowerLimit]:
        """Return what they order now; report those that nobody can read."""
        now_s = monotonic_s(self._hass)
        self._report(
            frozenset(n for n, each in self._inputs.items() if each.unreadable(now_s))
        )
        return relay_limits(
            self._contacts,
            self._inputs,
            issuer=self.title,
            relay_id=self._subentry.subentry_id,
            now_s=now_s,
        )

    @callback
    def _moved(self, event: Event[EventStateChangedData]) -> None:
        for name, entity_id in self._entities.items():
            if entity_id == event.data["entity_id"]:
                self._read(name)
        if self._waits is not None:
            self._waits()
        self._waits = async_call_later(
            self._hass,
            self._debounce_s,
            HassJob(self._steady, cancel_on_shutdown=True),
        )

    @callback
    def _steady(self, now: datetime) -> None:
        del now
        self._waits = None
        self._changed()

    def _read(self, name: str) -> None:
        state = self._hass.states.get(self._entities[name])
        closed = None if state is None else _READ.get(state.state)
        now_s = monotonic_s(self._hass)
        self._inputs[name] = self._inputs[name].read(closed, now_s)

    def _report(self, unreadable: frozenset[str]) -> None:
        if unreadable == self._unreadable:
            return
        self._unreadable = unreadable
        if not unreadable:
            ir.async_delete_issue(self._hass, DOMAIN, self._issue_id)
            return
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            self._issue_id,
            is_fixable=False,
            severity=ir.IssueSeverity.ERROR,
            translation_key="contact_unreadable",
            translation_placeholders={
                "relays": self.title,
                "entities": ", ".join(self.unreadable),
            },
        )

    @property
    def _issue_id(self) -> str:
        return f"contact_unreadable_{self._subentry.subentry_id}"


def contacts_of(answers: Mapping[str, Any]) -> Mapping[str, Contact]:
    """Return what each contact orders, by the form that was filled in."""
    limit_w = round(answers["relay_limit"] * 1000)
    scope = Scope(answers["limit_scope"])
    match answers[CONF_METHOD]:
        case method if method == SINGLE_CONTACT:
            direction = Direction(answers["relay_direction"])
            if direction is Direction.EXPORT:
                scope = Scope.CONNECTION
            return {
                _ONLY: Contact(direction=direction, scope=scope, limit_w=limit_w),
            }
        case method if method == FNN:
            return fnn_contacts(
                consumption_w=limit_w,
                scope=scope,
                feed_in_w=answers["feed_in_peak"] * 1000,
            )
        case method:
            raise ValueError(f"no relays by {method}")
