"""Messages of a resource manager as they stand on the wire, for tests."""

from datetime import UTC, datetime, timedelta
import json
from typing import Any, Final
from uuid import UUID, uuid4, uuid5

NOW: Final = datetime(2026, 1, 15, 12, tzinfo=UTC)
L1: Final = "ELECTRIC.POWER.L1"
THREE: Final = "ELECTRIC.POWER.3_PHASE_SYMMETRIC"
_SPACE: Final = UUID("5d4a3a0e-9b52-4a3e-8f8e-1b0a4b1b7d10")


def name(text: str) -> str:
    """Return the identifier that stands for ``text``."""
    return str(uuid5(_SPACE, text))


def numbers(start: float, end: float) -> dict[str, float]:
    """Return a range."""
    return {"start_of_range": start, "end_of_range": end}


def powers(start: float, end: float, quantity: str = L1) -> list[dict[str, Any]]:
    """Return the range of one quantity."""
    return [{**numbers(start, end), "commodity_quantity": quantity}]


def message(kind: str, **fields: Any) -> str:
    """Return a message of ``kind`` with a new identifier."""
    return json.dumps({"message_type": kind, "message_id": str(uuid4()), **fields})


def at(**later: float) -> str:
    """Return a time as the wire has it."""
    return (NOW + timedelta(**later)).isoformat()


def handshake(*versions: str) -> str:
    """Return what a resource manager says first."""
    return message(
        "Handshake",
        role="RM",
        supported_protocol_versions=list(versions or ("0.0.2-beta",)),
    )


def details(*kinds: str, role: str = "ENERGY_STORAGE") -> str:
    """Return what it says of the device."""
    return message(
        "ResourceManagerDetails",
        resource_id=name("resource"),
        name="Battery",
        roles=[{"role": role, "commodity": "ELECTRICITY"}],
        instruction_processing_delay=100,
        available_control_types=list(kinds),
        provides_forecast=False,
        provides_power_measurement_types=[L1],
    )


def timer(text: str, seconds: float) -> dict[str, Any]:
    """Return a timer."""
    return {"id": name(text), "duration": round(seconds * 1000)}


def transition(
    before: str,
    after: str,
    *,
    starts: tuple[str, ...] = (),
    blocked: tuple[str, ...] = (),
    cost: float | None = None,
    takes_s: float | None = None,
) -> dict[str, Any]:
    """Return a way from a mode to another."""
    return {
        "id": name(f"{before} to {after}"),
        "from": name(before),
        "to": name(after),
        "start_timers": [name(each) for each in starts],
        "blocking_timers": [name(each) for each in blocked],
        "abnormal_condition_only": False,
        **({} if cost is None else {"transition_costs": cost}),
        **({} if takes_s is None else {"transition_duration": round(takes_s * 1000)}),
    }


def battery(capacity_kwh: float = 10.0, power_w: float = 5000.0) -> str:
    """Return a battery in percent: it loses a tenth on the way in, none on the way out.

    One mode charges, one discharges.
    """
    unit_ws = capacity_kwh * 3.6e6 / 100
    elements = [
        {
            "fill_level_range": numbers(0, 100),
            "fill_rate": numbers(0, 0.9 * power_w / unit_ws),
            "power_ranges": powers(0, power_w),
        }
    ]
    out = [
        {
            "fill_level_range": numbers(0, 100),
            "fill_rate": numbers(-power_w / unit_ws, 0),
            "power_ranges": powers(-power_w, 0),
        }
    ]
    modes = [
        {"id": name("charge"), "elements": elements, "abnormal_condition_only": False},
        {"id": name("discharge"), "elements": out, "abnormal_condition_only": False},
    ]
    return message(
        "FRBC.SystemDescription",
        valid_from=at(hours=-1),
        actuators=[
            {
                "id": name("inverter"),
                "supported_commodities": ["ELECTRICITY"],
                "operation_modes": modes,
                "transitions": [
                    transition("charge", "discharge"),
                    transition("discharge", "charge"),
                ],
                "timers": [],
            }
        ],
        storage={
            "provides_leakage_behaviour": False,
            "provides_fill_level_target_profile": True,
            "provides_usage_forecast": False,
            "fill_level_range": numbers(0, 100),
        },
    )


def level(percent: float) -> str:
    """Return how full the storage is."""
    return message("FRBC.StorageStatus", present_fill_level=percent)


def status(mode: str, factor: float = 0.0, actuator: str = "inverter") -> str:
    """Return what mode an actuator is in."""
    return message(
        "FRBC.ActuatorStatus",
        actuator_id=name(actuator),
        active_operation_mode_id=name(mode),
        operation_mode_factor=factor,
    )
