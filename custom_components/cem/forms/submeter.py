"""Gas, water and heat meters, and German gateways: meters that are read now and then."""

import asyncio
from collections.abc import Mapping
import logging
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import SerialPortSelector

from cem_core.meter.keys import key_from_hex
from cem_core.transport.smgw import GATEWAYS, GatewayError
from custom_components.cem.forms.field import (
    NAME,
    Answers,
    Field,
    choice,
    number,
    password,
    text,
)
from custom_components.cem.forms.form import Form
from custom_components.cem.submeters.gateway import GatewayMeter
from custom_components.cem.submeters.http import FingerprintError, fingerprint_of
from custom_components.cem.submeters.mbus import addresses_of, source_of

_LOGGER: Final = logging.getLogger(__name__)

BAUDS: Final = ("300", "600", "1200", "2400", "4800", "9600", "19200")
_DEFAULT_MINUTES: Final = 15
_MOST_MINUTES: Final = 1440
_WITHIN_S: Final = 60.0


async def _all_answer(hass: HomeAssistant, answers: Answers) -> dict[str, str]:
    """Refuse meters that cannot be read now."""
    del hass
    try:
        addresses_of(answers["addresses"])
    except ValueError:
        return {"addresses": "addresses_wrong"}
    try:
        key_from_hex(answers.get("key") or "00" * 16)
    except ValueError:
        return {"key": "key_wrong"}
    try:
        async with asyncio.timeout(_WITHIN_S):
            results = [each async for each in source_of(answers).read_once()]
    except TimeoutError:
        return {"base": "submeter_silent"}
    for result in results:
        if result.reading is None:
            _LOGGER.warning("Meter %s: %s", result.meter.address, result.cause)
    silent = any(result.reading is None for result in results)
    return {"base": "submeter_silent"} if silent else {}


async def _topic_and_broker(hass: HomeAssistant, answers: Answers) -> dict[str, str]:
    topic: str = answers["topic"]
    if "\0" in topic or topic != topic.strip() or "#" in topic[:-1]:
        return {"topic": "topic_wrong"}
    return {} if "mqtt" in hass.config.components else {"base": "no_mqtt"}


async def _gateway_shows(hass: HomeAssistant, answers: Answers) -> dict[str, str]:
    """Refuse a gateway that cannot be read now."""
    try:
        fingerprint_of(answers.get("fingerprint", ""))
    except ValueError:
        return {"fingerprint": "fingerprint_wrong"}
    try:
        await GatewayMeter(hass, answers).read()
    except FingerprintError as error:
        _LOGGER.warning("%s: %s", answers["host"], error)
        return {"fingerprint": "fingerprint_unknown"}
    except GatewayError as error:
        _LOGGER.warning("%s: %s", answers["host"], error)
        return {"base": "gateway_refuses"}
    except OSError, ValueError:  # the latter for what is no host
        return {"base": "cannot_connect"}
    return {}


def _interval(least_minutes: int) -> Field:
    return number(
        "interval",
        least_minutes,
        _MOST_MINUTES,
        step=1,
        unit="min",
        default=_DEFAULT_MINUTES,
    )


_INTERVAL: Final = _interval(1)
_GATEWAY_INTERVAL: Final = _interval(5)  # some lock who asks more often
_ADDRESSES: Final = text("addresses", required=True)
_KEY: Final = password("key")

METHODS: Final[Mapping[str, Form]] = {
    "mbus_tcp": Form(
        fields=(
            NAME,
            text("host", required=True),
            number("port", 1, 65535, step=1, required=True, default=10001),
            _ADDRESSES,
            _INTERVAL,
            _KEY,
        ),
        check=_all_answer,
    ),
    "mbus_serial": Form(
        fields=(
            NAME,
            Field(key="device", selector=SerialPortSelector(), required=True),
            choice("baud", BAUDS, default="2400"),
            _ADDRESSES,
            _INTERVAL,
            _KEY,
        ),
        check=_all_answer,
    ),
    "wmbusmeters": Form(
        fields=(NAME, text("topic", required=True, default="wmbusmeters/+")),
        check=_topic_and_broker,
    ),
    "gateway": Form(
        fields=(
            NAME,
            choice("maker", tuple(GATEWAYS), default="ppc"),
            text("host", required=True),
            number("port", 1, 65535, step=1, required=True, default=443),
            text("user", required=True),
            password("password", required=True),
            text("fingerprint"),
            _GATEWAY_INTERVAL,
        ),
        check=_gateway_shows,
    ),
}
