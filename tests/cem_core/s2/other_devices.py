"""What devices other than a battery say of themselves, as it stands on the wire."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from tests.cem_core.s2.messages import (
    L1,
    at,
    level,
    message,
    name,
    numbers,
    powers,
    status,
    timer,
    transition,
)

STAGES: Final = {"off": (0, 0), "low": (1400, 1400), "high": (3000, 3680)}
TANK_W: Final = 2000
TANK_K_PER_S: Final = 3 * TANK_W / (200 * 1.163) / 3600
GAS_PER_S: Final = 0.0006  # of the boiler while it is on: 2.16 an hour


def sequence(
    text: str, *pieces: tuple[float, float], interruptible: bool = False
) -> dict[str, Any]:
    """Return a sequence of minutes and W."""
    return {
        "id": name(text),
        "elements": [
            {
                "duration": round(minutes * 60_000),
                "power_values": [{"commodity_quantity": L1, "value_expected": power_w}],
            }
            for minutes, power_w in pieces
        ],
        "is_interruptible": interruptible,
        "abnormal_condition_only": False,
    }


def dishwasher(now: datetime) -> str:
    """Return a wash, hot or saving, and a rinse, to be done within three hours."""
    wash = [
        sequence("hot", (12, 2000), interruptible=True),
        sequence("saving", (30, 900), interruptible=True),
    ]
    return message(
        "PPBC.PowerProfileDefinition",
        id=name("profile"),
        start_time=now.isoformat(),
        end_time=(now + timedelta(hours=3)).isoformat(),
        power_sequences_containers=[
            {"id": name("wash"), "power_sequences": wash},
            {"id": name("rinse"), "power_sequences": [sequence("cold", (10, 200))]},
        ],
    )


def container(text: str, status: str) -> str:
    """Return how far one container of the dishwasher is."""
    return message(
        "PPBC.PowerProfileStatus",
        sequence_container_status=[
            {
                "power_profile_id": name("profile"),
                "sequence_container_id": name(text),
                "status": status,
            }
        ],
    )


def _way(text: str, draw_w: float, supply: float, per_s: float) -> dict[str, Any]:
    """Return a way to heat that is off or on; ``supply`` is in kW of heat.

    Written as s2-python 0.11 does, with both names and a list.
    """
    on = {
        "Id": name(f"{text} on"),
        "id": name(f"{text} on"),
        "power_ranges": powers(0, draw_w),
        "supply_range": [numbers(0, supply)],
        "running_costs": numbers(per_s, per_s),
        "abnormal_condition_only": False,
    }
    off = {
        "Id": name(f"{text} off"),
        "id": name(f"{text} off"),
        "power_ranges": powers(0, 0),
        "supply_range": [numbers(0, 0)],
        "abnormal_condition_only": False,
    }
    return {
        "id": name(text),
        "supported_commodites": ["ELECTRICITY"],
        "operation_modes": [off, on],
        "transitions": [
            transition(f"{text} off", f"{text} on"),
            transition(f"{text} on", f"{text} off"),
        ],
        "timers": [],
    }


def hybrid(demand: float) -> str:
    """Return a heat pump of 6 kW heat from 2 kW, beside a gas boiler of 20 kW."""
    return message(
        "DDBC.SystemDescription",
        valid_from=at(hours=-1),
        actuators=[_way("pump", 2000, 6, 0.0), _way("boiler", 0, 20, GAS_PER_S)],
        present_demand_rate=numbers(demand, demand),
        provides_average_demand_rate_forecast=True,
    )


def demands(now: datetime, hourly: Sequence[float] = (3,) * 24) -> str:
    """Return what heat is wanted in each hour from ``now`` on."""
    return message(
        "DDBC.AverageDemandRateForecast",
        start_time=now.isoformat(),
        elements=[
            {"duration": 3_600_000, "demand_rate_expected": demand} for demand in hourly
        ],
    )


def tank() -> Sequence[str]:
    """Return a heat pump's tank of 200 l at 48 °C that 2 kW heat by 25.8 K an hour."""
    elements = [
        {
            "fill_level_range": numbers(40, 60),
            "fill_rate": numbers(0.0, TANK_K_PER_S),
            "power_ranges": powers(0, TANK_W),
        }
    ]
    described = message(
        "FRBC.SystemDescription",
        valid_from=at(hours=-1),
        actuators=[
            {
                "id": name("compressor"),
                "supported_commodities": ["ELECTRICITY"],
                "operation_modes": [
                    {
                        "id": name("heat"),
                        "elements": elements,
                        "abnormal_condition_only": False,
                    }
                ],
                "transitions": [],
                "timers": [],
            }
        ],
        storage={
            "fill_level_label": "temperature in °C",
            "provides_leakage_behaviour": False,
            "provides_fill_level_target_profile": False,
            "provides_usage_forecast": False,
            "fill_level_range": numbers(40, 60),
        },
    )
    return described, level(48), status("heat", 0.0, "compressor")


def stages(held_s: float = 300) -> str:
    """Return a device in two stages that runs and rests for ``held_s`` at least."""
    blocked = {
        "off": ("rest",),
        "low": ("run",),
        "high": ("run",),
    }
    ways = [
        transition(
            before,
            after,
            starts=("rest",) if after == "off" else ("run",),
            blocked=blocked[before] if "off" in (before, after) else (),
            cost=0.05 if before == "off" else 0.0,
        )
        for before in STAGES
        for after in STAGES
        if before != after
    ]
    return message(
        "OMBC.SystemDescription",
        valid_from=at(hours=-1),
        operation_modes=[
            {
                "id": name(stage),
                "power_ranges": powers(*power_w),
                "abnormal_condition_only": False,
            }
            for stage, power_w in STAGES.items()
        ],
        transitions=ways,
        timers=[timer("rest", held_s), timer("run", held_s)],
    )


def mode(text: str, factor: float = 0.0) -> str:
    """Return what mode the staged device is in."""
    return message(
        "OMBC.Status",
        active_operation_mode_id=name(text),
        operation_mode_factor=factor,
    )


def constraints(most_w: float) -> str:
    """Return a consumer that puts off what it is not let draw."""
    bounds = (("LOWER_LIMIT", 0.0), ("UPPER_LIMIT", most_w))
    return message(
        "PEBC.PowerConstraints",
        id=name("constraints"),
        valid_from=at(hours=-1),
        consequence_type="DEFER",
        allowed_limit_ranges=[
            {
                "commodity_quantity": L1,
                "limit_type": kind,
                "range_boundary": numbers(0, end_w),
                "abnormal_condition_only": False,
            }
            for kind, end_w in bounds
        ],
    )


def energy_by(now: datetime, hours: float, average_w: float) -> str:
    """Return what it draws from ``now`` on."""
    return message(
        "PEBC.EnergyConstraint",
        id=name("energy"),
        valid_from=now.isoformat(),
        valid_until=(now + timedelta(hours=hours)).isoformat(),
        upper_average_power=average_w,
        lower_average_power=average_w / 2,
        commodity_quantity=L1,
    )
