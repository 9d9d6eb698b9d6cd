"""evcc: where our limits are passed on to it, and what they count there."""

from typing import Final

from custom_components.cem.forms.field import choice, number, text
from custom_components.cem.forms.form import Form
from custom_components.cem.forms.mqtt_limits import needs_broker

FORM: Final = Form(
    title="evcc",
    fields=(
        text("topic", required=True, default="cem/evcc"),
        choice("limit_scope", ("controllable", "connection"), default="controllable"),
        number("feed_in_peak", 0.1, 1000, unit="kW"),
    ),
    check=needs_broker,
)
