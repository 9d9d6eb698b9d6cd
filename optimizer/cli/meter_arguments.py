"""What every command that reads a meter's bytes asks for."""

from argparse import ArgumentParser, ArgumentTypeError
from typing import Final

from cem_core.meter.formats import FORMATS

_AUTO: Final = "auto"
_KEY_DIGITS: Final = 32  # AES-128


def add_meter_arguments(parser: ArgumentParser) -> None:
    """Add the format and the keys."""
    parser.add_argument(
        "--format", choices=(_AUTO, *FORMATS), default=_AUTO, help="default: auto"
    )
    parser.add_argument(
        "--key",
        metavar="HEX",
        type=key_of,
        help="encryption key of the meter, from the grid operator: 32 hex digits",
    )
    parser.add_argument(
        "--auth-key",
        metavar="HEX",
        type=key_of,
        help="authentication key, where the operator gave one: 32 hex digits",
    )


def formats(name: str) -> tuple[str, ...]:
    """Return the formats that ``--format name`` lets try."""
    return tuple(FORMATS) if name == _AUTO else (name,)


def key_of(text: str) -> bytes:
    """Return the key; what is wrong with it is argparse's to say, without it."""
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(text) != _KEY_DIGITS or len(key) * 2 != _KEY_DIGITS:
        raise ArgumentTypeError(f"expected {_KEY_DIGITS} hexadecimal digits")
    return key
