"""A file is a map, or one line says why not."""

from copy import deepcopy
from fractions import Fraction
import json
from typing import Any

import pytest

from cem_core.modbus import MapError
from cem_core.modbus.map_json import parse_map
from cem_core.modbus.register_map import Memory

GOOD: dict[str, Any] = {
    "kind": "charger",
    "maker": "Maker",
    "model": "Model",
    "source": {"document": "Manual", "place": "page 7"},
    "verified": False,
    "defaults": {"table": "holding", "encoding": "uint16"},
    "registers": {
        "power": {
            "address": 10,
            "encoding": "int32",
            "unit": "kW",
            "fields": ["power_w"],
        },
        "limit": {
            "address": 20,
            "scale": 0.1,
            "unit": "A",
            "write": {"memory": "stored", "least": 6, "most": 16.5},
        },
    },
}


def changed(*path: str, value: Any) -> str:
    """Return the good file with one place changed; None takes it out."""
    document = deepcopy(GOOD)
    place = document
    for key in path[:-1]:
        place = place.setdefault(key, {})
    place[path[-1]] = value
    if value is None:
        del place[path[-1]]
    return json.dumps(document)


def test_a_map_says_what_its_file_says() -> None:
    found = parse_map(json.dumps(GOOD), "mine")
    assert (found.id, found.title, found.verified) == ("mine", "Maker Model", False)
    limit = found.registers["limit"]
    assert limit.scale == Fraction(1, 10)
    assert limit.write is not None
    assert limit.write.memory is Memory.STORED
    assert limit.write.most == Fraction(33, 2)
    assert found.registers["power"].length == 2


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("{", "mine: line 1 is no JSON"),
        ("[]", "mine: an object in braces is expected"),
        (changed("maker", value=None), "mine: maker: is missing"),
        (changed("kind", value="toaster"), "mine: kind: 'toaster' is none of meter, "),
        (changed("verified", value="yes"), "mine: verified: true or false is expected"),
        (changed("colour", value=1), "mine: colour: is not known here"),
        (changed("source", "place", value=None), "mine: source.place: is missing"),
        (changed("registers", value={}), "mine: registers: registers by name"),
        (
            changed("registers", "power", "address", value=65535),
            "mine: registers.power.address: 65535 is not in 0 to 65534",
        ),
        (
            changed("registers", "power", "scale", value=0),
            "mine: registers.power.scale: 0 leaves nothing",
        ),
        (
            changed("registers", "power", "unit", value="V"),
            "mine: registers.power.fields: power_w cannot come in V",
        ),
        (
            changed("registers", "power", "fields", value=["power"]),
            "mine: registers.power.fields: 'power' is no field; there are power_w, ",
        ),
        (
            changed("registers", "power", "fields", value=["current_a"]),
            "mine: registers.power.fields: current_a: say of which phase",
        ),
        (
            changed("registers", "power", "fields", value=["power_w.4"]),
            "mine: registers.power.fields: power_w.4: a phase is 1, 2 or 3",
        ),
        (
            changed("registers", "power", "scale_register", value="sf"),
            "mine: registers.power.scale_register: there is no register 'sf'",
        ),
        (
            changed("registers", "limit", "address", value=11),
            "mine: registers.limit: overlaps power at address 11",
        ),
        (
            changed("registers", "limit", "write", "least", value=20),
            "mine: registers.limit.write.least: is above `most`",
        ),
        (
            changed("registers", "limit", "write", "memory", value="forever"),
            "mine: registers.limit.write.memory: 'forever' is none of volatile, stored",
        ),
        (
            changed("registers", "limit", "write", "settles_s", value=-1),
            "mine: registers.limit.write.settles_s: -1 is not in 0 to 3600",
        ),
        (
            changed("registers", "limit", "plugged", value=[1.5]),
            "mine: registers.limit.plugged: a list of whole numbers, or of texts, is ",
        ),
        (
            changed("checked", value={"evcc": ["power", "colour"]}),
            'mine: checked.evcc: names of registers are expected, or "all"',
        ),
    ],
)
def test_what_is_wrong_is_said_in_one_line(text: str, line: str) -> None:
    with pytest.raises(MapError) as refused:
        parse_map(text, "mine")
    assert str(refused.value).startswith(line)
    assert "\n" not in str(refused.value)
