"""General-glo and general-ded ciphering, security suite 0 (IEC 62056-5-3, 5.7).

``DB|DC, system title, length, security byte, frame counter, text, tag``: AES-128-GCM
with the title and the counter as initialisation vector.
"""

from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES128
from cryptography.hazmat.primitives.ciphers.modes import GCM

from cem_core.meter.axdr import length

TAGS: Final = (0xDB, 0xDC)
KEY_BYTES: Final = 16

KEY_MISSING: Final = "encrypted: a key is needed"
SENSELESS: Final = "what was decrypted makes no sense: is the key right?"
_TAG_WRONG: Final = (
    "the tag does not verify: damaged, or another key or authentication key"
)
KEY_DOUBTED: Final = (SENSELESS, _TAG_WRONG)
"""Causes that another key may take away."""

_AUTHENTICATED: Final = 0x10
_ENCRYPTED: Final = 0x20
_COMPRESSED: Final = 0x80
_TITLE_BYTES: Final = 8
_COUNTER_BYTES: Final = 4
_TAG_BYTES: Final = 12
_MOST_TITLES: Final = 16  # a stream has one or two meters
# Luxembourg gives this authentication key to every meter.
_SMARTY_KEY: Final = bytes.fromhex("00112233445566778899AABBCCDDEEFF")


@dataclass(frozen=True, slots=True)
class Sealed:
    """One ciphered APDU, still closed; ``size`` is its length in bytes."""

    size: int
    title: bytes
    security: int
    counter: int
    content: bytes

    @property
    def authenticated(self) -> bool:
        """Whether the security byte says that a tag follows."""
        return bool(self.security & _AUTHENTICATED)


def parse(data: bytes | bytearray, at: int = 0) -> Sealed:
    """Return the ciphered APDU that starts at ``at``.

    Raises `axdr.TruncatedError` when the data end before it does, ValueError when it
    is malformed or its security is none that this reads.
    """
    title_length, body = length(data, at + 1)
    if title_length not in (0, _TITLE_BYTES):
        raise ValueError(f"a system title of {title_length} bytes, expected 8")
    title = bytes(data[body : body + title_length])
    size, body = length(data, body + title_length)
    if size < 1 + _COUNTER_BYTES:
        raise ValueError("the ciphered text is too short")
    security = data[body] if body < len(data) else 0
    tag = _TAG_BYTES if security & _AUTHENTICATED else 0
    if size < 1 + _COUNTER_BYTES + tag:
        raise ValueError("the ciphered text is too short for its tag")
    if security & _COMPRESSED:
        raise ValueError("the ciphered text is compressed, which is not supported")
    return Sealed(
        size=body + size - at,
        title=title.ljust(_TITLE_BYTES, b"\0"),
        security=security,
        counter=int.from_bytes(data[body + 1 : body + 1 + _COUNTER_BYTES]),
        content=bytes(data[body + 1 + _COUNTER_BYTES : body + size]),
    )


class Opener:
    """Opens ciphered APDUs of one stream and watches their counters."""

    def __init__(self, key: bytes | None, auth_key: bytes | None) -> None:
        """Take the keys, 16 bytes each; ValueError for another length."""
        for name, given in (("key", key), ("authentication key", auth_key)):
            if given is not None and len(given) != KEY_BYTES:
                raise ValueError(f"the {name} has {len(given)} bytes, expected 16")
        self._key = key
        self._auth_key = auth_key
        self._counters: dict[bytes, int] = {}

    def open(self, sealed: Sealed) -> bytes:
        """Return what ``sealed`` holds.

        Raises ValueError when a key is missing, the tag is wrong or the counter
        is not above the last one accepted: a frame recorded and sent again.
        """
        plain = sealed.content
        if sealed.security & (_ENCRYPTED | _AUTHENTICATED):
            if self._key is None:
                raise ValueError(KEY_MISSING)
            plain = self._decipher(self._key, sealed)
        last = self._counters.get(sealed.title)
        if last is not None and sealed.counter <= last:
            raise ValueError(
                f"frame counter {sealed.counter} is not above {last}:"
                " a repeated (replayed) frame"
            )
        return plain

    def accept(self, sealed: Sealed) -> None:
        """Remember the counter of a frame whose content made sense."""
        if sealed.title not in self._counters and len(self._counters) >= _MOST_TITLES:
            del self._counters[next(iter(self._counters))]
        self._counters[sealed.title] = sealed.counter

    def _decipher(self, key: bytes, sealed: Sealed) -> bytes:
        vector = sealed.title + sealed.counter.to_bytes(_COUNTER_BYTES)
        if not sealed.authenticated:
            return Cipher(AES128(key), GCM(vector)).decryptor().update(sealed.content)
        text, tag = sealed.content[:-_TAG_BYTES], sealed.content[-_TAG_BYTES:]
        encrypted = bool(sealed.security & _ENCRYPTED)
        for associated in self._associated(sealed.security):
            mode = GCM(vector, tag, min_tag_length=_TAG_BYTES)
            context = Cipher(AES128(key), mode).decryptor()
            context.authenticate_additional_data(
                associated if encrypted else associated + text
            )
            plain = context.update(text) if encrypted else text
            try:
                context.finalize()
            except InvalidTag:
                continue
            return plain
        raise ValueError(_TAG_WRONG)

    def _associated(self, security: int) -> tuple[bytes, ...]:
        head = bytes((security,))
        if self._auth_key is not None:
            return (head + self._auth_key,)
        return b"", head + _SMARTY_KEY
