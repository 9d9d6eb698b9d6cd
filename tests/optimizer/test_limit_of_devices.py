"""A limit that counts the devices it names alone: a line that chargers share."""

from typing import Final

import pytest

from optimizer.document import InputError
from optimizer.optimize import Options, optimize
from optimizer.read_home import home_from_json
from optimizer.series import table

_TIMES = [f"2026-01-15T{hour:02}:00:00+00:00" for hour in range(12, 16)]
_SERIES: Final[dict[str, list[object]]] = {
    "time": list(_TIMES),
    "import_price": [0.1, 0.5, 0.5, 0.5],
    "export_price": [0.0] * 4,
    "load_kw": [0.0] * 4,
}


def _home(**limit: object) -> dict[str, object]:
    session = {
        "arrive": _TIMES[0],
        "depart": "2026-01-15T16:00:00+00:00",
        "energy_kwh": 6,
    }
    cars = [
        {"id": name, "kind": "ev_charger", "max_power_kw": 11, "sessions": [session]}
        for name in ("one", "two", "three")
    ]
    line = {"id": "line", "direction": "import", "scope": "controllable"}
    return {
        "schema": 1,
        "name": "garage",
        "time_zone": "Europe/Brussels",
        "step_minutes": 60,
        "grid": {"import_limit_kw": 40, "export_limit_kw": 40},
        "tariff": {"currency": "EUR"},
        "limits": [line | {"limit_kw": 4} | limit],
        "devices": cars,
    }


def test_the_others_are_free() -> None:
    home = home_from_json(_home(devices=["one", "two"]))
    plan = optimize(home, table(_SERIES), Options(gap=0.001))
    one, two, three = (
        plan["devices"][name]["power_kw"] for name in ("one", "two", "three")
    )
    assert [a + b for a, b in zip(one, two, strict=True)] == pytest.approx([4, 4, 4, 0])
    assert three == pytest.approx([6, 0, 0, 0])


@pytest.mark.parametrize(
    ("limit", "text"),
    [
        ({"devices": ["four"]}, "'four' is no device of this home"),
        ({"devices": ["one"], "scope": "connection"}, "without a preset"),
    ],
)
def test_what_does_not_fit_is_said(limit: dict[str, object], text: str) -> None:
    with pytest.raises(InputError, match=text):
        home_from_json(_home(**limit))
