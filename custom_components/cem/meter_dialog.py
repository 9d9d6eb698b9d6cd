"""What is asked about a meter before it is accepted, whichever flow asks."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing, suppress
from enum import StrEnum
from typing import Any, Final

from homeassistant.core import HomeAssistant

from cem_core.meter.keys import key_from_hex
from cem_core.model import Reading
from custom_components.cem.causes import told
from custom_components.cem.const import CONF_METHOD
from custom_components.cem.forms import meter_modbus
from custom_components.cem.forms.meter import API_V2
from custom_components.cem.forms.telegram import described
from custom_components.cem.meters import METHODS
from custom_components.cem.meters.homewizard import Api, ApiError, ForbiddenError
from custom_components.cem.meters.modbus import MODBUS
from custom_components.cem.meters.preview import Preview, follow, preview

type Look = Callable[[HomeAssistant, Mapping[str, Any]], Awaitable[Preview]]


def _line(name: str) -> Look:
    return lambda hass, answers: preview(hass, METHODS[name], answers)


LOOKS: Final[Mapping[str, Look]] = {
    **{name: _line(name) for name in METHODS},
    **dict.fromkeys(MODBUS, meter_modbus.look_at),
}
"""How the first reading is waited for, of meters that are shown before they are kept."""

SECRETS: Final = ("key", "auth_key", "token", "fingerprint")
_SLOW_AFTER_S: Final = 25.0  # for meters that speak every ten or fifteen seconds
_FIELDS: Final = {"modbus_no_power": "register_map", "no_sunspec_meter": "register_map"}
_FAST: Final = ("modbus", "sml", "tic", "homewizard")
_WATCHED: Final = 5  # so many more telegrams are shown as they come
_WATCHED_S: Final = 10.0  # and no longer than that, of meters that speak seldom
_FAST_P1: Final = "5"  # what the versions of a telegram each second begin with


class Step(StrEnum):
    """What comes next."""

    FILL_IN = "fill_in"
    METER_KEYS = "meter_keys"
    PRESS_BUTTON = "press_button"
    LIVE = "live"
    TELEGRAM = "telegram"


class MeterDialog:
    """One meter that is being set up: what was answered, and what came of it.

    ``errors`` and ``placeholders`` belong to the step that comes next.
    """

    def __init__(self, hass: HomeAssistant, answers: Mapping[str, Any]) -> None:
        """Begin with ``answers``, the method among them."""
        self._hass = hass
        self._found = Preview()
        self.answers = dict(answers)
        if self.answers.get("api") != API_V2:
            for name in ("token", "fingerprint"):
                self.answers.pop(name, None)
        self.errors: dict[str, str] = {}

    @property
    def placeholders(self) -> dict[str, str]:
        """What the step's texts name."""
        return {"cause": told(self._hass, self._found.cause), **described(self._found)}

    async def look(self, *, paired: bool = False) -> Step:
        """Wait for a telegram, and say what to ask next.

        ``paired``: what the device was asked with is new.
        """
        by_token = self.answers.get("api") == API_V2
        if by_token and "token" not in self.answers:
            return await self.pair()
        self.errors = {}
        look_at = LOOKS[self.answers[CONF_METHOD]]
        self._found = await look_at(self._hass, self.answers)
        if self._found.reading is not None:
            by_line = self.answers[CONF_METHOD] in METHODS
            return Step.LIVE if by_line else Step.TELEGRAM
        if by_token and not paired:  # it may be another device, or have forgotten us
            return await self.pair()
        error = self._found.error
        if error == "key_needed":
            return Step.METER_KEYS
        self.errors = {_FIELDS.get(str(error), "base"): str(error)}
        return Step.METER_KEYS if error == "key_refused" else Step.FILL_IN

    async def watch(self, shown: Callable[[], None]) -> None:
        """Take more telegrams of the meter, and call ``shown`` after each."""
        method, left = METHODS[self.answers[CONF_METHOD]], _WATCHED
        with suppress(TimeoutError):
            async with (
                asyncio.timeout(_WATCHED_S),
                aclosing(follow(self._hass, method, self.answers)) as found,
            ):
                async for self._found in found:
                    shown()
                    left -= 1
                    if not left:
                        return

    async def take_keys(self, said: Mapping[str, str]) -> Step:
        """Try keys; they are kept when they fit."""
        keys = {name: said.get(name, "").strip() for name in ("key", "auth_key")}
        self.errors = {}
        for name, digits in keys.items():
            try:
                if digits:
                    key_from_hex(digits)
            except ValueError:
                self.errors[name] = "key_malformed"
        if self.errors:
            return Step.METER_KEYS
        others = {k: v for k, v in self.answers.items() if k not in keys}
        self.answers = others | {name: said for name, said in keys.items() if said}
        return await self.look()

    async def pair(self, *, pressed: bool = False) -> Step:
        """Ask the device for a token: it gives one after its button was pressed."""
        self.errors = {}
        try:
            paired = await Api(self._hass, self.answers["host"]).pair()
        except ForbiddenError:
            self.errors = {"base": "not_pressed"} if pressed else {}
            return Step.PRESS_BUTTON
        except ApiError as error:
            self._found = Preview(error="cannot_connect", cause=str(error))
            self.errors = {"base": "cannot_connect"}
            return Step.FILL_IN
        self.answers |= paired
        return await self.look(paired=True)

    @property
    def data(self) -> dict[str, Any]:
        """What is kept of an accepted meter."""
        reading = self._found.reading
        if reading is None or "silent_after" in self.answers or _is_fast(reading):
            return self.answers
        return self.answers | {"silent_after": _SLOW_AFTER_S}


def _is_fast(reading: Reading) -> bool:
    """Tell whether such meters speak every few seconds, as far as is known."""
    if reading.format == "dsmr":
        return (reading.version or "").startswith(_FAST_P1)
    return reading.format in _FAST


def secrets_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was agreed on with the meter before."""
    return {name: data[name] for name in SECRETS if name in data}
