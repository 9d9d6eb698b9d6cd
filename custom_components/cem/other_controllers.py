"""Another controller that keeps changing what the CEM commands: found out and named.

An entity that is changed is handed off each time. What is changed past Home Assistant,
in a register or a limit, is not: many a device has reasons of its own, so it is ordered
anew, and who owns it hears of it when it comes again and again.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from homeassistant.const import ATTR_FRIENDLY_NAME
from homeassistant.core import Context, HomeAssistant, State, callback
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.loader import IntegrationNotFound, async_get_integration
from homeassistant.util import dt as dt_util

from cem_core.devices.rivalry import CHANGES, Meddled, Rivalry
from custom_components.cem.const import DOMAIN

if TYPE_CHECKING:
    from custom_components.cem.controlled import ControlledDevice
    from custom_components.cem.home import Home

_PERSON_WITHIN: Final = timedelta(hours=1)
_RUNNERS: Final = ("automation", "script", "scene")

type _Key = tuple[str, str]  # the device's subentry, who


class OtherControllers:
    """Those of a home; one repairs issue for each device that is fought over."""

    def __init__(self, home: Home) -> None:
        """Know of nobody yet."""
        self._home = home
        self._rivals: dict[_Key, Rivalry] = {}
        self._told: dict[str, _Key] = {}  # by device

    @callback
    def changed(self, device: ControlledDevice, state: State) -> None:
        """Count a change that somebody else made; tell it when it comes again."""
        runner = _runner(self._home.hass, state.context)
        who = runner or state.context.user_id or state.entity_id
        key = device.subentry_id, who
        if self._goes_on(key, self._window(who, state)):
            self._told[device.subentry_id] = key
            self._home.entry.async_create_task(
                self._home.hass, self._tell(device, state, runner), "cem rival"
            )

    @callback
    def changed_in(self, device: ControlledDevice, program: str) -> None:
        """Count a change made in another ``program``, or by it."""
        key = device.subentry_id, program
        if self._goes_on(key, self._longest):
            self._told[device.subentry_id] = key
            self._say(device, entity=device.model.name, other=program)

    def _goes_on(self, key: _Key, window: timedelta) -> bool:
        now = dt_util.utcnow()
        rivalry = self._rivals.setdefault(key, Rivalry(window=window))
        rivalry.changed(now)
        return rivalry.goes_on(now)

    @callback
    def look(self) -> None:
        """Ask the drivers, and take back what is over."""
        now = dt_util.utcnow()
        for device in self._home.devices.values():
            if (meddled := device.driver.meddled()) is not None:
                self._meddled(device, meddled, now)
        for subentry_id, key in list(self._told.items()):
            if not self._rivals[key].goes_on(now):
                del self._told[subentry_id]
                ir.async_delete_issue(self._home.hass, DOMAIN, _issue(subentry_id))

    def _meddled(
        self, device: ControlledDevice, meddled: Meddled, now: datetime
    ) -> None:
        """Count what somebody else set past Home Assistant."""
        key = device.subentry_id, meddled.protocol
        rivalry = self._rivals.setdefault(key, Rivalry(window=_PERSON_WITHIN))
        rivalry.changed(now)
        if rivalry.goes_on(now):
            self._told[device.subentry_id] = key
            self._create_issue(
                device,
                "other_controller_of_device",
                setting=meddled.setting,
                protocol=meddled.protocol,
            )

    def _window(self, who: str, state: State) -> timedelta:
        """Return how close its changes are to be.

        A person may well change something three times on an evening. What acts by
        itself is left alone after each change for as long as the hand-off takes.
        """
        if who == state.context.user_id:
            return _PERSON_WITHIN
        return self._longest

    @property
    def _longest(self) -> timedelta:
        return _PERSON_WITHIN + CHANGES * self._home.settings.hand_off

    async def _tell(
        self, device: ControlledDevice, state: State, runner: str | None
    ) -> None:
        other = await _name(self._home.hass, state, runner)
        self._say(device, entity=state.entity_id, other=other)

    def _say(self, device: ControlledDevice, *, entity: str, other: str) -> None:
        self._create_issue(
            device,
            "other_controller",
            entity=entity,
            other=other,
            minutes=f"{self._home.settings.hand_off.total_seconds() / 60:.0f}",
        )

    def _create_issue(
        self, device: ControlledDevice, key: str, **placeholders: str
    ) -> None:
        ir.async_create_issue(
            self._home.hass,
            DOMAIN,
            _issue(device.subentry_id),
            is_fixable=False,
            severity=ir.IssueSeverity.WARNING,
            translation_key=key,
            translation_placeholders={"device": device.model.name, **placeholders},
        )


def _issue(subentry_id: str) -> str:
    return f"other_controller_{subentry_id}"


def _runner(hass: HomeAssistant, context: Context) -> str | None:
    """Return the automation or script in whose course something was changed.

    Home Assistant gives it, and what it changes, one context.
    """
    for state in hass.states.async_all(_RUNNERS):
        if context.id == state.context.id:
            return state.entity_id
    return None


async def _name(hass: HomeAssistant, state: State, runner: str | None) -> str:
    """Return who changed ``state``, as the owner knows it."""
    if runner is not None:
        found = hass.states.get(runner)
        called = found.attributes.get(ATTR_FRIENDLY_NAME) if found else None
        return f"{called} ({runner})" if called else runner
    if (user_id := state.context.user_id) is not None:
        user = await hass.auth.async_get_user(user_id)
        return user_id if user is None or not user.name else user.name
    entry = er.async_get(hass).async_get(state.entity_id)
    if entry is None:
        return state.entity_id
    try:
        return (await async_get_integration(hass, entry.platform)).name
    except IntegrationNotFound:
        return entry.platform
