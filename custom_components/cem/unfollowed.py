"""Devices that do not do what the plan orders, while no limit needs it of them.

Under a limit dispatch hardens the order (`cem_core.dispatch.insist`). Without one nothing
is exceeded: the order is sent again whatever the device says that it holds, and when that
does not help either, the owner hears of it.
"""

from typing import TYPE_CHECKING, Final

from homeassistant.helpers import issue_registry as ir

from custom_components.cem.const import DOMAIN, Kind

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

    from custom_components.cem.controlled import ControlledDevice

REPEATED_AFTER_S: Final = 60.0
TOLD_AFTER_S: Final = 300.0
# What heats, or runs to its end, was not ordered a power but to run or to rest.
_ORDERED_POWERS: Final = frozenset({Kind.SOLAR, Kind.BATTERY, Kind.EV_CHARGER})


class Unfollowed:
    """Those of a home; one repairs issue for each that does not follow."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Know of none yet."""
        self._hass = hass
        self._repeated: set[str] = set()
        self._told: set[str] = set()

    def look(self, device: ControlledDevice, beyond_s: float) -> None:
        """Take that ``device`` has done more than ordered for ``beyond_s``."""
        if device.kind not in _ORDERED_POWERS:
            return
        key = device.subentry_id
        if not beyond_s:
            if key in self._repeated:
                self._repeated.discard(key)
                self._told.discard(key)
                ir.async_delete_issue(self._hass, DOMAIN, _issue(key))
            return
        if beyond_s >= REPEATED_AFTER_S and key not in self._repeated:
            self._repeated.add(key)
            device.insist()
        if beyond_s >= TOLD_AFTER_S:
            self._told.add(key)
            ir.async_create_issue(
                self._hass,
                DOMAIN,
                _issue(key),
                is_fixable=False,
                severity=ir.IssueSeverity.WARNING,
                translation_key="not_following",
                translation_placeholders={"device": device.model.name},
            )

    def told(self, device: ControlledDevice) -> bool:
        """Tell whether its owner knows that ``device`` does more than ordered."""
        return device.subentry_id in self._told


def _issue(key: str) -> str:
    return f"not_following_{key}"
