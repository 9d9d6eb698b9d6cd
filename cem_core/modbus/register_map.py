"""A device's registers as data: what stands where, in which form, and who says so.

The form of the files and how to add one: docs/modbus.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from cem_core.modbus.encoding import Encoding
from cem_core.modbus.quantity import Field

MOST_WORDS = 125
"""Words in one answer (MODBUS Application Protocol V1.1b3, 6.3)."""


class Table(StrEnum):
    """Which of the two tables of registers: functions 3 and 4."""

    HOLDING = "holding"
    INPUT = "input"


class Kind(StrEnum):
    """What sort of device a map is for."""

    METER = "meter"
    CHARGER = "charger"
    HEAT_PUMP = "heat_pump"
    BATTERY = "battery"
    INVERTER = "inverter"


class Memory(StrEnum):
    """Where a written value is kept; a stored one wears the device's memory out."""

    VOLATILE = "volatile"
    STORED = "stored"


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """What may be written to a register, in the register's unit, both ends allowed.

    ``also`` are single values outside of that: 0 A where less than 6 A is none.
    ``function`` is 16 or 6: some devices know only one of them. ``settles_s`` is how
    long the device may take to follow, 0: it holds the value at once.
    """

    memory: Memory
    least: Fraction
    most: Fraction
    also: frozenset[Fraction] = frozenset()
    function: int = 16
    settles_s: int = 0

    @property
    def wears(self) -> bool:
        """Whether each write wears something out: its memory, or what it switches."""
        return self.memory is Memory.STORED or self.settles_s > 0

    def allows(self, value: Fraction) -> bool:
        """Tell whether ``value`` may be written."""
        return self.least <= value <= self.most or value in self.also


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """One value of a device.

    ``address`` is that on the wire, from 0. The value is the words' number times
    ``scale`` (times ten to the power of the register ``scale_register``), in
    ``unit``. A number in ``missing``, or at or above ``missing_from``, says that there is
    no value. A ``static`` one never changes: it is read once.
    One that is not ``readable`` can only be written; an ``optional`` one is refused by
    some devices of the model, which then say nothing of it. The numbers, or texts,
    ``plugged`` of a charger's state say that a car is there.
    """

    name: str
    address: int
    table: Table
    encoding: Encoding
    length: int
    low_word_first: bool = False
    scale: Fraction = Fraction(1)
    scale_register: str | None = None
    unit: str | None = None
    export_positive: bool = False
    fields: tuple[Field, ...] = ()
    missing: frozenset[int] = frozenset()
    missing_from: int | None = None
    static: bool = False
    readable: bool = True
    optional: bool = False
    plugged: frozenset[int | str] = frozenset()
    write: Write | None = None

    @property
    def end(self) -> int:
        """The first address behind it."""
        return self.address + self.length


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The document that a map was taken from, and where in it."""

    document: str
    place: str
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterMap:
    """The registers of one model of device.

    ``verified``: every register was compared with the maker's own document.
    ``checked``: with which other sources which registers were compared, by source.
    ``most_words`` and ``gap`` bound what one request reads: words in all, and words
    between two registers that nobody asked for.
    """

    id: str
    kind: Kind
    maker: str
    model: str
    source: Source
    verified: bool
    registers: Mapping[str, Register]
    most_words: int = MOST_WORDS
    gap: int = 0
    checked: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def readable(self) -> tuple[Register, ...]:
        """Return the registers that can be read."""
        return tuple(each for each in self.registers.values() if each.readable)

    @property
    def title(self) -> str:
        """Maker and model."""
        return f"{self.maker} {self.model}"
