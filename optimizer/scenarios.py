"""What may come: three courses of load and production, and their probabilities.

A forecast with its 10th, 50th and 90th percentile has nearly the mean of three
values with the weights 0.3, 0.4 and 0.3 (Swanson's rule; Hurst, Brown and Swanson,
AAPG Bulletin 84 (2000) 1883). Each course is of one kind throughout: a day of
little use and much sun, the expected one, or one of much use and little sun.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from optimizer.align import Columns
from optimizer.document import InputError, Problem
from optimizer.home import Column, Home, Solar
from optimizer.horizon import Horizon
from optimizer.series import Table

LOW: Final = "_p10"
HIGH: Final = "_p90"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One course of everything that SERIES gives, at the plan's step."""

    name: str
    probability: float
    columns: Columns


def scenarios(
    home: Home, table: Table, horizon: Horizon, columns: Columns
) -> Sequence[Scenario]:
    """Return the courses in order of what the grid has to give, the least first.

    ``columns`` is the expected one. Raises `InputError`.
    """
    roofs = list(dict.fromkeys(d.series for d in home.devices if isinstance(d, Solar)))
    found = [
        name
        for name in (str(Column.LOAD), *roofs)
        if f"{name}{LOW}" in table.columns or f"{name}{HIGH}" in table.columns
    ]
    if not found:
        text = f"uncertainty needs a column such as {Column.LOAD}{LOW}, and its {HIGH}"
        raise InputError([Problem(text, "series")])
    low, high = (_quantile(table, horizon, found, ending) for ending in (LOW, HIGH))
    _check(found, roofs, low, high)
    produced = set(roofs)
    plenty = {name: (high if name in produced else low)[name] for name in found}
    scarce = {name: (low if name in produced else high)[name] for name in found}
    return (
        Scenario(name="plenty", probability=0.3, columns={**columns, **plenty}),
        Scenario(name="expected", probability=0.4, columns=columns),
        Scenario(name="scarce", probability=0.3, columns={**columns, **scarce}),
    )


def _quantile(
    table: Table, horizon: Horizon, names: Sequence[str], ending: str
) -> Columns:
    said = {name: f"{name}{ending}" for name in names}
    missing = [
        Problem(f"no column {column}, which uncertainty needs", "series")
        for column in said.values()
        if column not in table.columns
    ]
    refused = [p for column in said.values() for p in table.refused.get(column, ())]
    if missing or refused:
        raise InputError([*missing, *refused])
    return {name: table.means(column, horizon.edges) for name, column in said.items()}


def _check(
    names: Sequence[str], roofs: Sequence[str], low: Columns, high: Columns
) -> None:
    problems = list(_problems(names, roofs, low, high))
    if problems:
        raise InputError(problems)


def _problems(
    names: Sequence[str],
    roofs: Sequence[str],
    low: Columns,
    high: Columns,
) -> Iterator[Problem]:
    for name in names:
        if (low[name] > high[name]).any():
            text = f"is above {name}{HIGH} in some step"
            yield Problem(text, f"series.{name}{LOW}")
        if name in roofs and (low[name] < 0).any():
            text = "is below 0 kW; production is positive"
            yield Problem(text, f"series.{name}{LOW}")
