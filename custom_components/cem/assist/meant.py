"""Which device is meant by what a person calls it."""

from collections.abc import Iterable, Mapping
import re

from homeassistant.helpers import device_registry as dr

from cem_core.model import Message
from custom_components.cem.assist.question import CannotAnswerError
from custom_components.cem.assist.vocabulary import Words
from custom_components.cem.const import DOMAIN
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.home import Home

type Meant = tuple[Home, ControlledDevice]


def spoken(name: str) -> str:
    """Return a name as it is said: no case, and no signs that nobody says."""
    return " ".join(re.findall(r"[\w'-]+", name.casefold()))


def names_of(homes: Iterable[Home], words: Words) -> Mapping[str, tuple[Meant, ...]]:
    """Return who may be meant by what: names first, then words for kinds.

    A word for a kind that is also somebody's name is that one's name.
    """
    every = [(home, device) for home in homes for device in home.devices.values()]
    found: dict[str, tuple[Meant, ...]] = {}
    for home, device in every:
        for name in sorted(_own_names(home, device)):
            found[name] = (*found.get(name, ()), (home, device))
    taken = set(found)
    for home, device in every:
        for word in words.kinds.get(device.kind, ()):
            if (said := spoken(word)) not in taken:
                found[said] = (*found.get(said, ()), (home, device))
    return found


def _own_names(home: Home, device: ControlledDevice) -> set[str]:
    names = {spoken(device.model.name)}
    registry, key = dr.async_get(home.hass), (DOMAIN, device.subentry_id)
    for entry in dr.async_entries_for_config_entry(registry, home.entry.entry_id):
        if key in entry.identifiers and entry.name_by_user is not None:
            names.add(spoken(entry.name_by_user))
    return names - {""}


def device_meant(homes: Iterable[Home], words: Words, named: str) -> Meant:
    """Return the device that ``named`` means. Raises `CannotAnswerError`.

    It may be a name, a word for its kind where there is one such device, with an
    article before it, or the id that plans know it by.
    """
    homes = tuple(homes)
    for home in homes:
        if named in home.devices:
            return home, home.devices[named]
    names, said = names_of(homes, words), spoken(named)
    if said not in names:
        said = words.without_article(said)
    match names.get(said, ()):
        case (meant,):
            return meant
        case ():
            raise CannotAnswerError(Message.of("assist_no_device", device=named))
        case several:
            called = " / ".join(device.model.name for _, device in several)
            raise CannotAnswerError(
                Message.of("assist_which_device", device=named, devices=called)
            )
