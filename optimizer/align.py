"""A home and a table -> the horizon and the columns on its steps."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

import numpy as np

from optimizer.document import InputError, Problem
from optimizer.energy_columns import price_columns_needed, with_prices
from optimizer.home import Column, HeatPump, Home, Solar, Tier, WaterHeater
from optimizer.home_tariff import MeteredPhases
from optimizer.horizon import Horizon
from optimizer.series import Numbers, Table
from optimizer.tiers import edges

_ROUNDED_KW = 1e-3

type Columns = Mapping[str, Numbers]


def horizon_of(home: Home, table: Table) -> Horizon:
    """Return the steps that ``home`` asks for; the table must cover them."""
    start = (home.start or table.start).astimezone(UTC)
    wanted = 1 if home.steps is None else home.steps
    horizon = _steps(
        tuple(home.step_tiers), start, home.time_zone, table.end, home.steps
    )
    if start < table.start or horizon.steps < wanted:
        text = (
            f"covers {table.start.isoformat()} to {table.end.isoformat()}, but the plan"
            f" is to go from {start.isoformat()} over {wanted} steps of"
            f" {home.step_tiers[0].step_minutes} minutes"
        )
        raise InputError([Problem(text, "series")])
    return horizon


@lru_cache(maxsize=4)  # a plan on new data has the same
def _steps(
    tiers: tuple[Tier, ...],
    start: datetime,
    time_zone: str,
    end: datetime,
    most: int | None,
) -> Horizon:
    """Return the steps up to ``end``, no more than ``most``."""
    zone = ZoneInfo(time_zone)
    asked = islice(edges(tiers, start, zone), None if most is None else most + 1)
    return Horizon(edges=tuple(takewhile(lambda edge: edge <= end, asked)), zone=zone)


def align(home: Home, table: Table, horizon: Horizon) -> Columns:
    """Return the columns that ``home`` needs, one value a step.

    What is finer than the plan's step is averaged by time, what is coarser held.
    """
    needed = dict(_needed(home))
    missing = [
        Problem(f"no column {name}, which {user} needs", "series")
        for name, user in needed.items()
        if name not in table.columns
    ]
    refused = [p for name in needed for p in table.refused.get(name, ())]
    if missing or refused:
        raise InputError([*missing, *refused])
    aligned = {name: table.means(name, horizon.edges) for name in needed}
    _check(home, aligned)
    return with_prices(home, aligned, horizon)


def _needed(home: Home) -> Iterator[tuple[str, str]]:
    yield from price_columns_needed(home)
    yield Column.LOAD, "every plan"
    phases = home.grid.phases
    if phases is not None:
        yield from ((name, "the phases of the grid") for name in phases.load_series)
    for activation in home.flexibility.activations:
        yield activation.baseline_series, f"the activation {activation.id}"
    for device in home.devices:
        if isinstance(device, HeatPump):
            yield Column.OUTDOOR, device.id
        for name in device.columns:
            if name is not None:
                yield name, device.id


def _check(home: Home, aligned: Columns) -> None:
    problems = []
    for device in home.devices:
        if isinstance(device, Solar) and (aligned[device.series] < 0).any():
            text = f"{device.id} produces less than 0 kW; production is positive"
            problems.append(Problem(text, f"series.{device.series}"))
        if isinstance(device, HeatPump | WaterHeater):
            names = [device.cop_series]
            names += [device.water_cop_series] if isinstance(device, HeatPump) else []
            for name in names:
                if name is not None and (aligned[name] <= 0).any():
                    text = f"the COP of {device.id} must be above 0"
                    problems.append(Problem(text, f"series.{name}"))
    problems += _phases(home, aligned)
    if problems:
        raise InputError(problems)


def _phases(home: Home, aligned: Columns) -> Iterator[Problem]:
    phases = home.grid.phases
    each = home.tariff.metered_phases is MeteredPhases.EACH
    if phases is None or not phases.load_series or not each:
        return
    total_kw = sum(aligned[name] for name in phases.load_series)
    apart_kw = float(np.abs(total_kw - aligned[Column.LOAD]).max())
    if apart_kw > _ROUNDED_KW:
        text = f"the loads of the phases and load_kw are up to {apart_kw:g} kW apart"
        yield Problem(text, "grid.phases.load_series")
