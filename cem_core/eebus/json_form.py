"""EEBUS' form of JSON: an object is written as a list of objects of one key each.

    {"a": 1, "b": {"c": 2}}  <->  [{"a": 1}, {"b": [{"c": 2}]}]

An empty object is ``[]``, which is also an empty list: it is read as an empty object.
Source: SHIP 1.0.1, chapter 11; some devices end a message with a NUL byte.
"""

from collections.abc import Mapping
import json
from typing import Any, Final

from cem_core.eebus.error import EebusError

type Tree = dict[str, Any]

LARGEST_BYTES: Final = 256 * 1024
DEEPEST: Final = 64
_OPEN, _CLOSE, _QUOTE, _ESCAPE = b"[{", b"]}", ord('"'), ord("\\")
# Peers decode by replacing these in the whole text, strings included.
_UNSAFE: Final = ("[{", "},{", "}]", "[]")


def encode(tree: Mapping[str, Any]) -> bytes:
    """Return ``tree``, an object of one key, as it stands on the wire."""
    [(key, value)] = tree.items()
    return _text({key: _spread(value)})


def encode_data(datagram: Mapping[str, Any]) -> bytes:
    """Return a SPINE datagram in the SHIP message that carries it."""
    header = _spread({"protocolId": "ee1.0"})
    payload = {"datagram": _spread(datagram)}
    return _text({"data": [{"header": header}, {"payload": payload}]})


def decode(message: bytes) -> Tree:
    """Return the object that ``message`` holds. Raises `EebusError`."""
    if len(message) > LARGEST_BYTES:
        raise EebusError(f"{len(message)} bytes: at most {LARGEST_BYTES} are read")
    message = message.rstrip(b"\0")
    if _depth(message) > DEEPEST:
        raise EebusError(f"nested more than {DEEPEST} deep")
    try:
        tree = _merged(json.loads(message, parse_constant=_refuse))
    except ValueError as error:
        raise EebusError(f"not JSON: {error}") from error
    if not isinstance(tree, dict):
        raise EebusError("not an object")
    return tree


def safe_text(text: str) -> str:
    """Return ``text`` without what peers mistake for structure."""
    for unsafe in _UNSAFE:
        text = text.replace(unsafe, " ")
    return text


def _text(tree: Any) -> bytes:  # noqa: ANN401 - JSON
    return json.dumps(tree, separators=(",", ":"), ensure_ascii=False).encode()


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not a number")


def _spread(value: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, Mapping):
        return [{key: _spread(item)} for key, item in value.items()]
    if isinstance(value, list | tuple):
        return [_spread(item) for item in value]
    return value


def _merged(value: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, dict):
        return {key: _merged(item) for key, item in value.items()}
    if not isinstance(value, list):
        return value
    if all(isinstance(item, dict) for item in value):
        return {key: _merged(inner) for item in value for key, inner in item.items()}
    return [_merged(item) for item in value]


def _depth(message: bytes) -> int:
    """Return how deep brackets nest, before a parser goes down there."""
    deepest = depth = 0
    inside = escaped = False
    for byte in message:
        if escaped:
            escaped = False
        elif inside:
            escaped, inside = byte == _ESCAPE, byte != _QUOTE
        elif byte == _QUOTE:
            inside = True
        elif byte in _OPEN:
            depth += 1
            deepest = max(deepest, depth)
        elif byte in _CLOSE:
            depth -= 1
    return deepest
