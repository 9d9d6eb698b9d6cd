"""Bytes of a meter -> `Reading`. Pure: no clock and no IO.

`Decoder` takes a stream in any cut; `parse` takes one whole telegram.
"""

from cem_core.meter.error import TelegramError
from cem_core.meter.p1 import Decoder, parse

__all__ = ["Decoder", "TelegramError", "parse"]
