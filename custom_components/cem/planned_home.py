"""What the planner knows and does of a home."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from cem_core.insight.price_level import PriceLevels
from cem_core.model import Message, Plan
from custom_components.cem.announcer import Announcer
from custom_components.cem.peak_ahead import PeakAhead
from custom_components.cem.planning.prices import Prices

if TYPE_CHECKING:  # what is planned is written of a home
    from custom_components.cem.planning.replay import Solved


class WhatIf(Protocol):
    """Tells what a wish would cost; raises `SeriesError` or `WorkerError`."""

    def __call__(
        self, wish: Mapping[str, Any], *, time_limit_s: float = ...
    ) -> Awaitable[dict[str, Any]]:
        """Answer, the best that is found in ``time_limit_s``."""


async def _nothing() -> None:
    """Stand in while there is no planner."""


class PlannedHome(Announcer):
    """The part of a home that the planner fills, and that asks the planner."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        """Begin without a plan and without a planner."""
        super().__init__(hass, entry)
        self.plan: Plan | None = None
        self.plan_document: dict[str, Any] | None = None
        self.solved: Solved | None = None
        self.prices: Prices | None = None
        self.price_levels: PriceLevels | None = None
        self.prices_refused = False  # when they were asked for last
        self.peak_ahead: PeakAhead | None = None
        self.replan_wanted: Callable[[str], None] = lambda _: None
        self.replan_now: Callable[[], Awaitable[None]] = _nothing
        self.what_if: WhatIf | None = None
        self.stop_planner: Callable[[], Awaitable[None]] = _nothing
        self.plan_problems: dict[str, Message] = {}
        self.foretold_until: Mapping[str, datetime] = {}  # by who foretells what

    def take_prices(self, prices: Prices) -> None:
        """Show these prices from now on."""
        self.prices, self.prices_refused = prices, False
        zone = dt_util.get_default_time_zone()
        self.price_levels = PriceLevels.of(prices.imported, zone)
