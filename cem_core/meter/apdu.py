"""One APDU of a meter -> `Reading`: data notification, ciphered, or in blocks.

Sources: IEC 62056-5-3 (DLMS/COSEM application layer), 9 and 7.3.13.
"""

from datetime import datetime
import re
from typing import Final

from cem_core.meter import axdr, cipher, cosem_time, dlms_list, dlms_reading, p1
from cem_core.meter.error import TelegramError
from cem_core.model import Reading

DATA_NOTIFICATION: Final = 0x0F
BLOCK_TRANSFER: Final = 0xE0
LLC: Final = (b"\xe6\xe7\x00", b"\xe6\xe6\x00")
LLC_BYTES: Final = 3

_INVOKE_ID_BYTES: Final = 4
_LAST_BLOCK: Final = 0x80
_BLOCK_HEAD: Final = 6  # tag, control, number, acknowledged number
_MAX_BLOCKS_BYTES: Final = 16_384
_P1_START: Final = b"/"
_NOTHING_SAID: Final = Reading(format="dlms")
_P1_END: Final = re.compile(rb"!(?:[0-9A-Fa-f]{4})?(?:\r?\n)?\Z")


class ApduReader:
    """Reads APDUs one after the other; keeps blocks and frame counters."""

    def __init__(self, key: bytes | None, auth_key: bytes | None) -> None:
        """Take the keys, 16 bytes each; ValueError for another length."""
        self._opener = cipher.Opener(key, auth_key)
        self._blocks = bytearray()
        self._next_block = 1

    def read(self, apdu: bytes, *, checked: bool) -> Reading | None:
        """Return what ``apdu`` says, without values when that is nothing.

        None means that it is one block of several, and not the last.

        ``checked`` tells that a checksum proved the bytes. Raises ValueError when
        the APDU is malformed or cannot be opened.
        """
        if apdu[:LLC_BYTES] in LLC:
            apdu = apdu[LLC_BYTES:]
        tag = apdu[0] if apdu else None
        if tag == DATA_NOTIFICATION:
            return _notification(apdu, checked=checked)
        if tag in cipher.TAGS:
            return self._ciphered(apdu)
        if tag == BLOCK_TRANSFER:
            return self._block(apdu, checked=checked)
        return _NOTHING_SAID

    def _ciphered(self, apdu: bytes) -> Reading | None:
        sealed = cipher.parse(apdu)
        if sealed.size > len(apdu):
            raise axdr.TruncatedError
        plain = self._opener.open(sealed)
        if plain.startswith(_P1_START):
            reading: Reading | None = _p1(plain, authenticated=sealed.authenticated)
        elif plain[:1] and plain[0] in (DATA_NOTIFICATION, *cipher.TAGS):
            reading = self.read(plain, checked=False)
        else:
            raise ValueError(cipher.SENSELESS)
        self._opener.accept(sealed)
        return reading

    def _block(self, apdu: bytes, *, checked: bool) -> Reading | None:
        size, start = axdr.length(apdu, _BLOCK_HEAD)
        number = int.from_bytes(apdu[2:4])
        if len(apdu) < start + size:
            raise axdr.TruncatedError
        if number == 1:
            self.forget()
        expected = self._next_block
        if number != expected or len(self._blocks) + size > _MAX_BLOCKS_BYTES:
            self.forget()
            raise ValueError(f"block {number} instead of block {expected}")
        self._blocks += apdu[start : start + size]
        self._next_block += 1
        if not apdu[1] & _LAST_BLOCK:
            return None
        whole = bytes(self._blocks)
        self.forget()
        if whole[:1] == bytes((BLOCK_TRANSFER,)):
            raise ValueError("blocks inside of blocks")
        return self.read(whole, checked=checked)

    def forget(self) -> None:
        """Drop the blocks of an APDU that will not be finished."""
        self._blocks.clear()
        self._next_block = 1


def size_of(data: bytes | bytearray) -> int:
    """Return the length of the bare APDU at the start of ``data``, LLC included.

    Raises `axdr.TruncatedError` when more is needed, ValueError when there is none.
    """
    at = LLC_BYTES if bytes(data[:LLC_BYTES]) in LLC else 0
    if len(data) <= at:
        raise axdr.TruncatedError
    tag = data[at]
    if tag == DATA_NOTIFICATION:
        _, body = _head(bytes(data), at)
        return axdr.read(bytes(data), body)[1]
    if tag in cipher.TAGS:
        return at + cipher.parse(bytes(data), at).size
    if tag == BLOCK_TRANSFER:
        size, body = axdr.length(bytes(data), at + _BLOCK_HEAD)
        return body + size
    raise ValueError(f"{tag:02X} starts no APDU that meters push")


def _notification(apdu: bytes, *, checked: bool) -> Reading:
    sent_at, body = _head(apdu, 0)
    try:
        data, _ = axdr.read(apdu, body)
    except axdr.TruncatedError as error:
        listing = dlms_list.shortened(error.complete) if checked else None
        if listing is None:
            raise
    else:
        listing = dlms_list.listing(data)
    return dlms_reading.reading(listing, sent_at) or _NOTHING_SAID


def _head(apdu: bytes, at: int) -> tuple[datetime | None, int]:
    """Return the time in the head of a notification and the index of its body."""
    at += 1 + _INVOKE_ID_BYTES
    if len(apdu) < at + 2:
        raise axdr.TruncatedError
    if apdu[at] == axdr.OCTET_STRING:  # Kaifa tags what has no tag
        at += 1
    size, at = axdr.length(apdu, at)
    if size not in (0, cosem_time.LENGTH):
        raise ValueError(f"a time of {size} bytes, expected {cosem_time.LENGTH}")
    if len(apdu) < at + size:
        raise axdr.TruncatedError
    when = cosem_time.read(apdu[at : at + size])
    return (None if when is None else when.utc), at + size


def _p1(plain: bytes, *, authenticated: bool) -> Reading:
    # The tag proves every byte, also where the checksum inside is left out or is
    # not that of the text (the example in Luxembourg's specification).
    if authenticated:
        plain = _P1_END.sub(b"!\r\n", plain)
    try:
        return p1.parse(plain)
    except TelegramError as error:
        raise ValueError(f"{error.cause} (decrypted byte {error.place})") from error
