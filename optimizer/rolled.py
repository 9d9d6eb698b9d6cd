"""A home as its plan foresaw it some time later."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from optimizer.home import (
    AnyDevice,
    Appliance,
    Battery,
    EvCharger,
    HeatPump,
    Home,
    Session,
)
from optimizer.plan_times import PlanTimes


def rolled(home: Home, plan: Mapping[str, Any], start: datetime) -> Home:
    """Return ``home`` at ``start``, with what ``plan`` did until then.

    A run that has begun is over: what it still draws is not known.
    """
    ends = PlanTimes.of(plan).edges[1:]
    place = bisect_right(ends, start) - 1
    if place < 0:
        return home
    return replace(home, devices=tuple(_devices(home, plan, start, place)))


def _devices(
    home: Home, plan: Mapping[str, Any], start: datetime, place: int
) -> Iterator[AnyDevice]:
    for device in home.devices:
        planned = plan["devices"].get(device.id, {})
        match device:
            case Appliance():
                run = planned.get("start")
                if run is None or datetime.fromisoformat(run) >= start:
                    yield device
            case Battery() if "energy_kwh" in planned:
                yield replace(device, initial_energy_kwh=planned["energy_kwh"][place])
            case EvCharger() if "energy_kwh" in planned:
                charged = planned["energy_kwh"][place]
                sessions = _left(device.sessions, start, charged)
                yield replace(device, sessions=tuple(sessions))
            case HeatPump() if "indoor_temperature_c" in planned:
                initial_c = planned["indoor_temperature_c"][place]
                yield replace(
                    device, thermal=replace(device.thermal, initial_c=initial_c)
                )
            case _:
                yield device


def _left(
    sessions: Sequence[Session], start: datetime, charged_kwh: float
) -> Iterator[Session]:
    """Return the sessions that go on, the running one with what it still lacks."""
    for session in sessions:
        if session.depart <= start:
            continue
        lacks = session.energy_kwh
        if session.arrive < start:
            lacks = max(0.0, lacks - charged_kwh)
        yield replace(session, energy_kwh=lacks)
