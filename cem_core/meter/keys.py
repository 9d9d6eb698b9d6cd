"""The keys of a ciphered meter: as they are written, and what a wrong one does."""

from enum import StrEnum

from cem_core.meter.cipher import KEY_BYTES, NO_KEY, NO_SENSE, WRONG_TAG
from cem_core.meter.error import TelegramError


class KeyFault(StrEnum):
    """Why a frame stays closed."""

    MISSING = "missing"
    WRONG = "wrong"


def key_fault(error: TelegramError) -> KeyFault | None:
    """Return what is wrong with the key, None where the damage is of another kind.

    A damaged frame of which only the tag tells looks like one with another key.
    """
    if NO_KEY in error.cause:
        return KeyFault.MISSING
    if WRONG_TAG in error.cause or NO_SENSE in error.cause:
        return KeyFault.WRONG
    return None


def key_from_hex(digits: str) -> bytes:
    """Return the 16 bytes that 32 hexadecimal digits stand for, spaces left out.

    Raises ValueError for anything else; it does not repeat what was said.
    """
    try:
        key = bytes.fromhex(digits)
    except ValueError:
        raise ValueError("a key is 32 hexadecimal digits") from None
    if len(key) != KEY_BYTES:
        raise ValueError(f"a key has 32 hexadecimal digits, these are {2 * len(key)}")
    return key
