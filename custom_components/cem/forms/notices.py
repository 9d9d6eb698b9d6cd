"""The part of a home's options that is about messages and near-limit notices."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TimeSelector,
)
import probatio

from cem_core.limits import NearLimitSettings, TripRule
from cem_core.notification import Subject
from custom_components.cem.forms.field import (
    Field,
    choice,
    clock,
    number,
    several,
    text,
)
from custom_components.cem.messages.settings import (
    DIGEST_AT,
    MOST_A_DAY,
    USUAL_SUBJECTS,
    Digest,
)
from custom_components.cem.notice_settings import (
    BY_COUNTRY,
    CAUTION_PERCENT,
    SHED_MINUTES,
    WARNING_PERCENT,
    NotifyFrom,
)

SECTION: Final = "notices"
_LONGEST_TOPIC: Final = 200
_NO_TARGETS: Final = frozenset({"notify", "send_message", "persistent_notification"})
MOST_MESSAGES: Final = 100
# What one person may choose for themself as well.
PERSONAL: Final = (
    several("subjects", tuple(Subject), default=USUAL_SUBJECTS),
    number("most_a_day", 0, MOST_MESSAGES, step=1, default=MOST_A_DAY),
    Field(key="quiet_from", selector=TimeSelector()),
    Field(key="quiet_until", selector=TimeSelector()),
    choice("digest", tuple(Digest), default=Digest.DAILY),
    clock("digest_at", default=DIGEST_AT),
)
_FIELDS: Final = (
    number("caution_share", 10, 100, unit="%", default=CAUTION_PERCENT),
    number("warning_share", 10, 100, unit="%", default=WARNING_PERCENT),
    choice("trip_rule", (BY_COUNTRY, *TripRule), default=BY_COUNTRY),
    number("subscribed_power", 0.5, 1000, unit="kW"),
    choice("notify_from", tuple(NotifyFrom), default=NotifyFrom.IF_NEEDED),
    number("shed_minutes", 1, 720, unit="min", default=SHED_MINUTES),
    text("notice_topic"),
    *PERSONAL,
)


def notices_section(hass: HomeAssistant) -> dict[probatio.Marker, section]:
    """Return the closed section that asks about notices."""
    fields = (targets(hass), *_FIELDS)
    schema = probatio.Schema({field.marker(): field.selector for field in fields})
    marker = probatio.Optional(SECTION, default={})
    return {marker: section(schema, {"collapsed": True})}


def without_section(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers of the whole form side by side."""
    of_section: Mapping[str, Any] = answers.get(SECTION, {})
    return {k: v for k, v in answers.items() if k != SECTION} | dict(of_section)


def with_section(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return stored options in the form's shape."""
    return {**options, SECTION: options}


def refused(answers: Mapping[str, Any]) -> dict[str, str]:
    """Return what cannot be, as errors of the form."""
    try:
        NearLimitSettings(
            caution_share=answers.get("caution_share", CAUTION_PERCENT) / 100,
            warning_share=answers.get("warning_share", WARNING_PERCENT) / 100,
        )
    except ValueError:
        return {"base": "shares_order"}
    topic: str = answers.get("notice_topic", "")
    if any(sign in topic for sign in "+#\0") or len(topic.encode()) > _LONGEST_TOPIC:
        return {"base": "no_topic"}
    return half_quiet(answers)


def half_quiet(answers: Mapping[str, Any]) -> dict[str, str]:
    """Return that quiet hours lack an end or a start, where they do."""
    if ("quiet_from" in answers) != ("quiet_until" in answers):
        return {"base": "quiet_halves"}
    return {}


def targets(hass: HomeAssistant) -> Field:
    """Return the field that names who is told, of what there is."""
    actions = hass.services.async_services_for_domain("notify")
    known = {f"notify.{name}" for name in actions if name not in _NO_TARGETS}
    known |= set(hass.states.async_entity_ids("notify"))
    config = SelectSelectorConfig(
        options=sorted(known),
        multiple=True,
        custom_value=True,
        mode=SelectSelectorMode.DROPDOWN,
    )
    return Field(key="notify", selector=SelectSelector(config))
