"""The grid operator's control box: who it is, and what holds when it is silent."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from homeassistant.core import HomeAssistant

from custom_components.cem.const import DOMAIN
from custom_components.cem.forms import eebus
from custom_components.cem.forms.field import choice, number, text, yes_no
from custom_components.cem.forms.form import Form


async def _described(hass: HomeAssistant) -> Mapping[str, str]:
    return {**await eebus.own(hass), "too_slow": too_slow(hass)}


def too_slow(hass: HomeAssistant) -> str:
    """Return the names of the devices that cannot keep its limits by themselves."""
    names = [
        device.model.name
        for entry in hass.config_entries.async_loaded_entries(DOMAIN)
        for device in entry.runtime_data.devices.values()
        if device.model.slow and device.contactor is None
    ]
    return ", ".join(names) or "-"


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
        *(replace(field, advanced=True) for field in eebus.LISTENS),
    ),
    check=eebus.refusals,
    placeholders=_described,
    shows=eebus.own_qr_code,
)
