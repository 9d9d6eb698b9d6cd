"""Why something does not work, in the reader's language.

Transports, libraries and the system say it in English and in their own words: those are
for the log. Here each becomes a message; what has none is said to stand in the log, and
does.
"""

from collections.abc import Callable, Mapping
import errno
import logging
import os
import re
from typing import Final

from homeassistant.core import HomeAssistant

from cem_core.model import Message
from custom_components.cem.language import renderer

_LOGGER = logging.getLogger(__name__)
_MOST_LOGGED: Final = 200
_NUMBERED: Final = re.compile(r"\[Errno (-?\d+)\] ?")
_logged: set[str] = set()

type _Say = Message | Callable[[re.Match[str]], Message]

_NO_ANSWER: Final = Message.of("cause_no_answer")
_CLOSED: Final = Message.of("cause_closed")
_DAMAGED: Final = Message.of("cause_damaged")
_UNREADABLE: Final = Message.of("cause_not_understood")
_NO_ADDRESS: Final = Message.of("cause_no_address")
_NO_HOST: Final = Message.of("cause_no_such_host")
_NO_ORDER: Final = Message.of("cause_takes_no_such_order")
_NOT_DESCRIBED: Final = Message.of("cause_not_described")
_WORKER: Final = Message.of("cause_worker_failed")
_PORT_GONE: Final = Message.of("cause_port_gone")

_SYSTEM: Final[Mapping[str, Message]] = {
    os.strerror(number): message
    for numbers, message in (
        ((errno.ECONNREFUSED,), Message.of("cause_refused")),
        ((errno.ECONNRESET, errno.ECONNABORTED, errno.EPIPE), _CLOSED),
        ((errno.ETIMEDOUT,), _NO_ANSWER),
        (
            (errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ENETDOWN, errno.EHOSTDOWN),
            Message.of("cause_unreachable"),
        ),
        ((errno.EACCES, errno.EPERM), Message.of("cause_not_permitted")),
        ((errno.EADDRINUSE,), Message.of("cause_address_in_use")),
        ((errno.EADDRNOTAVAIL,), Message.of("cause_address_not_here")),
        ((errno.EINVAL,), _NO_ADDRESS),
        ((errno.ENOSPC,), Message.of("cause_disk_full")),
        ((errno.EROFS,), Message.of("cause_not_permitted")),
        ((errno.EBUSY,), Message.of("cause_port_in_use")),
        ((errno.EIO, errno.ENODEV, errno.ENXIO), _PORT_GONE),
        ((errno.ENOENT,), Message.of("cause_nothing_of_that_name")),
    )
    for number in numbers
}


def _not_over(found: re.Match[str]) -> Message:
    return Message.of(
        "cause_not_over",
        protocol=found["protocol"] or found["protocol2"],
        cause=in_words(found["why"] or found["why2"] or ""),
    )


