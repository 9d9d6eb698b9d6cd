"""How a serial port is set: its speed and the form of a character."""

from dataclasses import dataclass
from enum import StrEnum
import re
from typing import Final, Self, override

_FORM: Final = re.compile(r"(\d{2,7})[ /,]?([78])([NEO])([12])", re.IGNORECASE)


class Parity(StrEnum):
    """The check bit of a character."""

    NONE = "N"
    EVEN = "E"
    ODD = "O"


@dataclass(frozen=True, slots=True)
class PortSettings:
    """Speed in baud, bits of a character, parity and stop bits."""

    baud: int
    data_bits: int = 8
    parity: Parity = Parity.NONE
    stop_bits: int = 1

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the settings in a text such as ``9600 7E1``, or ``9600`` for 8N1.

        Raises ValueError.
        """
        if (bare := text.strip()).isascii() and bare.isdigit():
            bare += " 8N1"
        if (found := _FORM.fullmatch(bare)) is None or int(found[1]) == 0:
            raise ValueError(f"{text!r} is no setting of a port: expected 9600 7E1")
        baud, bits, parity, stop = found.groups()
        return cls(int(baud), int(bits), Parity(parity.upper()), int(stop))

    @override
    def __str__(self) -> str:
        return f"{self.baud} {self.data_bits}{self.parity}{self.stop_bits}"

    @property
    def characters_per_s(self) -> float:
        """The most characters that pass in a second."""
        parity = self.parity is not Parity.NONE
        return self.baud / (1 + self.data_bits + parity + self.stop_bits)
