"""The keys of a ciphered meter as people write them."""

from cem_core.meter.cipher import KEY_BYTES


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
