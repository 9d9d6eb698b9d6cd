"""What a home that is being set up could save in its first day, before it exists."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from homeassistant.config_entries import SOURCE_USER, ConfigEntry, ConfigSubentryData
from homeassistant.core import HomeAssistant

from cem_core.model import Message, SeriesError
from custom_components.cem.causes import in_words
from custom_components.cem.const import DOMAIN
from custom_components.cem.home import Home
from custom_components.cem.learning.store import LearningStore
from custom_components.cem.planner import Planner
from custom_components.cem.store import HomeStore
from custom_components.cem.worker_client import WorkerError

_DAY_H: Final = 24
_NOTHING: Final = 0.005


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstDay:
    """The next day's bill in ``currency``, as it is foretold."""

    without: float
    planned: float
    currency: str

    @property
    def message(self) -> Message:
        """Say what a plan saves against doing nothing."""
        saved = self.without - self.planned
        if saved < _NOTHING:
            return Message.of(
                "first_day_saves_nothing",
                planned_cost=self.planned,
                currency=self.currency,
            )
        return Message.of(
            "first_day_saves",
            saved_cost=saved,
            planned_cost=self.planned,
            without_cost=self.without,
            currency=self.currency,
        )


class Trial:
    """A home that is not set up: it reads entities, commands nothing, and goes again."""

    def __init__(
        self,
        hass: HomeAssistant,
        title: str,
        data: Mapping[str, Any],
        subentries: Iterable[ConfigSubentryData],
    ) -> None:
        """Build the home as its entry would be."""
        self._hass = hass
        self._entry: ConfigEntry[Home] = ConfigEntry(
            data=data,
            discovery_keys=MappingProxyType({}),
            domain=DOMAIN,
            minor_version=2,
            options={},
            source=SOURCE_USER,
            subentries_data=subentries,
            title=title,
            unique_id=None,
            version=1,
        )
        self._learned = LearningStore(hass, self._entry.entry_id)
        store = HomeStore(hass, self._entry.entry_id)
        self._home = Home(hass, self._entry, store, self._learned)
        self._planner = Planner(self._home)

    async def async_first_day(self) -> Message:
        """Return what the first day saves, or why that is not known yet."""
        try:
            found = await self._planner.async_first_day(_DAY_H)
        except (SeriesError, WorkerError) as error:
            return Message.of("first_day_unknown", cause=_why(error))
        finally:
            await self._planner.async_stop()
            await self._learned.async_remove()
        return FirstDay(
            without=found["without"]["cost"],
            planned=found["known"]["cost"],
            currency=self._hass.config.currency,
        ).message


def _why(error: SeriesError | WorkerError) -> Message:
    if isinstance(error, WorkerError) and error.kind == "missing":
        return Message.of("cause_package_missing", package=str(error))
    return in_words(str(error))
