"""Delete all that is kept of a home; what the law wants kept stays, and is named.

GDPR art. 17(1) is the right, art. 17(3)(b) its exception: in Germany a limit of the
grid operator has to be proven for two years (BNetzA BK6-22-300, annex 1, 7.2 and 7.3),
and a consent as long as somebody may ask for it (GDPR art. 7(1)).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
import shutil
from typing import Any, Final

from homeassistant.components.recorder import DOMAIN as RECORDER, get_instance
from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from cem_core.model import Direction
from custom_components.cem.care.export import async_delete_exports, folder_of
from custom_components.cem.exchange.statistics import statistic_id
from custom_components.cem.home import Home
from custom_components.cem.saving.long_term import saving_statistics

_PURGE: Final = "purge_entities"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleted:
    """What was deleted and what was kept, as paths and ids."""

    paths: Sequence[str]
    statistics: Sequence[str]
    exports: int
    kept: Sequence[str]

    def to_json(self) -> dict[str, Any]:
        """Return it as an action answers."""
        return {
            "deleted": list(self.paths),
            "statistics": list(self.statistics),
            "exports": self.exports,
            "kept": list(self.kept),
        }


async def async_delete(home: Home, *, evidence: bool) -> Deleted:
    """Delete the home and all that is kept of it, ``evidence`` only if that is said.

    Devices are handed back first, as whenever a home is removed. Raises `OSError`
    where the disk lets something not go; what is left is deleted when asked again.
    """
    hass, entry = home.hass, home.entry
    proofs = (home.evidence.folder, home.exchange.publications.folder)
    keys = (home.evidence.key, home.exchange.publications.key)
    curves = home.exchange.curves.archive.path.parent
    entities = [
        each.entity_id
        for each in er.async_entries_for_config_entry(
            er.async_get(hass), entry.entry_id
        )
    ]
    statistics = [statistic_id(entry, direction) for direction in Direction]
    statistics += saving_statistics(entry)
    await hass.config_entries.async_remove(entry.entry_id)
    await _forget_history(hass, entities, statistics)
    paths = [curves, *(proofs + keys if evidence else ())]
    gone = await hass.async_add_executor_job(_remove, paths)
    exports = await async_delete_exports(hass, folder_of(hass), entry.entry_id)
    kept = () if evidence else tuple(str(path) for path in proofs if path.exists())
    return Deleted(
        paths=gone, statistics=(*statistics, *entities), exports=exports, kept=kept
    )


async def _forget_history(
    hass: HomeAssistant, entities: Sequence[str], statistics: Sequence[str]
) -> None:
    """Let the recorder forget the states and the statistics of the home."""
    if entities:
        await hass.services.async_call(
            RECORDER,
            _PURGE,
            {ATTR_ENTITY_ID: list(entities), "keep_days": 0},
            blocking=True,
        )
    get_instance(hass).async_clear_statistics([*statistics, *entities])


def _remove(paths: Sequence[Path]) -> tuple[str, ...]:
    gone = []
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path)
        elif path.exists():
            path.unlink()
        else:
            continue
        gone.append(str(path))
    return tuple(gone)
