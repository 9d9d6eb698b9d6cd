"""A recorded SunSpec device: the values that its recording states are read."""

from collections.abc import Iterator
from fractions import Fraction
import json
from pathlib import Path
from typing import Any

import pytest

from cem_core.modbus import Register, blocks, values
from cem_core.modbus.encoding import Encoding, encode
from cem_core.modbus.sunspec import Model, known, points

RECORDING = (
    Path(__file__).resolve().parents[4]
    / "shared/data/meters/modbus-sunspec/device_1547.fixture"
)

pytestmark = pytest.mark.shared


def stated(recorded: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the points of a model and of its groups by name."""
    for name, value in recorded.items():
        if isinstance(value, dict):
            yield from stated(value, f"{name}.")
        elif not isinstance(value, list) and value is not None:
            yield prefix + name, value


def words_of(value: Any, register: Register) -> list[int]:
    raw = value if register.encoding is Encoding.TEXT else Fraction(value)
    return encode(raw, register.encoding, length=register.length)


def test_all_stated_values_are_read() -> None:
    compared = 0
    for recorded in json.loads(RECORDING.read_text())["models"]:
        if recorded["ID"] not in known():
            continue
        model = Model(recorded["ID"], 40002, 200)
        registers = points(model)
        said = {name: v for name, v in stated(recorded) if name in registers}
        held = {
            registers[name].address + index: word
            for name, value in said.items()
            for index, word in enumerate(words_of(value, registers[name]))
        }
        taken = [registers[name] for name in said]
        answers = {
            block: [held[at] for at in range(block.address, block.end)]
            for block in blocks(taken)
        }
        found = values(taken, answers)
        for name, value in said.items():
            register = registers[name]
            if isinstance(value, str):
                assert found.get(name, "") == value
            elif value not in register.missing:
                power = said.get(register.scale_register or "", 0)
                if register.scale_register is None or register.scale_register in said:
                    assert found[name] == Fraction(value) * Fraction(10) ** power
                    compared += 1
    assert compared > 100
