"""What a meter answers over wired M-Bus: who it is, its state, its records.

Fixed header, then the variable data structure (EN 13757-3, 5.4 and 6; EN 13757-7).
"""

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES128
from cryptography.hazmat.primitives.ciphers.modes import CBC

from cem_core.meter import mbus_fixed, mbus_records
from cem_core.meter.mbus_cursor import Cursor
from cem_core.meter.mbus_link import LinkFrame
from cem_core.meter.mbus_records import Record

KEY_BYTES: Final = 16

_LONG_HEADER: Final = 0x72
_ADDRESS: Final = 8

_APPLICATION_ERROR: Final = 0x70
_ALARM: Final = 0x71
_FIXED_STRUCTURE: Final = 0x73
_HIGH_BYTE_FIRST: Final = (0x76, 0x77)
_BLOCK: Final = 16
_MODE_CBC: Final = 5
# Other numbers are those of old meters, whose signature says nothing.
_OTHER_MODES: Final = (7, 8, 9, 10, 13)
# EN 13757-3, table 5 of the application errors.
_ERRORS: Final = {
    1: "unknown kind of request",
    2: "the answer is longer than its buffer",
    3: "too many records",
    4: "the record ends too early",
    5: "too many extensions of a data information",
    6: "too many extensions of a value information",
    8: "busy with something else",
    9: "asked too often",
}
# EN 13757-3, 5.9: the two lowest bits of the status are one number.
_STATES: Final = {1: "busy", 2: "application_error", 3: "alarm"}
_STATE_BITS: Final = {
    0x04: "battery_low",
    0x08: "permanent_error",
    0x10: "temporary_error",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who answers: the secondary address (EN 13757-3, 5.5 to 5.8)."""

    number: str
    manufacturer: str | None
    version: int
    medium: int
    octets: bytes
    """The eight bytes by which a master selects it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer; ``identity`` is None where its header is short."""

    identity: Identity | None
    status: tuple[str, ...]
    records: tuple[Record, ...]
    more: bool

    def joined(self, following: Answer) -> Answer:
        """Return this one with the records of the one that goes on."""
        return replace(
            self, records=self.records + following.records, more=following.more
        )


def read(frame: LinkFrame, key: bytes | None = None) -> Answer:
    """Return what ``frame`` says; ``key``: 16 bytes, where the meter encrypts.

    Raises ValueError for what it cannot be, what is not supported, and what the
    meter says went wrong.
    """
    if not frame.responds:
        raise ValueError("no answer of a meter")
    cursor = Cursor(frame.data)
    who, vector = None, None
    match frame.ci:
        case 0x72:
            who = _identity(cursor.take(_ADDRESS, "header"))
            vector = who.octets[4:6] + who.octets[:4] + who.octets[6:]
        case 0x73:
            return _fixed(frame.data)
        case 0x7A:
            pass
        case 0x78:
            records = mbus_records.read(cursor.rest())
            return Answer(
                identity=None, status=(), records=records.records, more=records.more
            )
        case _:
            raise ValueError(_refusal(frame))
    access = cursor.byte("header")
    status = _status(cursor.byte("header"))
    security = int.from_bytes(cursor.take(2, "header"), "little")
    body = _open(cursor.rest(), security, vector, access, key)
    records = mbus_records.read(body)
    return Answer(
        identity=who, status=status, records=records.records, more=records.more
    )


def identity(frame: LinkFrame) -> Identity | None:
    """Return who sent ``frame``, whatever else it says; None: it does not say."""
    if frame.ci == _FIXED_STRUCTURE:
        with suppress(ValueError):
            return _fixed(frame.data).identity
    if frame.ci not in (_LONG_HEADER, 0x76):
        return None
    octets = frame.data[:_ADDRESS]
    return _identity(octets) if len(octets) == _ADDRESS else None


def maker(code: int) -> str:
    """Return the three letters of a manufacturer (EN 13757-3, 5.6)."""
    letters = ((code >> shift) & 0x1F for shift in (10, 5, 0))
    return "".join(chr(64 + letter) for letter in letters)


def _identity(octets: bytes) -> Identity:
    return Identity(
        number=octets[3::-1].hex().upper(),
        manufacturer=maker(int.from_bytes(octets[4:6], "little")),
        version=octets[6],
        medium=octets[7],
        octets=octets,
    )


def _status(said: int) -> tuple[str, ...]:
    state = _STATES.get(said & 3)
    bits = tuple(name for bit, name in _STATE_BITS.items() if said & bit)
    return bits if state is None else (state, *bits)


def _fixed(data: bytes) -> Answer:
    said = mbus_fixed.read(data)
    who = Identity(
        number=said.number,
        manufacturer=None,
        version=0,
        medium=said.medium,
        octets=bytes.fromhex(said.number)[::-1]
        + b"\xff\xff\x00"
        + bytes((said.medium,)),
    )
    status = _status(said.status)
    return Answer(identity=who, status=status, records=said.records, more=False)


def _refusal(frame: LinkFrame) -> str:
    if frame.ci == _APPLICATION_ERROR:
        code = frame.data[0] if frame.data else 0
        return f"the meter says: {_ERRORS.get(code, 'something went wrong')}"
    if frame.ci == _ALARM:
        return f"the meter sent an alarm ({frame.data.hex()}) instead of values"
    if frame.ci in _HIGH_BYTE_FIRST:
        return "the meter sends the high byte first, which is not supported"
    return f"CI {frame.ci:02X} says no values that are supported"


def _open(
    body: bytes, security: int, address: bytes | None, access: int, key: bytes | None
) -> bytes:
    """Return the records, deciphered where ``security`` says so (mode 5)."""
    mode, size = (security >> 8) & 0x1F, ((security >> 4) & 0x0F) * _BLOCK
    if mode in _OTHER_MODES:
        raise ValueError(f"encrypted in mode {mode}, which is not supported")
    if mode != _MODE_CBC or not size:
        return body
    if key is None:
        raise ValueError("encrypted: a key is needed")
    if len(key) != KEY_BYTES:
        raise ValueError(f"the key has {len(key)} bytes, expected {KEY_BYTES}")
    if address is None:
        raise ValueError("encrypted without the long header that opens it")
    if len(body) < size:
        raise ValueError("the encrypted part is cut short")
    vector = address + bytes((access,)) * 8
    context = Cipher(AES128(key), CBC(vector)).decryptor()
    plain = context.update(body[:size]) + context.finalize()
    if plain[:2] != b"\x2f\x2f":
        raise ValueError("the key is another one than the meter's")
    return plain + body[size:]
