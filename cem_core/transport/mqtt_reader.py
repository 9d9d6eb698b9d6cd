"""Messages of an MQTT broker -> readings: JSON of gateways, or a meter's own bytes."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from cem_core.meter import TelegramError
from cem_core.meter.formats import FORMATS, Key
from cem_core.meter.json_forms.forms import MAX_PAYLOAD, FormReader, recognise
from cem_core.model import Reading
from cem_core.transport.byte_reader import ByteReader

_MAX_TOPICS: Final = 16
_MAX_VALUE: Final = 40


@dataclass(frozen=True, slots=True)
class MqttMessage:
    """One message; its length is that of what it holds."""

    topic: str
    payload: bytes

    def __len__(self) -> int:
        """Return how many bytes the payload has."""
        return len(self.payload)


class MqttReader:
    """A `PieceReader` of messages.

    Without ``form`` a JSON document is read by the form that knows most of it, and
    what is no JSON as bytes of a meter, each topic by itself.
    """

    def __init__(
        self,
        form: str | None = None,
        formats: Iterable[str] = FORMATS,
        *,
        key: Key = None,
        auth_key: Key = None,
    ) -> None:
        """Start; ValueError for a form that is none."""
        self._form = None if form is None else FormReader(form)
        self._formats = tuple(formats)
        self._keys = key, auth_key
        self._lines: dict[str, ByteReader] = {}
        self._count = 0

    def feed(self, message: MqttMessage, /) -> list[Reading | TelegramError]:
        """Return what ``message`` completes; an error's place counts messages."""
        self._count += 1
        try:
            return self._feed(message)
        except ValueError as error:
            return [TelegramError(self._count, str(error))]

    def _feed(self, message: MqttMessage) -> list[Reading | TelegramError]:
        payload = message.payload
        if len(payload) > MAX_PAYLOAD:
            raise ValueError(
                f"a message of {len(payload)} bytes, more than {MAX_PAYLOAD}"
            )
        if self._form is None and payload.lstrip().startswith(b"{"):
            self._form = FormReader(recognise(payload))
        if self._form is not None:
            return self._form.feed(message.topic, payload)
        if _is_value(payload):
            raise ValueError(f"{message.topic} holds one value: name the form")
        return self._line(message.topic).feed(payload)

    def _line(self, topic: str) -> ByteReader:
        if topic not in self._lines and len(self._lines) >= _MAX_TOPICS:
            raise ValueError(f"more than {_MAX_TOPICS} topics: name the meter's")
        key, auth_key = self._keys
        return self._lines.setdefault(
            topic, ByteReader(self._formats, key=key, auth_key=auth_key)
        )

    def finish(self) -> list[Reading | TelegramError]:
        """Return what is left, and start anew."""
        left = [] if self._form is None else self._form.finish()
        for line in self._lines.values():
            left += line.finish()
        self._lines.clear()
        return left

    def hint(self) -> str:
        """Return in words what has come, while it is no telegram."""
        return "; ".join(f"{t}: {line.hint()}" for t, line in self._lines.items()) or (
            "messages, but no reading in them"
        )


def _is_value(payload: bytes) -> bool:
    """Tell whether ``payload`` is a number alone."""
    if len(payload) > _MAX_VALUE:
        return False
    try:
        float(payload)
    except ValueError:
        return False
    return True
