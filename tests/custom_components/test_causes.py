"""Why something does not work is told in the reader's language, and never raw."""

import ast
from collections.abc import Iterator
import errno
import logging
import os
from pathlib import Path
import re
import socket
import ssl

from homeassistant.core import HomeAssistant
import pytest

from cem_core.model import Message
from cem_core.model.render import Renderer
from cem_core.transport.stream import reason
from custom_components.cem import causes
from custom_components.cem.causes import in_words

# What reaches people: the lines of meters, links to devices, and what they refuse.
WALKED = (
    "cem_core/evcc/loadpoint.py",
    "cem_core/modbus/steering.py",
    "cem_core/modbus/sunspec.py",
    "cem_core/modbus/sunspec_control.py",
    "cem_core/modbus/write_budget.py",
    "cem_core/transport",
    "custom_components/cem/drivers",
    "custom_components/cem/meters",
    "custom_components/cem/submeters",
)
# Of forms and files, answered there; or of what a resident never sees.
NOT_TOLD = frozenset(
    {
        "AssertionError",
        "EebusError",
        "HTTPForbidden",
        "KeyError",
        "MapError",
        "PortBusyError",
        "S2Error",
        "TelegramError",
        "TypeError",
        "ValueError",
    }
)
WORDS = re.compile(r"[a-z]{2,} [a-z]{2,}")
TELLS = frozenset({"change", "_change", "_tell", "_disconnected", "lost"})


def texts(node: ast.expr) -> Iterator[str]:
    """Yield the English text of an expression; what is filled in stands as 7."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=parts):
            said = (p.value if isinstance(p, ast.Constant) else "7" for p in parts)
            yield "".join(map(str, said))


def said_in(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        match node:
            case ast.Raise(exc=ast.Call(func=called, args=args)):
                name = getattr(called, "id", getattr(called, "attr", ""))
                if name not in NOT_TOLD:
                    for arg in args:
                        yield from texts(arg)
            case ast.Return(value=ast.Call(func=ast.Name(id=name), args=args)):
                if name.endswith("Error") and name not in NOT_TOLD:
                    for arg in args:
                        yield from texts(arg)
            case ast.Call(func=ast.Attribute(attr=attr), args=args) if attr in TELLS:
                for arg in args:
                    yield from texts(arg)


def walked() -> list[str]:
    files = [
        file
        for place in map(Path, WALKED)
        for file in ([place] if place.suffix else sorted(place.glob("*.py")))
    ]
    return sorted(
        {text for file in files for text in said_in(file) if WORDS.search(text)}
    )


def test_the_walk_finds_what_is_said() -> None:
    found = walked()
    assert len(found) > 40
    assert "closed by the other side" in found
    assert "no bytes for 7 s" in found


@pytest.mark.parametrize("text", walked())
def test_every_cause_of_transports_and_drivers_has_words(text: str) -> None:
    assert in_words(text).key != "cause_in_log"


@pytest.mark.parametrize(
    "error",
    [
        *(
            OSError(number, os.strerror(number))
            for number in (
                errno.EACCES,
                errno.EBUSY,
                errno.ECONNREFUSED,
                errno.ECONNRESET,
                errno.EHOSTUNREACH,
                errno.EIO,
                errno.ENETUNREACH,
                errno.ENOENT,
                errno.EPIPE,
                errno.ETIMEDOUT,
            )
        ),
        socket.gaierror(socket.EAI_NONAME, "Name or service not known"),
        TimeoutError(),
        ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number"),
    ],
    ids=repr,
)
def test_what_the_system_says_has_words(error: OSError) -> None:
    for text in (reason(error), str(error) or "TimeoutError"):
        assert in_words(text).key != "cause_in_log"


def test_a_link_that_never_was_says_why_in_turn() -> None:
    said = in_words("it is not connected over S2: closed by the other side")
    assert Renderer().text(said) == (
        "not connected over S2: the other side closed the connection"
    )


def test_what_has_no_words_stands_in_the_log_once(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(causes, "_logged", set())
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            assert in_words("flux capacitor: 0x17").key == "cause_in_log"
    assert caplog.text.count("flux capacitor: 0x17") == 1


async def test_a_message_stays_what_it_is(hass: HomeAssistant) -> None:
    message = Message.of("entity_away", entity="number.battery")
    assert in_words(message) is message
    assert causes.told(hass, "no answer in time") == "no answer in time"
