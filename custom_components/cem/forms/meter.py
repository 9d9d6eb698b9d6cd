"""The meter: read by ourselves in one of many ways, or entities that exist already."""

from collections.abc import Mapping
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import SerialPortSelector

from cem_core.transport import PortSettings
from custom_components.cem.forms import meter_modbus
from custom_components.cem.forms.field import (
    CURRENT,
    ENERGY,
    POWER,
    Answers,
    Field,
    choice,
    entity,
    number,
    one_of,
    password,
    text,
)
from custom_components.cem.forms.form import Form
from custom_components.cem.meters.mqtt import ANY_FORM, JSON_FORMS
from custom_components.cem.meters.serial_port import ANY_SPEED, OPTICAL

TITLE: Final = "Meter"
API_V1: Final = "v1"
API_V2: Final = "v2"
SETTINGS: Final = (
    ANY_SPEED,
    OPTICAL,
    "115200 8N1",
    "9600 7E1",
    "9600 8N1",
    "2400 8E1",
    "2400 8N1",
    "1200 7E1",
)


async def _some_power(hass: HomeAssistant, answers: Answers) -> dict[str, str]:
    del hass
    if "power" in answers and "import_power" in answers:
        return {"power": "power_twice"}
    if "power" not in answers and "import_power" not in answers:
        return {"base": "no_power"}
    return {}


async def _one_port(hass: HomeAssistant, answers: Answers) -> dict[str, str]:
    del hass
    if answers["settings"] in (ANY_SPEED, OPTICAL):
        return {}
    try:
        PortSettings.parse(answers["settings"])
    except ValueError:
        return {"settings": "wrong_settings"}
    return {}


SPEED: Final = one_of("settings", SETTINGS)
SILENT_AFTER: Final = number("silent_after", 5, 3600, step=1, unit="s", advanced=True)
TCP: Final = Form(
    title=TITLE,
    fields=(
        text("host", required=True),
        number("port", 1, 65535, step=1, required=True, default=2001),
        SILENT_AFTER,
    ),
)
SERIAL: Final = Form(
    title=TITLE,
    fields=(
        Field(key="device", selector=SerialPortSelector(), required=True),
        SPEED,
        SILENT_AFTER,
    ),
    check=_one_port,
)
MQTT: Final = Form(
    title=TITLE,
    fields=(
        text("topic", required=True),
        choice("form", JSON_FORMS, default=ANY_FORM),
        SILENT_AFTER,
    ),
)
HOMEWIZARD: Final = Form(
    title=TITLE,
    fields=(
        text("host", required=True),
        choice("api", (API_V1, API_V2), default=API_V1),
        SILENT_AFTER,
    ),
)
ENTITIES: Final = Form(
    title=TITLE,
    fields=(
        entity("power", POWER),
        choice(
            "power_sign",
            ("import_positive", "export_positive"),
            default="import_positive",
        ),
        entity("import_power", POWER),
        entity("export_power", POWER),
        entity("import_energy", ENERGY),
        entity("export_energy", ENERGY),
        entity("current_l1", CURRENT, advanced=True),
        entity("current_l2", CURRENT, advanced=True),
        entity("current_l3", CURRENT, advanced=True),
        number(
            "silent_after",
            5,
            3600,
            step=1,
            unit="s",
            default=60,
            advanced=True,
        ),
    ),
    check=_some_power,
)

KEYS: Final = Form(fields=(password("key", required=True), password("auth_key")))
"""Asked for where telegrams are encrypted; see `meter_dialog`."""

METHODS: Final[Mapping[str, Form]] = {
    "tcp": TCP,
    "serial": SERIAL,
    "mqtt": MQTT,
    "homewizard": HOMEWIZARD,
    "modbus_tcp": meter_modbus.OVER_TCP,
    "modbus_serial": meter_modbus.OVER_SERIAL,
    "entities": ENTITIES,
}
