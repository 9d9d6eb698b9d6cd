"""What the CEM says: a key of the catalogue and named values, not yet a sentence.

The unit is in a value's name; a time is aware and its name ends in ``_time``.
A value may be a message itself: what a limit is called, for one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

type Value = str | int | float | datetime | Message


@dataclass(frozen=True, slots=True)
class Message:
    """One sentence to be, and those that follow it."""

    key: str
    values: Mapping[str, Value]
    also: tuple[Message, ...] = ()

    @classmethod
    def of(cls, key: str, /, **values: Value) -> Self:
        """Return the message; the catalogue names the same values."""
        return cls(key, values)

    def then(self, *others: Message) -> Message:
        """Return this message with ``others`` after it."""
        following = (each for other in others for each in other.alone)
        return replace(self, also=(*self.also, *following))

    @property
    def alone(self) -> tuple[Message, ...]:
        """Each sentence by itself."""
        return replace(self, also=()), *self.also


def renamed(message: Message, names: Mapping[str, Mapping[str, Value]]) -> Message:
    """Return the message with ids replaced by what people call the thing.

    ``names`` has a table of ids for each name of a value; an id that is in none
    stays.
    """

    def named(name: str, value: Value) -> Value:
        if isinstance(value, Message):
            return renamed(value, names)
        table = names.get(name)
        return table.get(value, value) if table and isinstance(value, str) else value

    return Message(
        message.key,
        {name: named(name, value) for name, value in message.values.items()},
        tuple(renamed(other, names) for other in message.also),
    )
