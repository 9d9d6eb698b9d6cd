"""Messages -> text, in the language of a catalogue."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
import re
from typing import Final

from cem_core.model.english import ENGLISH
from cem_core.model.message import Message, Value
from cem_core.model.money import money

# Shown as somebody gave them: 4.2 kW, 12 kWh; of what is computed two decimals.
_AS_GIVEN: Final = frozenset({"due_kwh", "least_kwh", "limit_kw"})
# An amount of money in a sentence; each language has its own way to write one.
_AMOUNT: Final = re.compile(r"\{(\w+)\}[ \u00a0]\{currency\}")
# How many decimals a quantity has, by how its name ends; the first that fits.
_DECIMALS: Final = (
    ("_per_kwh", 3),
    ("_kwh", 2),
    ("_kw", 2),
    ("_c", 1),
    ("cost", 2),
)


def plain_clock(time: datetime) -> str:
    """Return the time of day in the zone of ``time``."""
    return f"{time:%H:%M}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Renderer:
    """``sentence`` looks a key up; ``clock`` says a time, as text or message."""

    sentence: Callable[[str], str] = ENGLISH.__getitem__
    clock: Callable[[datetime], str | Message] = plain_clock

    def text(self, message: Message) -> str:
        """Return the sentences of the message."""
        return " ".join(self._sentence(each) for each in message.alone)

    def _sentence(self, message: Message) -> str:
        shown = {name: self._value(name, v) for name, v in message.values.items()}
        sentence = self.sentence(message.key)
        if isinstance(currency := message.values.get("currency"), str):
            pattern = self.sentence("amount_of_money")

            def amount(found: re.Match[str]) -> str:
                said = money(shown[found[1]], currency, pattern)
                return said.replace("{", "{{").replace("}", "}}")

            sentence = _AMOUNT.sub(amount, sentence)
        return sentence.format_map(shown)

    def _value(self, name: str, value: Value) -> str:
        match value:
            case Message():
                return self.text(value)
            case datetime():
                return self._value(name, self.clock(value))
            case int() | float():
                return _number(name, value).replace(".", self.sentence("decimal_mark"))
            case str():
                return value


def _number(name: str, value: float) -> str:
    if name in _AS_GIVEN:
        return f"{round(value, 2):g}"
    for ending, decimals in _DECIMALS:
        if name.endswith(ending):
            return f"{round(value, decimals) + 0.0:.{decimals}f}"  # no -0.00
    return str(value)
