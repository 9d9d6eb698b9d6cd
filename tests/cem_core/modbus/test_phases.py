"""A charger is told how many phases to use only where that changes something."""

from fractions import Fraction

import pytest

from cem_core.modbus import load
from cem_core.modbus.quantity import Field
from cem_core.modbus.steering import phase_steps, phases_said, switches_phases
from cem_core.modbus.values import Value


def said(**values: int) -> dict[Field, Value]:
    return {Field.parse(name): Fraction(value) for name, value in values.items()}


@pytest.mark.parametrize(
    ("name", "values", "count", "expected"),
    [
        ("alfen_ng9xx", {"phases": 3}, 1, {"phases": 1}),
        ("alfen_ng9xx", {"phases": 1}, 3, {"phases": 3}),
        ("alfen_ng9xx", {"phases": 3}, 3, {}),
        ("alfen_ng9xx", {}, 1, {}),
        (
            "keba_p30",
            {"phase_switch_source": 0, "three_phases": 1},
            1,
            {"phase_switch_source": 3, "three_phases": 0},
        ),
        (
            "keba_p30",
            {"phase_switch_source": 3, "three_phases": 0},
            3,
            {"three_phases": 1},
        ),
        ("keba_p30", {"phase_switch_source": 0, "three_phases": 0}, 1, {}),
        ("tinkerforge_warp", {"phases": 3}, 1, {}),
    ],
)
def test_phases_are_switched_where_they_are_others(
    name: str, values: dict[str, int], count: int, expected: dict[str, int]
) -> None:
    steps = phase_steps(load(name), said(**values), count)
    told = [(str(step.field.quantity), int(step.value)) for step in steps]
    assert told == list(expected.items())


def test_only_some_models_switch() -> None:
    switching = {"alfen_ng9xx", "keba_p30"}
    others = {"tinkerforge_warp", "heidelberg_energy_control"}
    assert {n for n in switching | others if switches_phases(load(n))} == switching


@pytest.mark.parametrize(
    ("values", "count"),
    [
        ({"phases": 1}, 1),
        ({"phases": 3}, 3),
        ({"phases": 2}, None),
        ({"three_phases": 0}, 1),
        ({"three_phases": 1}, 3),
        ({}, None),
    ],
)
def test_what_it_says_of_its_phases(values: dict[str, int], count: int | None) -> None:
    assert phases_said(said(**values)) == count
