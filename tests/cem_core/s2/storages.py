"""What storages other than a battery say of themselves, as it stands on the wire."""

from datetime import datetime
import json
from typing import Any

from tests.cem_core.s2.messages import (
    at,
    battery,
    message,
    name,
    numbers,
    powers,
    timer,
    transition,
)

_PER_KW = 1 / 50 / 3600  # of a level from 0 to 1 that stands for 50 kWh, a second


def heated_tank(pump_rest_s: float = 0) -> str:
    """Return a tank of 50 kWh with a pump of COP 3 and a rod."""

    def modes(text: str, draw_w: float, cop: float) -> list[dict[str, Any]]:
        return [
            {
                "id": name(f"{text} {state}"),
                "elements": [
                    {
                        "fill_level_range": numbers(0, 1),
                        "fill_rate": numbers(*(cop * w / 1000 * _PER_KW for w in w_s)),
                        "power_ranges": powers(*w_s),
                    }
                ],
                "abnormal_condition_only": False,
            }
            for state, w_s in (("off", (0, 0)), ("on", (draw_w / 2, draw_w)))
        ]

    return message(
        "FRBC.SystemDescription",
        valid_from=at(hours=-1),
        actuators=[
            {
                "id": name(text),
                "supported_commodities": ["ELECTRICITY"],
                "operation_modes": modes(text, draw_w, cop),
                "transitions": [
                    transition(
                        f"{text} off", f"{text} on", blocked=("rest",) * bool(rest_s)
                    ),
                    transition(
                        f"{text} on", f"{text} off", starts=("rest",) * bool(rest_s)
                    ),
                ],
                "timers": [timer("rest", rest_s)] * bool(rest_s),
            }
            for text, draw_w, cop, rest_s in (
                ("rod", 3000, 1, 0),
                ("pump", 2000, 3, pump_rest_s),
            )
        ],
        storage={
            "provides_leakage_behaviour": False,
            "provides_fill_level_target_profile": False,
            "provides_usage_forecast": True,
            "fill_level_range": numbers(0, 1),
        },
    )


def used(begin: datetime, taken_kw: float, hours: float = 24) -> str:
    """Return what is taken out of the tank."""
    element = {
        "duration": round(hours * 3_600_000),
        "usage_rate_expected": taken_kw * _PER_KW,
    }
    return message(
        "FRBC.UsageForecast", start_time=begin.isoformat(), elements=[element]
    )


def wanted(begin: datetime, *shares: float) -> str:
    """Return how full it has to be in each hour from ``begin`` on."""
    elements = [
        {"duration": 3_600_000, "fill_level_range": numbers(share, 1)}
        for share in shares
    ]
    return message(
        "FRBC.FillLevelTargetProfile", start_time=begin.isoformat(), elements=elements
    )


def bound_battery(turn_s: float, run_s: float) -> str:
    """Return a battery that charges for a while at least, and turns slowly."""
    system = json.loads(battery())
    [inverter] = system["actuators"]
    levels, none = numbers(0, 100), numbers(0, 0)
    element = {
        "fill_level_range": levels,
        "fill_rate": none,
        "power_ranges": powers(0, 0),
    }
    inverter["operation_modes"].append(
        {"id": name("idle"), "elements": [element], "abnormal_condition_only": False}
    )
    inverter["timers"] = [timer("turn", turn_s), timer("run", run_s)]
    inverter["transitions"] = [
        transition("idle", "charge", starts=("run",), blocked=("turn c",)),
        transition("charge", "idle", starts=("turn",), blocked=("run",)),
        transition("idle", "discharge", blocked=("turn",)),
        transition("discharge", "idle", starts=("turn c",)),
    ]
    inverter["timers"].append(timer("turn c", turn_s))
    return json.dumps(system)
