"""Who is told: the household, and each person of it who chose what they want to hear."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, State

from cem_core.notification import Post
from custom_components.cem.const import Kind
from custom_components.cem.messages.settings import PERSON, MessageSettings

PERSON_DOMAIN: Final = "person"
_PEOPLE: Final = "people"
_ATTR_USER: Final = "user_id"


@dataclass(frozen=True, slots=True)
class Recipient:
    """One who is told, what they chose, and what they were told.

    ``shown`` has the keys of the messages that may still be on their phone.
    """

    settings: MessageSettings
    post: Post
    shown: set[str] = field(default_factory=set)


class Recipients:
    """The recipients of one home.

    A target that a person named is that person's: it is not told as one of the
    household's as well.
    """

    def __init__(self, entry: ConfigEntry, stored: Mapping[str, Any] | None) -> None:
        """Take what the options and the persons' subentries say, and what was told."""
        stored = {} if stored is None else stored
        of_people: Mapping[str, Any] = stored.get(_PEOPLE, {})
        self._people = {
            subentry.subentry_id: _recipient(
                MessageSettings.of(subentry.data), of_people.get(subentry.subentry_id)
            )
            for subentry in entry.subentries.values()
            if subentry.subentry_type == Kind.PERSON
        }
        self._by_person = {
            entry.subentries[key].data.get(PERSON): recipient
            for key, recipient in self._people.items()
        }
        chosen = MessageSettings.of(entry.options)
        taken = {t for person in self._people.values() for t in person.settings.notify}
        left = tuple(target for target in chosen.notify if target not in taken)
        self._household = _recipient(
            replace(chosen, notify=left), stored if "day" in stored else None
        )
        self._all_taken = bool(chosen.notify) and not left

    def __iter__(self) -> Iterator[Recipient]:
        """Go over all: the household first, unless each of its targets is a person's."""
        if not self._all_taken:
            yield self._household
        yield from self._people.values()

    def of_person(self, entity_id: str | None) -> tuple[Recipient, ...]:
        """Return who that `person` is, else all of them."""
        own = () if entity_id is None else (self._by_person.get(entity_id),)
        return tuple(each for each in own if each is not None) or tuple(self)

    def to_json(self) -> dict[str, Any]:
        """Return what has to survive a restart."""
        people = {key: person.post.to_json() for key, person in self._people.items()}
        return {**self._household.post.to_json(), _PEOPLE: people}


def person_of(hass: HomeAssistant, user_id: str | None) -> State | None:
    """Return the person who that user is."""
    if user_id is None:
        return None
    for state in hass.states.async_all(PERSON_DOMAIN):
        if state.attributes.get(_ATTR_USER) == user_id:
            return state
    return None


def _recipient(
    settings: MessageSettings, stored: Mapping[str, Any] | None
) -> Recipient:
    if stored is None:
        return Recipient(settings, Post(settings.post))
    return Recipient(settings, Post.from_json(settings.post, stored))
