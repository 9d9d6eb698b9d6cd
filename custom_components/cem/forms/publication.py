"""A publication: who gets what of the meter's data, how often, until when."""

from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import (
    DateSelector,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
from homeassistant.util import dt as dt_util

from cem_core.exchange.consent import What
from custom_components.cem.broker import has_broker
from custom_components.cem.exchange.sinks import is_endpoint
from custom_components.cem.forms.field import NAME, Answers, Field, number, text, yes_no
from custom_components.cem.forms.form import Form


async def _check(hass: HomeAssistant, answers: Answers) -> dict[str, str]:
    if not is_endpoint(answers["endpoint"]):
        return {"endpoint": "endpoint_wrong"}
    if answers["endpoint"].startswith("mqtt:") and not has_broker(hass):
        return {"endpoint": "no_mqtt"}
    if not answers["what"]:
        return {"what": "what_missing"}
    today = dt_util.now().date().isoformat()
    if answers["until"] < max(today, answers.get("from", today)):
        return {"until": "until_past"}
    return {}


_WHAT: Final = SelectSelector(
    SelectSelectorConfig(
        options=[each.value for each in What],
        translation_key="what_published",
        multiple=True,
        mode=SelectSelectorMode.LIST,
    )
)
_SECRET: Final = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD))

FORM: Final = Form(
    fields=(
        NAME,
        text("endpoint", required=True),
        Field(key="what", selector=_WHAT, required=True, default=[What.POWER.value]),
        number("per_minute", 1, 6, step=1, required=True, default=6),
        Field(key="from", selector=DateSelector()),
        Field(key="until", selector=DateSelector(), required=True),
        yes_no("pseudonymous", default=True),
        text("username", advanced=True),
        Field(key="secret", selector=_SECRET, advanced=True),
        text("ca_file", advanced=True),
    ),
    check=_check,
)
