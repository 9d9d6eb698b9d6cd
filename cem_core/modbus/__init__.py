"""Modbus devices by register maps that are data; pure, no connection is made here."""

from cem_core.modbus.catalogue import load, names
from cem_core.modbus.error import (
    LinkError,
    MapError,
    ModbusError,
    NoAnswerError,
    NoPowerError,
    RefusedError,
)
from cem_core.modbus.plan import Block, blocks, split
from cem_core.modbus.reading import reading
from cem_core.modbus.register_map import Kind, Register, RegisterMap, Table
from cem_core.modbus.unit import ModbusUnit
from cem_core.modbus.values import values

__all__ = [
    "Block",
    "Kind",
    "LinkError",
    "MapError",
    "ModbusError",
    "ModbusUnit",
    "NoAnswerError",
    "NoPowerError",
    "RefusedError",
    "Register",
    "RegisterMap",
    "Table",
    "blocks",
    "load",
    "names",
    "reading",
    "split",
    "values",
]
