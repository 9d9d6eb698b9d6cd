"""``cem decode --form``: what gateways and slow meters say, without their line."""

from collections.abc import Iterable, Iterator
import json
from typing import Any, Final

from cem_core.meter import TelegramError, mbus_answer, mbus_submeter
from cem_core.meter.json_forms import forms, wmbusmeters
from cem_core.meter.mbus_link import Splitter
from cem_core.model.reading_json import reading_to_json
from optimizer.cli.slow_reading_json import slow_reading_to_json

MBUS: Final = "mbus"
WMBUSMETERS: Final = "wmbusmeters"
FORM_NAMES: Final = (MBUS, WMBUSMETERS, *forms.FORMS)
_EMPTY: Final = "byte 0: the input is empty"
_HEXADECIMAL: Final = frozenset(b"0123456789abcdefABCDEF \t\r\n")

# What a document or an answer says, or what is wrong with it.
type Said = dict[str, Any] | str


def read(form: str, pieces: Iterable[bytes], key: bytes | None) -> Iterator[Said]:
    """Yield what is in ``pieces`` by a name in ``FORM_NAMES``, as it comes."""
    if form == MBUS:
        yield from _answers(b"".join(pieces), key)
        return
    count = 0
    for count, document in enumerate(_documents(pieces), start=1):
        try:
            yield _parsed(form, document)
        except ValueError as error:
            yield f"message {count}: {error}"
    if not count:
        yield _EMPTY


def _parsed(form: str, document: bytes) -> dict[str, Any]:
    if form == WMBUSMETERS:
        return slow_reading_to_json(wmbusmeters.read(forms.document(document)))
    reading = forms.parse(form, document)
    if all(raw.unit is None for raw in reading.raw):
        raise ValueError(f"nothing in it that {form} knows: is it another form?")
    return reading_to_json(reading)


def _documents(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield each JSON document, one on a line or one over several lines.

    What is no JSON goes on until a line begins a document of its own.
    """
    held = b""
    for line in _lines(pieces):
        if held and line.startswith(b"{"):
            yield held
            held = b""
        held += line
        if held.strip() and (_complete(held) or len(held) > forms.MAX_PAYLOAD):
            yield held
            held = b""
    if held.strip():
        yield held


def _lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        yield from (line + b"\n" for line in whole)
        if len(rest) > forms.MAX_PAYLOAD:
            yield rest
            rest = b""
    if rest:
        yield rest


def _complete(text: bytes) -> bool:
    try:
        json.loads(text)
    except ValueError, RecursionError:
        return False
    return True


def _answers(data: bytes, key: bytes | None) -> Iterator[Said]:
    """Yield what the answers in ``data`` say; what the master sent is left out."""
    if not data.strip():
        yield _EMPTY
        return
    if _HEXADECIMAL.issuperset(data):
        text = b"".join(data.split()).decode()
        if len(text) % 2:
            yield "half a byte at the end of the hexadecimal digits"
        data = bytes.fromhex(text[: len(text) // 2 * 2])
    splitter = Splitter()
    frames = [*splitter.feed(data), *splitter.finish()]
    if data and not frames:
        yield "no frame of an M-Bus in it"
    for frame in frames:
        if isinstance(frame, TelegramError):
            yield str(frame)
        elif frame.responds:
            try:
                answer = mbus_answer.read(frame, key)
            except ValueError as error:
                yield f"the answer of address {frame.address}: {error}"
            else:
                yield slow_reading_to_json(mbus_submeter.reading(answer))
