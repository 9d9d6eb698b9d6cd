"""A device that is commanded over Modbus: where it is, and by which registers."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from homeassistant.components.modbus import async_get_temporary_unit
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.selector import (
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    SerialPortSelector,
)
from modbus_connection import ModbusSerialParams, ModbusTcpParams

from cem_core.modbus import LinkError, ModbusError, RefusedError, RegisterMap, load
from cem_core.modbus.steering import sets_water, switches_phases, water_range_c
from cem_core.modbus.sunspec import NoSunSpecError, scan
from cem_core.transport.modbus_device import ModbusDevice
from cem_core.transport.modbus_meter import serve
from cem_core.transport.sunspec_device import OUTPUT_CONTROLS, STORAGE_CONTROLS
from custom_components.cem.const import Kind
from custom_components.cem.forms.field import (
    MODBUS,
    Answers,
    Field,
    number,
    text,
    yes_no,
)
from custom_components.cem.meters.modbus import SUNSPEC, SharedUnit, link

ASKED_WITHIN_S: Final = 12
PORT: Final = 502

CHARGERS: Final = (
    "alfen_ng9xx",
    "bender_cc612",
    "go_e_charger",
    "heidelberg_energy_control",
    "keba_p30",
    "tinkerforge_warp",
    "vestel_evc04",
)
BATTERIES: Final = ("huawei_sun2000_luna", "kostal_plenticore", "victron_gx")
HEAT_PUMPS: Final = ("idm_navigator_2", "lambda_eureka", "stiebel_eltron_isg")
MAPS: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.EV_CHARGER: CHARGERS,
    Kind.BATTERY: (SUNSPEC, *BATTERIES),
    Kind.HEAT_PUMP: HEAT_PUMPS,
    Kind.SOLAR: (SUNSPEC,),
}
# The maps whose registers say whether a car is there.
SHOW_THE_CAR: Final = (
    "alfen_ng9xx",
    "bender_cc612",
    "go_e_charger",
    "heidelberg_energy_control",
    "keba_p30",
    "tinkerforge_warp",
    "vestel_evc04",
)
_OTHER_WAYS: Final = ("ski", "station", "s2_token")


def _choice(key: str, options: tuple[str, ...], *, required: bool) -> Field:
    config = SelectSelectorConfig(
        options=list(options), translation_key=key, mode=SelectSelectorMode.DROPDOWN
    )
    return Field(key=key, selector=SelectSelector(config), required=required)


def _fields(kind: Kind, *, required: bool) -> tuple[Field, ...]:
    phases = (yes_no("modbus_switches_phases", default=False),)
    return (
        _choice("modbus_map", MAPS[kind], required=required),
        text("modbus_host"),
        number("modbus_port", 1, 65535, step=1),
        _choice("modbus_framing", ("tcp", "rtu"), required=False),
        Field(key="modbus_serial", selector=SerialPortSelector()),
        number("modbus_baud_rate", 1200, 115_200, step=1),
        _choice("modbus_parity", ("none", "even", "odd"), required=False),
        number("modbus_unit", 1, 255, step=1),
        number("writes_a_day", 1, 1000, step=1),
        *(phases if kind is Kind.EV_CHARGER else ()),
    )


def optional(kind: Kind) -> tuple[Field, ...]:
    """Return the section of a form with other ways to command the device."""
    return tuple(replace(f, section=MODBUS) for f in _fields(kind, required=False))


def required(kind: Kind) -> tuple[Field, ...]:
    """Return the fields of a form for Modbus alone."""
    return _fields(kind, required=True)


def unsaid(answers: Answers) -> dict[str, str]:
    """Refuse a battery of which neither entities nor registers say the state."""
    told_by = answers.get("modbus_map")
    said = {"power": told_by in BATTERIES, "state_of_charge": told_by is not None}
    return {
        key: f"{key}_missing"
        for key, is_told in said.items()
        if key not in answers and not is_told
    }


def link_of(answers: Answers) -> ModbusTcpParams | ModbusSerialParams:
    """Return how Home Assistant reaches the device that the user described."""
    if "modbus_serial" in answers:
        return link(
            {
                "device": answers["modbus_serial"],
                "baud_rate": answers.get("modbus_baud_rate", 9600),
                "parity": answers.get("modbus_parity", "none"),
            }
        )
    return link(
        {
            "host": answers["modbus_host"],
            "port": answers.get("modbus_port", PORT),
            "framing": answers.get("modbus_framing", "tcp"),
        }
    )


async def refusals(
    hass: HomeAssistant, kind: Kind, answers: Answers, *entities: str
) -> dict[str, str]:
    """Return why the device cannot be commanded so; it is asked once."""
    if "modbus_map" not in answers:
        return {}
    if any(key in answers for key in (*entities, *_OTHER_WAYS)):
        return {"base": "modbus_alone"}
    if ("modbus_host" in answers) is ("modbus_serial" in answers):
        return {"modbus_host": "modbus_one_link"}
    if answers.get("modbus_switches_phases"):
        known = await hass.async_add_executor_job(load, answers["modbus_map"])
        if not switches_phases(known):
            return {"modbus_switches_phases": "modbus_no_phases"}
    if answers.get("own_tank"):
        known = await hass.async_add_executor_job(load, answers["modbus_map"])
        if errors := _tank_refusals(known, answers):
            return errors
    error = await _asked(hass, kind, answers)
    return {} if error is None else {"modbus_host": error}


def _tank_refusals(known: RegisterMap, answers: Answers) -> dict[str, str]:
    """Return why its tank cannot be set over Modbus."""
    if not sets_water(known):
        return {"own_tank": "modbus_no_tank"}
    lowest_c, highest_c = water_range_c(known)
    if answers["tank_min"] < lowest_c:
        return {"tank_min": "range_min"}
    return {"tank_max": "range_max"} if answers["tank_max"] > highest_c else {}


async def _asked(hass: HomeAssistant, kind: Kind, answers: Answers) -> str | None:
    """Return what is wrong with the device's answer, None: nothing."""
    try:
        async with (
            asyncio.timeout(ASKED_WITHIN_S),
            async_get_temporary_unit(
                hass, link_of(answers), int(answers.get("modbus_unit", 1))
            ) as unit,
        ):
            if answers["modbus_map"] == SUNSPEC:
                return await _without_control(SharedUnit(unit), kind)
            known = await hass.async_add_executor_job(load, answers["modbus_map"])
            await ModbusDevice(unit=SharedUnit(unit), register_map=known).read()
    except NoSunSpecError:
        return "no_sunspec"
    except RefusedError:
        return "modbus_refused"
    except LinkError, HomeAssistantError:
        return "modbus_no_link"
    except ModbusError, TimeoutError:
        return "no_modbus_answer"
    return None


async def _without_control(unit: SharedUnit, kind: Kind) -> str | None:
    wanted = STORAGE_CONTROLS if kind is Kind.BATTERY else OUTPUT_CONTROLS
    models = await serve(unit, scan())
    there = any(model.number in wanted for model in models)
    return None if there else "no_sunspec_control"
