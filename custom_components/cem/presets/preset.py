"""What a preset is: how a form's fields are found on one device of an integration."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
import re
from typing import Any

from homeassistant.helpers.entity_registry import RegistryEntry

from custom_components.cem.const import Kind

ONE_FORM = "user"  # the step of a kind with one form


@dataclass(frozen=True, slots=True, kw_only=True)
class Find:
    """How one entity is told from the others of its device.

    By its ``translation_key``, by the ``name`` its integration gave it, or else by
    its whole ``unique_id``, a regular expression: entities that are named after their
    device class have no translation key. ``key`` is the word of the integration's source that the
    pattern rests on.
    """

    domain: str
    translation_key: str | None = None
    name: str | None = None
    unique_id: str | None = None
    key: str | None = None

    def fits(self, entry: RegistryEntry) -> bool:
        """Tell whether ``entry`` is the one looked for."""
        if entry.domain != self.domain or entry.disabled:
            return False
        if self.translation_key is not None:
            return entry.translation_key == self.translation_key
        if self.name is not None:
            return entry.original_name == self.name
        return re.fullmatch(self.unique_id or "", entry.unique_id) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """How the devices of one integration fill in the form of one kind.

    ``needs`` are the fields without whose entities it is no such device; those of
    ``beside`` are on another device of the same integration's entry, the tank of a
    heat pump say, and left out where there are several.
    ``answers`` are fixed; ``fallback`` says what the device does when orders stop.
    ``model_id`` tells a device from others of the integration with the same entities.
    """

    integration: str
    kind: Kind
    method: str = ONE_FORM
    model_id: str | None = None
    entities: Mapping[str, Find]
    needs: tuple[str, ...]
    beside: Mapping[str, Find] = field(default_factory=dict)
    answers: Mapping[str, Any] = field(default_factory=dict)
    fallback: str
    source: str
    tried: bool = False  # on a real device
    core: bool = True  # part of Home Assistant, so that tests check the keys

    def fill(
        self, entries: Iterable[RegistryEntry], others: Iterable[RegistryEntry] = ()
    ) -> dict[str, Any] | None:
        """Return the answers that one device's ``entries`` give, None: no such device.

        ``others`` are those of the integration's whole entry.
        """
        listed = [entry for entry in entries if entry.platform == self.integration]
        found = {
            name: entry.entity_id
            for name, find in self.entities.items()
            if (entry := next(filter(find.fits, listed), None)) is not None
        }
        if any(name not in found for name in self.needs):
            return None
        listed = list(others)
        for name, find in self.beside.items():
            fitting = [entry.entity_id for entry in listed if find.fits(entry)]
            if len(fitting) == 1:
                found[name] = fitting[0]
        return {**self.answers, **found}


def by_key(domain: str, translation_key: str) -> Find:
    """Find an entity by its translation key."""
    return Find(domain=domain, translation_key=translation_key, key=translation_key)


def ending(domain: str, key: str, *, before: str = "[-_]") -> Find:
    """Find an entity whose unique id ends in ``key``, after one of ``before``."""
    return Find(domain=domain, unique_id=f".*{before}{re.escape(key)}", key=key)
