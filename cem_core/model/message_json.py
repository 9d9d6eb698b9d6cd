"""Messages in documents: ``{"key", "values"[, "also"]}``, times in ISO 8601."""

from collections.abc import Mapping
from datetime import datetime
from string import Formatter
from typing import Any

from cem_core.model.english import ENGLISH
from cem_core.model.message import Message, Value

type Json = Mapping[str, Any]


def message_to_json(message: Message) -> dict[str, Any]:
    """Return the message; `also` is absent where no sentence follows."""
    values = {name: _to_json(value) for name, value in message.values.items()}
    document: dict[str, Any] = {"key": message.key, "values": values}
    if message.also:
        document["also"] = [message_to_json(other) for other in message.also]
    return document


def message_from_json(document: Json) -> Message:
    """Return the message in ``document``.

    Raises `ValueError` for one that is not in the catalogue with these values,
    so that it can be rendered whatever it comes from.
    """
    key, values = document["key"], document["values"]
    if key not in ENGLISH:
        raise ValueError(f"no message: {key}")
    if values.keys() != names_in(ENGLISH[key]):
        raise ValueError(f"not the values of {key}: {', '.join(values)}")
    return Message(
        key,
        {name: _from_json(name, value) for name, value in values.items()},
        tuple(message_from_json(other) for other in document.get("also", ())),
    )


def names_in(sentence: str) -> set[str]:
    """Return the values that a sentence of a catalogue names."""
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


def _to_json(value: Value) -> Any:  # noqa: ANN401 - JSON
    match value:
        case Message():
            return message_to_json(value)
        case datetime():
            return value.isoformat()
        case float():
            return round(value, 6) + 0.0  # no -0.0
        case _:
            return value


def _from_json(name: str, value: Any) -> Value:  # noqa: ANN401 - JSON
    match value:
        case dict():
            return message_from_json(value)
        case str() if name.endswith("_time"):
            time = datetime.fromisoformat(value)
            if time.tzinfo is None:
                raise ValueError(f"{value} has no offset")
            return time
        case str() | int() | float():
            return value
        case _:
            raise ValueError(f"{name} is {value!r}")
