"""The worker's packages: asked for in the background, missed with a notice."""

from datetime import timedelta
import logging
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.requirements import RequirementsNotFound, async_process_requirements
from homeassistant.util import dt as dt_util

from custom_components.cem.const import DOMAIN, WORKER_REQUIREMENTS

_LOGGER = logging.getLogger(__name__)

_ASK_AGAIN_AFTER: Final = timedelta(hours=1)


class WorkerPackages:
    """Gets pyomo and highspy by Home Assistant's own means, if they can be had."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Ask for nothing yet."""
        self._hass = hass
        self._issue_id = f"worker_packages_{entry_id}"
        self._asked_at = dt_util.utc_from_timestamp(0)

    async def async_ensure(self) -> None:
        """Ask Home Assistant to install what is missing; failing is no error."""
        self._asked_at = dt_util.utcnow()
        try:
            await async_process_requirements(
                self._hass, DOMAIN, list(WORKER_REQUIREMENTS), is_built_in=False
            )
        except RequirementsNotFound as error:
            _LOGGER.warning(
                "The solver's packages cannot be installed now, so plans are made "
                "by simple rules; limits are kept all the same: %s",
                error,
            )

    async def async_report_missing(self, package: str) -> None:
        """Raise the repairs issue, and try again once in a while."""
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            self._issue_id,
            is_fixable=False,
            severity=ir.IssueSeverity.WARNING,
            translation_key="worker_packages",
            translation_placeholders={"package": package},
        )
        if dt_util.utcnow() - self._asked_at > _ASK_AGAIN_AFTER:
            await self.async_ensure()

    def well(self) -> None:
        """Take the issue back."""
        ir.async_delete_issue(self._hass, DOMAIN, self._issue_id)
