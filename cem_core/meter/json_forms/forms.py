"""The JSON forms by name, and what reads their messages as they come.

Some gateways send a document a reading, others each value on a topic of its own: the
last part of the topic is then the name, before a closing ``state`` as ESPHome has it,
and the values are collected.
"""

from collections.abc import Callable, Mapping
import json
from typing import Final

from cem_core.meter.error import TelegramError
from cem_core.meter.json_forms import (
    ams2mqtt,
    dsmr_reader,
    esphome,
    glow,
    homewizard,
    shelly,
    tasmota,
    tibber,
    zigbee2mqtt,
)
from cem_core.meter.json_forms.fields import Document
from cem_core.model import Reading

FORMS: Final[Mapping[str, Callable[[Document], Reading]]] = {
    "ams2mqtt": ams2mqtt.read,
    "dsmr_reader": dsmr_reader.read,
    "esphome": esphome.read,
    "glow": glow.read,
    "homewizard_v1": homewizard.read_v1,
    "homewizard_v2": homewizard.read_v2,
    "shelly_3em": shelly.read_3em,
    "shelly_em": shelly.read_em,
    "tasmota": tasmota.read,
    "tibber": tibber.read,
    "zigbee2mqtt": zigbee2mqtt.read,
}
"""Name -> the function that reads a document of this form."""

MAX_PAYLOAD: Final = 65_536
"""The longest payload that is read, in bytes."""

_MAX_NAMES: Final = 200
_MAX_VALUE: Final = 128


def parse(form: str, payload: bytes) -> Reading:
    """Return the reading in one JSON document; ValueError says what is wrong."""
    return FORMS[form](document(payload))


def document(payload: bytes) -> Document:
    """Return the JSON object in a message; ValueError says what is wrong."""
    return _document(_json(payload))


class FormReader:
    """Readings out of the messages of one gateway."""

    def __init__(self, form: str) -> None:
        """Read ``form``, a name in `FORMS`; ValueError for another."""
        if form not in FORMS:
            raise ValueError(f"{form!r} is no form: expected one of {', '.join(FORMS)}")
        self.format = form
        self._read = FORMS[form]
        self._collected: dict[str, object] = {}
        self._round: frozenset[str] = frozenset()  # names that came together
        self._count = 0

    def feed(self, topic: str, payload: bytes) -> list[Reading | TelegramError]:
        """Return the reading that ``payload`` completes; an error's place is its number.

        Values on topics of their own complete one when all names of the last round
        have come, or one comes again.
        """
        self._count += 1
        try:
            said = _json(payload)
            if isinstance(said, Mapping):
                return [self._read(said)]
            return self._collect(_name(topic), said)
        except ValueError as error:
            return [TelegramError(self._count, str(error))]

    def finish(self) -> list[Reading | TelegramError]:
        """Return what has been collected, and start anew."""
        collected, self._collected = self._collected, {}
        self._round = frozenset(collected)
        if not collected:
            return []
        try:
            return [self._read(collected)]
        except ValueError as error:
            return [TelegramError(self._count, str(error))]

    def _collect(self, name: str, value: object) -> list[Reading | TelegramError]:
        before: list[Reading | TelegramError] = []
        if name in self._collected or len(self._collected) >= _MAX_NAMES:
            before = self.finish()
        self._collected[name] = value
        if self._round and self._round <= self._collected.keys():
            return before + self.finish()
        return before


def _name(topic: str) -> str:
    """Return what a topic says its value is called."""
    *_, before, last = ("", *topic.split("/"))
    return before if last == "state" else last


def _json(payload: bytes) -> object:
    """Return what is in ``payload``; a text that is no JSON stands for itself."""
    if len(payload) > MAX_PAYLOAD:
        raise ValueError(f"a message of {len(payload)} bytes, more than {MAX_PAYLOAD}")
    try:
        text = payload.decode()
    except UnicodeDecodeError as error:
        raise ValueError("the message is no text") from error
    try:
        said: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        if len(text) > _MAX_VALUE or text.lstrip()[:1] in ("{", "["):
            raise ValueError("the message is no JSON") from error
        return text
    return said


def _document(said: object) -> Document:
    if not isinstance(said, Mapping):
        raise ValueError("the message is no JSON object")  # noqa: TRY004  the sender's
    return said


def recognise(payload: bytes) -> str:
    """Return the form that knows most of one document's names.

    Raises ValueError when none does, or several know as many.
    """
    document = _document(_json(payload))
    known = {form: _known(read, document) for form, read in FORMS.items()}
    most = max(known.values())
    best = [form for form, count in known.items() if count == most]
    if most == 0:
        raise ValueError("a document of no known form")
    if len(best) > 1:
        raise ValueError(f"a document that {' and '.join(best)} fit: name the form")
    return best[0]


def _known(read: Callable[[Document], Reading], document: Document) -> int:
    """Return how many values ``read`` knows the unit of."""
    try:
        return sum(value.unit is not None for value in read(document).raw)
    except ValueError:
        return 0
