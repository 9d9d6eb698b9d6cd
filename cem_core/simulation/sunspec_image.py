"""A device's registers as SunSpec lays them out, filled point by point.

Source: SunSpec Device Information Model Specification 1.1, chapters 4 and 6.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Final

from cem_core.modbus.encoding import Encoding, decode, encode
from cem_core.modbus.register_map import Register
from cem_core.modbus.sunspec import MARKER, Model, points

BASE: Final = 40_000
_HEADER: Final = 2  # words: id and length
_LONGEST: Final = 1_000
_END: Final = (0xFFFF, 0)
_RANGES: Final = {
    Encoding.INT16: (-0x7FFF, 0x7FFF),
    Encoding.UINT16: (0, 0xFFFE),
    Encoding.UINT32: (0, 0xFFFF_FFFE),
}
_TURNS_AT: Final = 2**32  # a counter of energy begins again


class SunSpecImage:
    """The words of a chain of models, from `BASE` on."""

    def __init__(
        self, numbers: Sequence[int], scales: Mapping[int, Mapping[str, int]]
    ) -> None:
        """Lay out models; ``scales`` are powers of ten by model and point.

        A point that is never said keeps the word for "not implemented".
        """
        self.words = [*MARKER]
        self._points: dict[int, Mapping[str, Register]] = {}
        for number in numbers:
            self._add(number)
        self.words += _END
        for number, factors in scales.items():
            for name, power in factors.items():
                self._put(self._points[number][name], Fraction(power))

    def _add(self, number: int) -> None:
        address = BASE + len(self.words)
        every = points(Model(number, address, _LONGEST))
        length = max(register.end for register in every.values()) - address - _HEADER
        self._points[number] = every
        self.words += [0] * (_HEADER + length)
        for register in every.values():
            for nothing in register.missing:
                self._put(register, Fraction(nothing))
        self.words[address - BASE : address - BASE + _HEADER] = [number, length]

    def say(self, number: int, **values: float | str) -> None:
        """Let points of a model say ``values``, rounded to the step of their scale."""
        for name, value in values.items():
            register = self._points[number][name]
            if isinstance(value, str):
                self._put(register, value)
                continue
            count = round(value / float(Fraction(10) ** self._power(number, register)))
            if name.startswith("TotWh") or name == "WH":
                count %= _TURNS_AT
            low, high = _RANGES[register.encoding]
            self._put(register, Fraction(min(high, max(low, count))))

    def said(self, number: int, name: str) -> float:
        """Return what a point says; 0 for one that was never set."""
        register = self._points[number][name]
        at = register.address - BASE
        value = decode(self.words[at : at + register.length], register.encoding)
        if not isinstance(value, Fraction) or value in register.missing:
            return 0.0
        return float(value * Fraction(10) ** self._power(number, register))

    def address(self, number: int, name: str) -> int:
        """Return where a point of a model begins."""
        return self._points[number][name].address

    def _power(self, number: int, register: Register) -> int:
        if register.scale_register is None:
            return 0
        return int(self.said(number, register.scale_register))

    def _put(self, register: Register, value: Fraction | str) -> None:
        words = encode(value, register.encoding, length=register.length)
        at = register.address - BASE
        self.words[at : at + register.length] = words