# The first that fits all of a text says it.
_WORDS: Final[tuple[tuple[str, _Say], ...]] = (
    # Connections
    (
        r"\S+:\d+: (?P<why>.+)",
        lambda found: in_words(found["why"]),
    ),
    (
        (
            r"it is not connected over (?P<protocol>\w+): (?P<why>.*)"
            r"|(?P<protocol2>evcc) is not connected: (?P<why2>.*)"
        ),
        _not_over,
    ),
    (
        (
            r"no answer( in time| in [\d.]+ ?s.*| from .*)?|evcc gives no answer in time"
            r"|the station did not answer in time|the peer answers no ping"
            r"|TimeoutError|.*[Tt]imed? ?out.*"
        ),
        _NO_ANSWER,
    ),
    (
        (
            r"closed by the other side|.* closed the connection"
            r"|the connection (was lost|broke)(,|:|$).*|the peer does not read"
            r"|Server disconnected|IncompleteReadError|EOFError"
        ),
        _CLOSED,
    ),
    (
        r"no bytes for (?P<seconds>[\d.]+) s",
        lambda found: Message.of("cause_no_bytes", seconds=found["seconds"]),
    ),
    (
        r"no message on (?P<topic>.*) for (?P<seconds>[\d.]+) s",
        lambda found: Message.of(
            "cause_no_message", topic=found["topic"], seconds=found["seconds"]
        ),
    ),
    (
        r"not started|stopped|connecting|idle|it never was|never seen",
        Message.of("cause_not_yet"),
    ),
    (
        r"another program has the port open",
        Message.of("cause_port_in_use"),
    ),
    (r"the port has gone: unplugged\?", _PORT_GONE),
    (
        r"there is no such port: unplugged\?",
        Message.of("cause_port_missing"),
    ),
    (
        r"TLS: .*|.*(SSL|certificate|CERTIFICATE).*",
        Message.of("cause_tls"),
    ),
    (
        (
            r"Name or service not known|Temporary failure in name resolution"
            r"|No address associated with hostname|nodename nor servname provided.*"
            r"|Domain name not found|DNS server returned .*"
        ),
        _NO_HOST,
    ),
    (
        r".* is no address(: .*)?|no address is given|no MQTT address: .*",
        _NO_ADDRESS,
    ),
    (
        r"no connection( to .*)?|.*Cannot connect to host.*",
        Message.of("cause_no_connection"),
    ),
    (
        r"(?P<url>.*) cannot be opened at (?P<settings>[^:]*): .*",
        lambda found: Message.of("cause_port_settings", settings=found["settings"]),
    ),
    (
        r"trying (?P<settings>.*?)(, .*|; .*)?|asking at (?P<head>[^;]*)(; .*)?",
        lambda found: Message.of(
            "cause_searching", settings=found["settings"] or found["head"]
        ),
    ),
    (
        r"no answer to a sign-on at 300 7E1: .*",
        Message.of("cause_optical_head"),
    ),
    (
        r"the MQTT broker is away|the broker (is not connected|has gone: .*)",
        Message.of("cause_broker_away"),
    ),
    (
        r"MQTT is not set up( in Home Assistant)?|the package for MQTT cannot be installed: .*",
        Message.of("cause_no_mqtt"),
    ),
    (
        r"the broker did not take the message|the broker refuses.*|.*refuse[sd] the connection.*",
        Message.of("cause_broker_refuses"),
    ),
    # Gateways and web pages
    (
        (
            r"the gateway refuses this user or password"
            r"|the gateway does not ask for a digest of the password"
            r"|the gateway's challenge has no nonce"
        ),
        Message.of("cause_password"),
    ),
    (
        r"(the gateway|the device|the server|evcc) answers (?P<status>\d+)\b.*",
        lambda found: Message.of("cause_http_status", status=found["status"]),
    ),
    (
        (
            r"the gateway's answer at .*|the gateway does not say where .*"
            r"|the answer has no token|the message is no JSON.*|an answer of more than .* bytes"
            r"|evcc answers with more than .*|evcc says no list of loadpoints"
            r"|loadpoint .* is no object|.* is no number|mode .* is not known"
            r"|it sent bytes, OCPP-J is text|it sent what is no OCPP: .*"
            r"|it sent more than .*|no JSON.*|what answers there does not speak SHIP"
        ),
        _UNREADABLE,
    ),
    (
        r"evcc refuses .*",
        Message.of("cause_refused_order"),
    ),
    (
        r"evcc has (?P<count>\d+) loadpoints: there is no (?P<number>\d+)",
        lambda found: Message.of(
            "cause_no_loadpoint", count=found["count"], number=found["number"]
        ),
    ),
    # Meters
    (
        r"answers, but no values in them|messages, but no reading in them",
        Message.of("cause_no_values"),
    ),
    (
        r"the device does not allow it now",
        Message.of("cause_not_allowed"),
    ),
    (
        r"the device does not know the token",
        Message.of("cause_token"),
    ),
    (
        (
            r"checksum .*|the (frame|telegram's end|start of the frame) .*"
            r"|unfinished .*|no block check .*|a block check, .*|part \d+ instead .*"
            r"|content of a frame .*|a segment whose .*"
        ),
        _DAMAGED,
    ),
    (
        r"text, but no telegram in it",
        Message.of("cause_text"),
    ),
    (
        r"text with even parity, read as 8 bits instead of 7E1",
        Message.of("cause_parity"),
    ),
    (
        r"damaged frames of a binary format",
        _DAMAGED,
    ),
    (
        r"silent",
        Message.of("line_is_mute"),
    ),
    (
        r"\d+ bytes of no known format|bytes, but of no known format",
        Message.of("cause_no_format"),
    ),
    (
        r"no (telegram|DLMS frame|group)\b.*|bytes, but no telegram.*",
        Message.of("line_is_unreadable"),
    ),
    (
        r"no meter with this number answers",
        Message.of("cause_no_such_meter"),
    ),
    (
        (
            r"more than one meter, or a disturbed line, answers"
            r"|another meter answers than the one that was selected"
            r"|the meter at .* answers instead"
        ),
        Message.of("cause_another_meter"),
    ),
    (
        (
            r"the answer is damaged|the answer has more than .* parts"
            r"|\d+ registers came of \d+ asked for"
        ),
        _DAMAGED,
    ),
    # Devices
    (
        (
            r"refused: exception.*|the device refuses.*|it refused .*"
            r"|the station (says|answers).*"
        ),
        Message.of("cause_refused_order"),
    ),
    (
        (
            r".* cannot be told a power|.* cannot be written|.* cannot be stopped .*"
            r"|.* has no bound for what it charges with|.* takes no order for .*"
            r"|it does not offer to be limited so over EEBUS"
            r"|no limits of electric power are allowed|it cannot be controlled.*"
            r"|the device has no .*"
        ),
        _NO_ORDER,
    ),
    (
        r".* was written \d+ times today, of .*",
        Message.of("cause_written_too_often"),
    ),
    (
        r".* does not hold what was set|.* was written, it holds .*",
        Message.of("cause_not_kept"),
    ),
    (
        (
            r"no SunSpec device: .*|the chain of SunSpec models has no end: .*"
            r"|none of the SunSpec models .*|SunSpec model .* is not known here"
        ),
        Message.of("cause_no_sunspec"),
    ),
    (
        (
            r"the (device|battery) (says no|does not say) .*|it has not (described|said) .*"
            r"|.* is not described|it has offered no profile|.* before \w+(\.\w+)?"
        ),
        _NOT_DESCRIBED,
    ),
    (
        r"connector .* has no session",
        Message.of("cause_no_session"),
    ),
    (
        r"nothing listens for (charging stations|S2 devices)",
        Message.of("cause_nothing_listens"),
    ),
    (
        r"another device answers there: its SKI is .*",
        Message.of("cause_another_device"),
    ),
    # The planner
    (
        (
            r"the worker .*|given up for something more urgent|the home was unloaded"
            r"|no answer in [\d.]+ s from the worker"
        ),
        _WORKER,
    ),
    (r"no price is known", Message.of("cause_no_price")),
    (
        r"(?P<entity>\w+\.\w+) does not exist",
        lambda found: Message.of("cause_no_entity", entity=found["entity"]),
    ),
    (
        r"(?P<entity>\w+\.\w+) has no forecast attribute",
        lambda found: Message.of("cause_no_forecast", entity=found["entity"]),
    ),
    (
        r"(?P<source>Nord Pool|EnergyZero|easyEnergy|Tibber)\b.*",
        lambda found: Message.of("cause_source_failed", source=found["source"]),
    ),
    (
        r"(the forecast of )?(?P<source>[^:]+): .*(Error|Exception|error).*",
        lambda found: Message.of("cause_source_failed", source=found["source"]),
    ),
)
_TABLE: Final = tuple((re.compile(text, re.DOTALL), say) for text, say in _WORDS)


def in_words(cause: str | Message | None) -> Message:
    """Return why something does not work; what has no words yet goes to the log."""
    if isinstance(cause, Message):
        return cause
    text = (cause or "").strip().rstrip(".")
    if (numbered := _NUMBERED.match(text)) is not None:
        number = int(numbered[1])
        text = os.strerror(number) if number > 0 else text[numbered.end() :]
    if (known := _SYSTEM.get(text)) is not None:
        return known
    for pattern, say in _TABLE:
        if (found := pattern.fullmatch(text)) is not None:
            return say if isinstance(say, Message) else say(found)
    _log_once(text)
    return Message.of("cause_in_log")


def told(hass: HomeAssistant, cause: str | Message | None) -> str:
    """Return why something does not work in Home Assistant's language."""
    return renderer(hass).text(in_words(cause))


def _log_once(text: str) -> None:
    if text and text not in _logged and len(_logged) < _MOST_LOGGED:
        _logged.add(text)
        _LOGGER.warning("Something does not work: %s", text)
