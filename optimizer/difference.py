"""Why a plan is other than the one before: which input caused which part.

The old problem, seen from when the new one begins and over the time that both have,
takes one group of the new inputs after the other, always in the order of `Cause`,
and is solved again each time. What that changes is what the group caused; so the
parts add up to the whole. In another order the parts may differ where groups act
together: a price that matters only because the battery is full, for one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from cem_core.model import Message
from cem_core.model.message_json import message_to_json
from cem_core.model.render import Renderer
from optimizer.align import Columns, align, horizon_of
from optimizer.document import InputError, Problem
from optimizer.energy_columns import price_columns_needed
from optimizer.home import AnyDevice, Column, HeatPump, Home, Solar
from optimizer.horizon import Horizon
from optimizer.moved import largest, move_json, moved
from optimizer.optimize import Options, solved
from optimizer.outcome import Outcome
from optimizer.plan_document import schedule
from optimizer.rolled import rolled
from optimizer.series import Numbers, Table
from optimizer.structures import Structures

type Json = dict[str, Any]

_MOST_MOVES = 5
_SAME = 0.005  # currency


class Cause(StrEnum):
    """Groups of inputs, in the order in which they are taken over."""

    PRICES = "prices"
    LOAD = "load"
    SOLAR = "solar"
    WEATHER = "weather"
    STATE = "state"  # of charge, and the temperature indoors
    LIMITS = "limits"
    WISHES = "wishes"  # of cars, runs, comfort and reserve
    OTHER = "other"  # devices that came, went or are described otherwise


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A plan and what it was made of."""

    home: Home
    table: Table
    plan: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Situation:
    home: Home
    columns: Columns

    def same(self, other: _Situation) -> bool:
        """Tell whether nothing differs that a plan depends on."""
        return self.home == other.home and all(
            np.array_equal(values, other.columns.get(name, ()))
            for name, values in self.columns.items()
        )


def difference(old: Given, new: Given, options: Options | None = None) -> Json:
    """Return what each group of inputs caused.

    Raises `InputError` where the two have no time in common, or `SolverError`.
    """
    options, structures = options or Options(), Structures()
    horizon = _common(old, new)
    now = _situation(rolled(old.home, old.plan, horizon.start), old.table, horizon)
    end = _situation(new.home, new.table, horizon)

    def plan(situation: _Situation) -> Outcome:
        home, columns = situation.home, situation.columns
        return solved(home, horizon, columns, options, structures)[0]

    outcome = plan(now)
    first, causes = outcome.solution.objective, []
    for cause in Cause:
        following = _taken(cause, now, end)
        if not following.same(now):
            other = plan(following)
            causes.append(_caused(cause, outcome, other))
            outcome = other
        now = following
    return {
        "start": horizon.local(horizon.start).isoformat(),
        "end": horizon.local(horizon.end).isoformat(),
        "currency": new.home.tariff.currency,
        "before": round(first, 6),
        "after": round(outcome.solution.objective, 6),
        "causes": causes,
    }


def _situation(home: Home, table: Table, horizon: Horizon) -> _Situation:
    """Return what a plan over ``horizon`` depends on; names and spans are not of it."""
    columns = align(home, table, horizon)
    minutes = round(horizon.step / timedelta(minutes=1))
    bare = replace(
        home, name="", start=None, steps=None, step_minutes=minutes, simulate=None
    )
    return _Situation(home=bare, columns=columns)


