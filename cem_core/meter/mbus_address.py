"""How a meter on a wired M-Bus is addressed (EN 13757-2, 5.6.4; EN 13757-7, 7)."""

from dataclasses import dataclass, replace
import re
from typing import Final, override

from cem_core.meter.mbus_answer import Identity
from cem_core.meter.mbus_link import MOST_PRIMARY

ANY_METER: Final = 254
"""The primary address at which every meter answers: for a bus that has one."""

_ANY: Final = "F"
_NUMBER_DIGITS: Final = 8
_TEXT: Final = re.compile(r"([0-9F]{8})(?:([0-9A-F]{4})([0-9A-F]{2})([0-9A-F]{2}))?")


@dataclass(frozen=True, slots=True)
class Secondary:
    """Who is meant: number, manufacturer, version, medium; F stands for anything."""

    number: str = _ANY * _NUMBER_DIGITS
    rest: bytes = b"\xff\xff\xff\xff"

    @property
    def pattern(self) -> bytes:
        """The eight bytes that select it."""
        return bytes.fromhex(self.number)[::-1] + self.rest

    def narrowed(self) -> tuple[Secondary, ...]:
        """Return it with each digit where the first F stands; none when all are known."""
        if _ANY not in self.number:
            return ()
        return tuple(
            replace(self, number=self.number.replace(_ANY, str(digit), 1))
            for digit in range(10)
        )

    def meant(self, identity: Identity) -> bool:
        """Tell whether a meter of that ``identity`` is meant."""
        numbers = zip(self.number, identity.number, strict=True)
        rests = zip(self.rest, identity.octets[4:], strict=True)
        return all(mine in (_ANY, its) for mine, its in numbers) and all(
            mine in (0xFF, its) for mine, its in rests
        )

    @override
    def __str__(self) -> str:
        return self.number + self.rest.hex().upper()


type Address = int | Secondary


def parse(text: str) -> Address:
    """Return a primary address (0 to 250, 254) or a secondary one.

    A secondary one is the eight digits on the meter's front, or the sixteen of the
    whole (number, manufacturer, version, medium, in the order of the bus). Raises
    ValueError.
    """
    said = text.strip().upper()
    if said.isascii() and said.isdigit() and len(said) < _NUMBER_DIGITS:
        if (address := int(said)) <= MOST_PRIMARY or address == ANY_METER:
            return address
    elif found := _TEXT.fullmatch(said):
        number, *rest = found.groups(default="")
        return Secondary(number, bytes.fromhex("".join(rest) or "FF" * 4))
    raise ValueError(
        f"{text!r} is no address: 0 to 250, or the 8 digits of the meter's number"
    )
