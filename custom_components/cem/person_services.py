"""Action: a person of the home chooses what they are told, where, and when not."""

from types import MappingProxyType
from typing import Any, Final

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import ServiceCall, State
from homeassistant.helpers import config_validation as cv
import probatio

from cem_core.notification import Subject
from custom_components.cem.action_schema import ActionSchema
from custom_components.cem.calls import HOME, home_of, refuse
from custom_components.cem.const import CONF_METHOD, Kind
from custom_components.cem.forms import FORMS, ONLY
from custom_components.cem.forms.notices import MOST_MESSAGES, half_quiet
from custom_components.cem.home import Home
from custom_components.cem.messages.recipients import PERSON_DOMAIN, person_of
from custom_components.cem.messages.settings import PERSON, Digest
from custom_components.cem.roles import RoleError

_QUIET: Final = ("quiet_from", "quiet_until")
CHOOSE_MESSAGES: Final = ActionSchema(
    {
        **HOME,
        probatio.Optional(PERSON): cv.entity_domain(PERSON_DOMAIN),
        probatio.Optional("notify"): probatio.All(
            cv.ensure_list, [cv.entity_id], probatio.Length(min=1)
        ),
        probatio.Optional("subjects"): probatio.All(
            cv.ensure_list, [probatio.In([subject.value for subject in Subject])]
        ),
        probatio.Optional("most_a_day"): probatio.All(
            probatio.Coerce(int), probatio.Range(min=0, max=MOST_MESSAGES)
        ),
        probatio.Optional("quiet_from"): probatio.Any(None, cv.time),
        probatio.Optional("quiet_until"): probatio.Any(None, cv.time),
        probatio.Optional("digest"): probatio.In([each.value for each in Digest]),
        probatio.Optional("digest_at"): cv.time,
    }
)

_KEYS: Final = frozenset(
    key
    for key in map(str, CHOOSE_MESSAGES.schema)
    if key not in {"config_entry_id", PERSON}
)


async def async_choose_messages(call: ServiceCall) -> None:
    """Keep what a person chose; what is not said stays as it was."""
    home = home_of(call.hass, call.data.get("config_entry_id"))
    person = await _person(home, call)
    chosen = {key: _stored(call.data[key]) for key in call.data if key in _KEYS}
    subentry = _subentry_of(home, person.entity_id)
    kept = _usual(person) if subentry is None else dict(subentry.data)
    data = {key: v for key, v in (kept | chosen).items() if v is not None}
    if not data.get("notify"):
        raise refuse("no_target", person=person.name)
    if half_quiet(data):
        raise refuse("quiet_halves")
    entries = call.hass.config_entries
    if subentry is not None:
        entries.async_update_subentry(home.entry, subentry, data=data)
        return
    made = ConfigSubentry(
        data=MappingProxyType(data),
        subentry_type=Kind.PERSON.value,
        title=person.name,
        unique_id=None,
    )
    entries.async_add_subentry(home.entry, made)


async def _person(home: Home, call: ServiceCall) -> State:
    """Return who is meant: an administrator may name anybody, others are themselves."""
    hass, user_id = home.hass, call.context.user_id
    user = None if user_id is None else await hass.auth.async_get_user(user_id)
    own = person_of(hass, user_id)
    named = call.data.get(PERSON)
    if named is None:
        if own is None:
            raise refuse("no_person")
        return own
    anybody = user_id is None or (user is not None and user.is_admin)
    if not anybody and (own is None or own.entity_id != named):
        raise RoleError(call.context)
    person = hass.states.get(named)
    if person is None:
        raise refuse("no_person")
    return person


def _subentry_of(home: Home, entity_id: str) -> ConfigSubentry | None:
    for subentry in home.entry.subentries.values():
        named = subentry.data.get(PERSON)
        if subentry.subentry_type == Kind.PERSON and named == entity_id:
            return subentry
    return None


def _usual(person: State) -> dict[str, Any]:
    """Return what the form begins with."""
    return {
        CONF_METHOD: ONLY,
        "name": person.name,
        PERSON: person.entity_id,
    } | {
        field.key: field.default
        for field in FORMS[Kind.PERSON][ONLY].fields
        if field.default is not None
    }


def _stored(value: Any) -> Any:  # noqa: ANN401 - of whatever field
    """Return a value as the form keeps it."""
    return value.isoformat() if hasattr(value, "isoformat") else value