def _common(old: Given, new: Given) -> Horizon:
    one, other = horizon_of(old.home, old.table), horizon_of(new.home, new.table)
    step = timedelta(minutes=new.home.step_minutes)
    # The steps of the new plan, from the first that the old one knew of.
    late = max(one.start - other.start, timedelta(0))
    start = other.start - (-late // step) * step
    steps = (min(one.end, other.end) - start) // step
    if steps < 1:
        text = (
            f"the old plan ends at {one.local(one.end).isoformat()}, the new one"
            f" begins at {other.local(other.start).isoformat()}: nothing in common"
        )
        raise InputError([Problem(text)])
    zone = ZoneInfo(new.home.time_zone)
    return Horizon(start=start, step=step, steps=steps, zone=zone)


def _caused(cause: Cause, before: Outcome, after: Outcome) -> Json:
    more = after.solution.objective - before.solution.objective
    currency = after.home.tariff.currency
    what = _NAMES[cause]
    if more >= _SAME:
        message = Message.of(
            "cause_costs", cause=what, more_cost=more, currency=currency
        )
    elif more <= -_SAME:
        message = Message.of(
            "cause_saves", cause=what, less_cost=-more, currency=currency
        )
    else:
        message = Message.of("cause_costs_nothing", cause=what)
    moves = largest(moved(schedule(before), schedule(after)), _MOST_MOVES)
    return {
        "cause": str(cause),
        "more_cost": round(more, 6) + 0.0,
        "status": str(after.solution.status),
        "moved": [move_json(move) for move in moves],
        "text": Renderer().text(message),
        **message_to_json(message),
    }


_NAMES = {
    Cause.PRICES: Message.of("cause_prices"),
    Cause.LOAD: Message.of("cause_load"),
    Cause.SOLAR: Message.of("cause_solar"),
    Cause.WEATHER: Message.of("cause_weather"),
    Cause.STATE: Message.of("cause_state"),
    Cause.LIMITS: Message.of("cause_limits"),
    Cause.WISHES: Message.of("cause_wishes"),
    Cause.OTHER: Message.of("cause_other"),
}


def _taken(cause: Cause, now: _Situation, new: _Situation) -> _Situation:
    """Return ``now`` with the inputs of one group as they are in ``new``."""
    home, columns = now.home, dict(now.columns)
    match cause:
        case Cause.PRICES:
            home = replace(
                home,
                tariff=new.home.tariff,
                sub_connections=new.home.sub_connections,
                flexibility=new.home.flexibility,
            )
            columns |= {name: new.columns[name] for name in _price_names(new)}
        case Cause.LOAD:
            columns[Column.LOAD] = new.columns[Column.LOAD]
        case Cause.SOLAR | Cause.WEATHER:
            columns |= _series(cause, now, new)
        case Cause.STATE:
            home = _changed(home, new.home, _state)
        case Cause.LIMITS:
            home = replace(home, limits=new.home.limits, grid=new.home.grid)
        case Cause.WISHES:
            columns |= _series(cause, now, new)
            home = _changed(home, new.home, _wishes)
        case Cause.OTHER:
            return new
    return _Situation(home=home, columns=columns)


def _price_names(situation: _Situation) -> Iterator[str]:
    """Return the columns of prices and what they are made of, and of baselines."""
    home = situation.home
    yield from (Column.IMPORT_PRICE, Column.EXPORT_PRICE)
    yield from (name for name, _ in price_columns_needed(home))
    for sub in home.sub_connections:
        yield from {sub.import_column, sub.export_column} & situation.columns.keys()
    for activation in home.flexibility.activations:
        yield activation.baseline_series


def _pairs(now: Home, new: Home) -> Iterator[tuple[AnyDevice, AnyDevice]]:
    """Return the devices that both have, of the same kind."""
    others = {device.id: device for device in new.devices}
    for device in now.devices:
        other = others.get(device.id)
        if type(other) is type(device) and other is not None:
            yield device, other


def _series(
    cause: Cause, now: _Situation, new: _Situation
) -> Iterator[tuple[str, Numbers]]:
    """Return the columns of one group, under the names that ``now`` has for them."""
    if cause is Cause.WEATHER and Column.OUTDOOR in new.columns:
        yield Column.OUTDOOR, new.columns[Column.OUTDOOR]
    for device, other in _pairs(now.home, new.home):
        for name, others in zip(device.columns, other.columns, strict=True):
            if name is None or others is None:
                continue
            if _cause_of(device, name) is cause:
                yield name, new.columns[others]


def _cause_of(device: AnyDevice, column: str) -> Cause:
    match device:
        case Solar():
            return Cause.SOLAR
        case HeatPump() if column in {
            device.comfort.min_series,
            device.comfort.max_series,
        }:
            return Cause.WISHES
    return Cause.WEATHER


def _changed(now: Home, new: Home, change: Any) -> Home:  # noqa: ANN401 - a function
    changed = {device.id: change(device, other) for device, other in _pairs(now, new)}
    devices = tuple(changed.get(device.id, device) for device in now.devices)
    return replace(now, devices=devices)


def _state(record: Any, other: Any) -> Any:  # noqa: ANN401 - any record
    """Return ``record`` with every initial value of ``other``, parts included."""
    if type(record) is not type(other):
        return record
    if not is_dataclass(record):
        return record
    values: dict[str, Any] = {}
    for field in fields(record):
        mine, theirs = getattr(record, field.name), getattr(other, field.name)
        is_initial = field.name.startswith("initial")
        values[field.name] = theirs if is_initial else _state(mine, theirs)
    changed: Any = record
    return replace(changed, **values)


_WISHED = (
    "sessions",
    "earliest_start",
    "latest_end",
    "final_energy_kwh",
    "reserve_kwh",
    "energy_kwh",
    "windows",
    "preferred",
)


def _wishes(device: AnyDevice, other: AnyDevice) -> AnyDevice:
    values: dict[str, Any] = {
        name: getattr(other, name) for name in _WISHED if hasattr(device, name)
    }
    if isinstance(device, HeatPump) and isinstance(other, HeatPump):
        price = other.comfort.violation_per_kelvin_hour
        values["comfort"] = replace(device.comfort, violation_per_kelvin_hour=price)
    return replace(device, **values)
