"""What an S2 device says of itself, over what its form says.

The form keeps what the standard has no words for: prices, comfort, the building.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from custom_components.cem.planning.steps import STEP, Steps

type Json = dict[str, Any]
type Demand = Sequence[tuple[datetime, datetime, float]]

# A device can no more than either says.
_AT_MOST: Final = (
    "max_power_kw",
    "charge_limit_kw",
    "discharge_limit_kw",
)
# What a form says nothing of, though the kind of device has it.
_NEW: Final = {
    "min_power_kw": "max_power_kw",
    "self_discharge_per_hour": "capacity_kwh",
    "charging": "capacity_kwh",
    "giving": "capacity_kwh",
    "turn_minutes": "capacity_kwh",
    "targets": "capacity_kwh",
    "power_ranges": "max_power_kw",
    "min_on_minutes": "thermal",
    "min_off_minutes": "thermal",
    "held_minutes": "thermal",
    "start_minutes": "thermal",
    "cost_per_hour": "thermal",
}
_COSTS: Final = frozenset(("start_cost", "cost_per_hour"))
# The form may be stricter, or know a reason of its own.
_AT_LEAST: Final = ("min_on_minutes", "min_off_minutes", "start_cost")


def over_form(
    form: Json | None, said: Mapping[str, Any] | None, now: datetime
) -> Json | None:
    """Return ``form``, a device of HOME, with what the device ``said`` of itself.

    What rests until its timers have finished charges no car before. One that described itself as of another kind is planned as what it is.
    """
    if said is None:
        return form
    if said.get("kind") in ("storage", "programme", "flexible_load"):
        return dict(said)
    if said.get("kind") == "left_alone":
        return None
    if form is None:
        # A run that the form knows nothing of; anything else needs its form.
        return dict(said) if said.get("kind") == "appliance" else None
    found = {**form, **dict(_merged(form, said))}
    if "min_power_kw" in found:
        found["min_power_kw"] = min(found["min_power_kw"], found["max_power_kw"])
    if "power_ranges" in said and "power_ranges" in found:
        found["power_ranges"] = _within(found["power_ranges"], found["max_power_kw"])
    if found.get("sessions") and said.get("initially_on") is False:
        rests = timedelta(minutes=said.get("held_minutes", 0))
        found["sessions"] = list(_from(found["sessions"], now + rests))
    return found


def without_costs(said: Mapping[str, Any]) -> Json:
    """Return what a device ``said`` without what it costs, in another currency."""
    return {key: _costless(value) for key, value in said.items() if key not in _COSTS}


def _costless(value: object) -> object:
    match value:
        case dict():
            return without_costs(value)
        case list():
            return [_costless(each) for each in value]
        case _:
            return value


def _merged(form: Json, said: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield what counts where the device says something."""
    for key, value in said.items():
        if key in _AT_MOST and key in form:
            yield key, min(value, form[key])
        elif key in _AT_LEAST and key in form:
            yield key, max(value, form[key])
        elif key == "sessions":
            yield key, value or form[key]
        elif key in form or _NEW.get(key) in form:
            yield key, value
        elif key == "max_power_kw" and "charge_limit_kw" in form:
            yield "charge_limit_kw", min(value, form["charge_limit_kw"])


def _from(sessions: Sequence[Json], begin: datetime) -> Iterator[Json]:
    """Yield sessions that charge from ``begin`` on, where they are not over before."""
    for each in sessions:
        due = datetime.fromisoformat(each.get("ready_by") or each["depart"])
        late = datetime.fromisoformat(each["arrive"]) < begin < due
        yield each | {"arrive": begin.isoformat()} if late else each


def _within(ranges: Sequence[Json], most_kw: float) -> list[Json]:
    """Return what of ``ranges`` is allowed; where that is none, any power is."""
    return [
        {"min_kw": each["min_kw"], "max_kw": min(each["max_kw"], most_kw)}
        for each in ranges
        if each["min_kw"] <= most_kw
    ]


def demand_column(demand: Demand, steps: Steps) -> list[float]:
    """Return in kW what is taken out in each step on average.

    What is foretold from now on counts for the whole of the step that has begun.
    """
    return [_mean_kw(demand, max(time, steps.now), time + STEP) for time in steps.times]


def _mean_kw(demand: Demand, begins: datetime, ends: datetime) -> float:
    length = ends - begins
    return sum(
        taken_kw * max(0.0, (min(end, ends) - max(begin, begins)) / length)
        for begin, end, taken_kw in demand
    )
