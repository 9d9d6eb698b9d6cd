"""Bytes of a DLMS meter -> `Reading`: HDLC, wired M-Bus, bare APDUs; with keys or without.

`dlms_link` finds the APDUs in the stream, `apdu` reads them, `dlms_list` knows what
stands where in a list and `dlms_reading` what it means.
"""

from collections.abc import Iterable, Iterator

from cem_core.meter.apdu import ApduReader
from cem_core.meter.dlms_link import Item, Splitter
from cem_core.meter.error import TelegramError
from cem_core.model import Reading


class Decoder:
    """Readings out of a stream that arrives in any cut."""

    def __init__(self, key: bytes | None = None, auth_key: bytes | None = None) -> None:
        """Take the keys of ciphered meters, 16 bytes each.

        Without ``auth_key`` none and that of Luxembourg are tried. Raises
        ValueError for a key of another length.
        """
        self._reader = ApduReader(key, auth_key)
        self._splitter = Splitter()

    def feed(self, data: bytes) -> list[Reading | TelegramError]:
        """Return what ``data`` completes, in order."""
        return list(self._read(self._splitter.feed(data)))

    def finish(self) -> list[Reading | TelegramError]:
        """Return what is left at the end of the stream."""
        results = list(self._read(self._splitter.finish()))
        self._reader.forget()
        return results

    def _read(self, items: Iterable[Item]) -> Iterator[Reading | TelegramError]:
        for item in items:
            if isinstance(item, TelegramError):
                yield item
                continue
            try:
                reading = self._reader.read(item.data, checked=item.checked)
            except ValueError as error:
                yield TelegramError(item.place, str(error))
            else:
                if reading is not None:
                    yield reading
