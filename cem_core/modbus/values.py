"""Words as they were read -> the values of the registers."""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from cem_core.modbus.encoding import decode
from cem_core.modbus.plan import Block
from cem_core.modbus.register_map import Register

type Value = Fraction | str
type Answers = Mapping[Block, Sequence[int]]

_MOST_POWER = 10  # SunSpec: a scale factor is -10 to 10


def values(registers: Iterable[Register], answers: Answers) -> dict[str, Value]:
    """Return what each register says, exactly, by name and in its unit.

    One that was not read, or that says it has no value, is left out.
    """
    raw = {
        register.name: number
        for register in registers
        if (number := _raw(register, answers)) is not None
    }
    found: dict[str, Value] = {}
    for register in registers:
        value, power = raw.get(register.name), _power(register, raw)
        if isinstance(value, str):
            found[register.name] = value
        elif value is not None and power is not None:
            found[register.name] = value * register.scale * Fraction(10) ** power
    return found


def _raw(register: Register, answers: Answers) -> Value | None:
    """Return the number or text in the words, None: there is none."""
    for block, words in answers.items():
        if block.holds(register):
            start = register.address - block.address
            value = decode(
                words[start : start + register.length],
                register.encoding,
                low_word_first=register.low_word_first,
            )
            return None if _says_nothing(value, register) else value
    return None


def _says_nothing(value: Value | None, register: Register) -> bool:
    """Tell whether the number is one that stands for no value."""
    if not isinstance(value, Fraction):
        return not value
    return value in register.missing or (
        register.missing_from is not None and value >= register.missing_from
    )


def _power(register: Register, raw: Mapping[str, Value]) -> int | None:
    """Return the power of ten to scale by, None: it is not known."""
    if register.scale_register is None:
        return 0
    power = raw.get(register.scale_register)
    if not isinstance(power, Fraction) or abs(power) > _MOST_POWER:
        return None
    return int(power)
