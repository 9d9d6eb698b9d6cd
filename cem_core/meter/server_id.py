"""The identifier of a German meter -> the text that stands on its front."""

from functools import lru_cache
from typing import Final

# DIN 43863-5: length, medium, three letters of the maker, block, number. Meters
# made before the standard said 9 for the length of the rest, later ones 10.
_LENGTH: Final = 10
_LENGTH_BYTES: Final = (0x09, 0x0A)
_MAX_MEDIUM: Final = 0x0F
_MAX_NUMBER: Final = 99_999_999


@lru_cache(maxsize=64)  # a meter says the same ones in every file
def text(octets: bytes) -> str:
    """Return ``octets`` as text: `1ISK0075126084`, readable text, or hexadecimal."""
    if len(octets) == _LENGTH and octets[0] in _LENGTH_BYTES:
        medium, maker, number = octets[1], octets[2:5], int.from_bytes(octets[6:])
        if (
            medium <= _MAX_MEDIUM
            and maker.isalpha()
            and maker.isupper()
            and number <= _MAX_NUMBER
        ):
            return f"{medium:X}{maker.decode('ascii')}{octets[5]:02X}{number:08d}"
    if all(0x20 <= byte <= 0x7E for byte in octets):  # noqa: PLR2004  printable
        return octets.decode("ascii").strip()
    return octets.hex().upper()
