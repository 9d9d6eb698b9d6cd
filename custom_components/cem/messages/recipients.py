"""Who is told: the household, and each person of it who chose what they want to hear."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry

from cem_core.notification import Post
from custom_components.cem.const import Kind
from custom_components.cem.messages.settings import MessageSettings

_PEOPLE: Final = "people"


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

    def to_json(self) -> dict[str, Any]:
        """Return what has to survive a restart."""
        people = {key: person.post.to_json() for key, person in self._people.items()}
        return {**self._household.post.to_json(), _PEOPLE: people}


def _recipient(
    settings: MessageSettings, stored: Mapping[str, Any] | None
) -> Recipient:
    if stored is None:
        return Recipient(settings, Post(settings.post))
    return Recipient(settings, Post.from_json(settings.post, stored))
