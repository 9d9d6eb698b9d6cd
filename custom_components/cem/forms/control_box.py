"""The grid operator's control box: who it is, and what holds when it is silent."""

from typing import Final

from custom_components.cem.forms import eebus
from custom_components.cem.forms.field import Form, choice, number, text, yes_no

FORM: Final = Form(
    title="Control box",
    fields=(
        text("ski", required=True),
        text("host"),
        number("port", 1, 65535, step=1),
        number("nominal_import", 1, 500, unit="kW", required=True, default=30),
        number("failsafe_import", 0, 500, unit="kW", required=True, default=4.2),
        choice("limit_scope", ("controllable", "connection"), default="controllable"),
        yes_no("limits_export", default=False),
        number("nominal_export", 0, 500, unit="kW", default=10),
        number("failsafe_export", 0, 500, unit="kW", default=0),
        choice("after_failsafe", ("keep", "release"), default="keep", advanced=True),
        yes_no("strict_sign", default=False, advanced=True),
        text("listen_address", default="0.0.0.0", advanced=True),  # noqa: S104 - the box is on the local network
        number("listen_port", 1, 65535, step=1, default=4712, advanced=True),
    ),
    check=eebus.refusals,
    placeholders=eebus.own,
    shows=eebus.own_qr_code,
)
