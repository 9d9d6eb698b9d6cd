"""What is wrong with a home just now, in sentences."""

from typing import Any

from cem_core.dispatch import WarningCode
from custom_components.cem.const import Kind
from custom_components.cem.home import Home
from custom_components.cem.limit_names import limit_names


def problems(home: Home) -> list[dict[str, Any]]:
    """Return code and text of each problem, the gravest first."""
    found: list[tuple[str, str]] = []
    if home.meter is None:
        found.append(("no_meter", "No meter is set up: limits cannot be measured."))
    elif home.snapshot.meter_silent:
        cause = f": {home.meter_problem}" if home.meter_problem else ""
        found.append(("meter_silent", f"The meter is silent{cause}."))
    found += [
        (warning.code.value, _named(home, warning.text))
        for warning in home.snapshot.warnings
        if warning.code is not WarningCode.METER_SILENT
    ]
    for device in home.devices.values():
        name = device.model.name
        if device.problem is not None:
            found.append(("device_refuses", f"{name}: {device.problem}."))
        if device.kind is Kind.EV_CHARGER and device.car_unknown:
            found.append(
                (
                    "car_unknown",
                    f"{name}: no fresh state of charge: the default is planned.",
                )
            )
    found.extend(home.plan_problems.items())
    return [{"code": code, "text": text} for code, text in found]


def _named(home: Home, text: str) -> str:
    """Say whose limit it is where a warning gives its id."""
    for limit_id, name in limit_names(home.snapshot.limits).items():
        text = text.replace(f"limit {limit_id} ", f"limit {name} ")
    return text
