"""Why plans are not solved: told once, and taken back once they are again."""

import logging

from cem_core.model import Message
from cem_core.model.render import Renderer
from custom_components.cem.causes import in_words
from custom_components.cem.home import Home
from custom_components.cem.planning.forecast_rows import EntityAwayError
from custom_components.cem.requirements import WorkerPackages

_LOGGER = logging.getLogger(__name__)


class Unsolved:
    """Keeps the last problem, so that the log says each once."""

    def __init__(self, home: Home, packages: WorkerPackages) -> None:
        """Know of no problem."""
        self._home = home
        self._packages = packages
        self._last_problem: str | None = None

    async def async_explain(self, error: Exception) -> None:
        """Say once why there is only a plan by rules."""
        kind = getattr(error, "kind", "input")
        cause = error.message if isinstance(error, EntityAwayError) else str(error)
        message = Message.of("no_new_plan", cause=in_words(cause))
        if kind == "missing":
            await self._packages.async_report_missing(str(error))
            message = Message.of("package_missing", package=str(error))
        if kind != "backing_off":
            self._home.plan_problems = {f"plan_{kind}": message}
            text = Renderer().text(message)  # the log is in English
            if text != self._last_problem:
                _LOGGER.warning("%s: %s", self._home.entry.title, text)
            self._last_problem = text

    def well_again(self) -> None:
        """Take back what was said."""
        self._packages.well()
        self._home.plan_problems = {}
        if self._last_problem is not None:
            _LOGGER.info("%s: plans are solved again", self._home.entry.title)
            self._last_problem = None
