"""What of EEBUS a person has to see to, as issues of Home Assistant."""

from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from custom_components.cem.const import DOMAIN

PORT_TAKEN: Final = "eebus_port_taken"
BOX_AWAY: Final = "eebus_box_away"
REPLACED: Final = "eebus_certificate_changed"
STRANGER: Final = "eebus_stranger"
ALL: Final = (PORT_TAKEN, BOX_AWAY, REPLACED, STRANGER)


class EebusIssues:
    """The issues of one home, each at most once."""

    def __init__(self, hass: HomeAssistant, entry_id: str, title: str) -> None:
        """Tell of the home called ``title``."""
        self._hass = hass
        self._entry_id = entry_id
        self._title = title

    @callback
    def tell(self, issue: str, **placeholders: str) -> None:
        """Raise ``issue``; what it said before is replaced."""
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            f"{issue}_{self._entry_id}",
            is_fixable=False,
            severity=ir.IssueSeverity.WARNING,
            translation_key=issue,
            translation_placeholders={"home": self._title, **placeholders},
        )

    @callback
    def clear(self, *issues: str) -> None:
        """Take ``issues`` back."""
        for issue in issues:
            ir.async_delete_issue(self._hass, DOMAIN, f"{issue}_{self._entry_id}")
