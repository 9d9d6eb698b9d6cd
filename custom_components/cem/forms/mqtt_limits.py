"""Limits by MQTT: where they come, what they may be, what silence means."""

from typing import Final

from homeassistant.core import HomeAssistant

from custom_components.cem.forms.field import Answers, choice, number, text
from custom_components.cem.forms.form import Form

_LONGEST_TOPIC: Final = 200


def refused_topic(topic: str) -> str | None:
    """Return why messages cannot be sent to ``topic``, or None."""
    wrong = any(sign in topic for sign in "+#\0") or topic != topic.strip("/ ")
    return "topic_wrong" if wrong or not 0 < len(topic) <= _LONGEST_TOPIC else None


async def needs_broker(hass: HomeAssistant, answers: Answers) -> dict[str, str]:
    """Refuse a form that needs MQTT where there is none."""
    if error := refused_topic(answers["topic"]):
        return {"topic": error}
    return {} if "mqtt" in hass.config.components else {"base": "no_mqtt"}


async def _check(hass: HomeAssistant, answers: Answers) -> dict[str, str]:
    errors = await needs_broker(hass, answers)
    if (
        not errors
        and answers["when_silent"] != "keep"
        and "silent_after" not in answers
    ):
        return {"silent_after": "silent_after_missing"}
    return errors


FORM: Final = Form(
    title="Limits by MQTT",
    fields=(
        text("topic", required=True, default="cem/limits"),
        choice("most_priority", ("obligation", "contract", "market"), default="market"),
        number("silent_after", 5, 86_400, unit="s"),
        choice("when_silent", ("keep", "limit", "release"), default="keep"),
        number("silent_limit", 0, 1000, unit="kW", default=4.2),
        choice("limit_scope", ("controllable", "connection"), default="controllable"),
    ),
    check=_check,
)
