"""The forms for a Modbus meter, which is read once before it is accepted."""

import asyncio
from typing import Final

from homeassistant.components.modbus import async_get_temporary_unit
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.selector import SerialPortSelector

from cem_core.modbus import LinkError, ModbusError, NoPowerError, RefusedError
from cem_core.modbus.sunspec import NoSunSpecError
from custom_components.cem.forms.field import Answers, Field, choice, number, text
from custom_components.cem.forms.form import Form
from custom_components.cem.meters.modbus import SUNSPEC, SharedUnit, link, polled
from custom_components.cem.meters.preview import Preview

READ_WITHIN_S: Final = 12

METER_MAPS: Final = (
    "eastron_sdm120",
    "eastron_sdm230",
    "eastron_sdm72d_m",
    "eastron_sdm630",
    "carlo_gavazzi_em24",
    "carlo_gavazzi_em24_e1",
    "abb_b23",
)


async def look_at(hass: HomeAssistant, answers: Answers) -> Preview:
    """Read all registers once; the same connection serves whoever holds it."""
    try:
        async with (
            asyncio.timeout(READ_WITHIN_S),
            async_get_temporary_unit(
                hass, link(answers), int(answers["unit_id"])
            ) as unit,
        ):
            meter = await polled(hass, SharedUnit(unit), answers)
            return Preview(reading=await meter.read())
    except NoPowerError:
        error, cause = "modbus_no_power", ""
    except NoSunSpecError:
        error, cause = "no_sunspec_meter", ""
    except RefusedError:
        error, cause = "modbus_refused", ""
    except (LinkError, HomeAssistantError) as failure:
        error, cause = "cannot_connect", str(failure)
    except ModbusError, TimeoutError:
        error, cause = "no_modbus_answer", ""
    return Preview(error=error, cause=cause)


_DEVICE: Final[tuple[Field, ...]] = (
    number("unit_id", 1, 255, step=1, required=True, default=1),
    choice("register_map", (SUNSPEC, *METER_MAPS), default=SUNSPEC),
    choice(
        "power_sign",
        ("import_positive", "export_positive"),
        default="import_positive",
        advanced=True,
    ),
    number("poll_period", 0.5, 60, unit="s", default=1, advanced=True),
)

OVER_TCP: Final = Form(
    title="Modbus",
    fields=(
        text("host", required=True),
        number("port", 1, 65535, step=1, required=True, default=502),
        *_DEVICE,
        choice("framing", ("tcp", "rtu"), default="tcp", advanced=True),
    ),
)

OVER_SERIAL: Final = Form(
    title="Modbus",
    fields=(
        Field(key="device", selector=SerialPortSelector(), required=True),
        number("baud_rate", 1200, 115_200, step=1, required=True, default=9600),
        choice("parity", ("none", "even", "odd"), default="none"),
        *_DEVICE,
    ),
)
