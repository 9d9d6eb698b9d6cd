"""The document of `cem/savings`: days, periods and what doing nothing means."""

from typing import Any

from homeassistant.util import dt as dt_util

from cem_core.exchange import NOT_FOR_BILLING
from cem_core.insight.savings import periods, row, usual_error
from cem_core.model import Message
from cem_core.model.message_json import message_to_json
from custom_components.cem.const import Mode
from custom_components.cem.home import Home
from custom_components.cem.language import home_clock, renderer
from custom_components.cem.planning.capacity import tariff_of
from custom_components.cem.saving import carbon
from custom_components.cem.saving.baseline import doing_nothing

type Json = dict[str, Any]


def savings_json(home: Home) -> Json:
    """Return what is known of the home's savings now."""
    days = home.savings.days
    error = usual_error(days, days[-1].without) if days else 0.0
    waiting = home.savings_waiting
    if waiting is None and not days:
        waiting = Message.of("savings_first_noon")
    return {
        "currency": home.hass.config.currency,
        "billing": NOT_FOR_BILLING,
        "controlled": home.mode is Mode.CONTROL,
        "co2_known": carbon.is_set(home),
        "days": [
            row([day], error) | {"date": dt_util.as_local(day.end).date().isoformat()}
            for day in reversed(days)
        ],
        "periods": periods(
            days,
            lambda time: dt_util.as_local(time).date(),
            tariff_of(home.tariff or {}),
        ),
        "doing_nothing": [
            {
                "device_id": device.device_id,
                "name": device.model.name,
                **_told(home, doing_nothing(home, device)),
            }
            for device in home.devices.values()
        ],
        "waiting": None if waiting is None else _told(home, waiting),
    }


def _told(home: Home, message: Message) -> Json:
    # When an appliance usually starts is no time of any day.
    text = renderer(home.hass, home_clock).text(message)
    return {"text": text, **message_to_json(message)}
