"""What is odd about the meter's readings: kept from the home, told to people."""

from dataclasses import replace
import logging
from typing import Final

from cem_core.limits import Contract
from cem_core.limits.fuse import sum_w
from cem_core.meter.guard import ReadingGuard
from cem_core.model import Message, Reading
from cem_core.model.render import Renderer

_LOGGER = logging.getLogger(__name__)

_LET_THROUGH: Final = 2  # fuses carry more than their rating for a while


class MeterGuard:
    """Lets through what is believed of each reading; remembers the last doubt."""

    def __init__(self, title: str, source: str | None, contract: Contract) -> None:
        """Start with nothing known; ``source`` is where the readings come from."""
        self._title, self._source = title, source
        self._last: Message | None = None
        most_w = None
        if contract.fuse_a is not None:
            most_w = _LET_THROUGH * sum_w(contract.fuse_a, contract.phases)
        self._guard = ReadingGuard(most_w=most_w)

    @property
    def doubt(self) -> Message | None:
        """Why a register is not believed at this moment."""
        return self._last if self._guard.doubted else None

    def believed(self, reading: Reading, at_s: float) -> Reading | None:
        """Return what the home may use of ``reading``, None where it is an old one."""
        taken, doubts = self._guard.check(reading, at_s)
        for doubt in doubts:
            self._last = doubt.message
            text = Renderer().text(doubt.message)  # the log is in English
            _LOGGER.warning("%s: %s", self._title, text)
        return None if taken is None else replace(taken, source=self._source)
