from dataclasses import fields
import json

import pytest

from optimizer.cli import main
from optimizer.home import DEVICES, Home


def test_the_schema_has_every_field_with_its_meaning(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["schema", "home"]) == 0
    schema = json.loads(capsys.readouterr().out)
    assert schema["properties"].keys() == {f.name for f in fields(Home)}
    assert schema["required"] == ["schema", "time_zone"]
    kinds = schema["properties"]["devices"]["items"]["oneOf"]
    assert [kind["properties"]["kind"]["const"] for kind in kinds] == list(DEVICES)
    for kind, cls in zip(kinds, DEVICES.values(), strict=True):
        assert kind["properties"].keys() == {"kind", *(f.name for f in fields(cls))}
        assert all(
            "description" in p for n, p in kind["properties"].items() if n != "kind"
        )
        assert kind["additionalProperties"] is False


def test_defaults_and_bounds_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    main(["schema", "home"])
    schema = json.loads(capsys.readouterr().out)
    battery = schema["properties"]["devices"]["items"]["oneOf"][1]["properties"]
    assert battery["capacity_kwh"] == {
        "type": "number",
        "exclusiveMinimum": 0,
        "description": "most it holds",
    }
    assert battery["end_value_per_kwh"]["default"] == 0
    assert battery["charge_efficiency"]["maximum"] == 1
    assert schema["properties"]["step_minutes"]["default"] == 15
