"""What leaves the home and what is kept of its meter: load curves and publications."""

from typing import TYPE_CHECKING

from homeassistant.core import callback
from homeassistant.util import dt as dt_util

from cem_core.exchange import LoadCurve
from cem_core.model import Reading
from custom_components.cem.exchange.curve_recorder import CurveRecorder
from custom_components.cem.exchange.publications import Publications

if TYPE_CHECKING:
    from custom_components.cem.home import Home


class Exchange:
    """A home's part in it: one line each where the home starts, reads and stops."""

    def __init__(self, home: Home) -> None:
        """Prepare for the home's meter and its subentries; start nothing yet."""
        self.publications = Publications(home)
        self.curves = CurveRecorder(
            home.hass,
            home.entry,
            source=home.meter.source if home.meter is not None else None,
            silent_after_s=home.meter.silent_after_s if home.meter is not None else 0,
            over=self._over,
        )

    @callback
    def start(self) -> None:
        """Begin to record, and to publish where a consent holds."""
        self.curves.start()
        self.publications.start()

    async def async_stop(self) -> None:
        """Publish no more; write what waits."""
        await self.publications.async_stop()
        await self.curves.async_stop()

    @callback
    def take(self, reading: Reading) -> None:
        """Take a telegram."""
        now = dt_util.utcnow()
        self.curves.take(reading, now)
        self.publications.take(reading, now)

    @callback
    def _over(self, curve: LoadCurve) -> None:
        self.publications.take_curve(curve, dt_util.utcnow())
