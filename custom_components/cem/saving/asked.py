"""What the worker is asked of a day that is over: HOME and its series, from history on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from cem_core.model.units import kw
from custom_components.cem.const import Kind
from custom_components.cem.home import Home
from custom_components.cem.learning.statistics import HOUR, async_means
from custom_components.cem.planning.battery import battery
from custom_components.cem.planning.capacity import capacity_document
from custom_components.cem.planning.document import grid_document
from custom_components.cem.planning.steps import STEP
from custom_components.cem.saving.heat import HeatedDay, heated, thermostat_column
from custom_components.cem.saving.left_alone import LeftAlone
from custom_components.cem.saving.observed import Observed
from custom_components.cem.saving.stays import cars_of
from custom_components.cem.saving.store import Price
from custom_components.cem.saving.tank import TankDay, drawn_from

type Json = dict[str, Any]

# What was said beforehand of a column (`optimizer.backtest.record.ISSUED`).
ISSUED: Final = "_forecast"
HISTORY: Final = timedelta(days=14)
_PER_HOUR: Final = HOUR // STEP


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """HOME and SERIES of a day; thermostats and starts by hand as a replay takes them.

    ``left_kwh`` is what devices held more at the end than at the start, as it was, as
    energy from the grid.
    """

    home: Json
    series: Json
    starts: Sequence[Json]
    thermostats: Sequence[Json]
    warmed: Mapping[str, HeatedDay | TankDay]
    left_kwh: float


def day_asked(
    home: Home,
    seen: Observed,
    prices: Sequence[Price],
    past: Mapping[str, Sequence[float]],
    peaks_kw: Sequence[float],
    *,
    alone: LeftAlone,
) -> Asked:
    """Return what is asked of a day; ``past`` by the hour until its start, in kW.

    ``peaks_kw`` are those that plans would have left in the billing window before.
    """
    devices: list[Json] = []
    columns: dict[str, Sequence[float]] = {}
    played: list[Sequence[float]] = []
    warmed: dict[str, HeatedDay | TankDay] = {
        **heated(home, seen),
        **drawn_from(home, seen),
    }
    cars = cars_of(home, seen)
    left_kwh = sum(day.left_kwh for day in (*warmed.values(), *cars.values()))
    for name, device in home.devices.items():
        if name in seen.solar:
            columns[f"{name}_kw"] = alone.solar_kw[name]
            described: Json = {
                "series": f"{name}_kw",
                "curtailable": device.controllable,
            }
        elif name in seen.batteries and name in seen.charge:
            imported = [price for price, _ in prices]
            described = battery(home, device, seen.charge[name], imported)
            after = battery(home, device, seen.charge_after[name], imported)
            left_kwh += _held_more(described, after)
        elif name in seen.cars:
            played.append(cars[name].power_kw)
            described = cars[name].described()
        elif name in warmed:
            played.append(warmed[name].power_kw)
            described = warmed[name].described(columns, alone.thermostats.get(name))
        else:
            continue
        devices.append({"id": name, "kind": device.kind.value} | described)
    for run in alone.runs:
        power_kw = seen.appliances[run.device_id]
        steps = range(run.first, run.last)
        played.append([p if t in steps else 0.0 for t, p in enumerate(power_kw)])
        devices.append(run.described(power_kw))
    columns["load_kw"] = seen.load_kw(played)
    tariff: Json = {"currency": home.hass.config.currency}
    if (capacity := capacity_document(home.tariff or {})) is not None:
        tariff["capacity"] = capacity | {"peaks_so_far_kw": list(peaks_kw)}
    document = {
        "schema": 1,
        "name": home.entry.title,
        "time_zone": str(home.hass.config.time_zone),
        "step_minutes": STEP // timedelta(minutes=1),
        "start": seen.start.isoformat(),
        "grid": grid_document(home),
        "tariff": tariff,
        "devices": devices,
    }
    return Asked(
        home=document,
        series=_series(seen.start, columns, prices, past),
        starts=[run.start() for run in alone.runs],
        thermostats=[
            {"device": name, "series": thermostat_column(name)}
            for name in warmed
            if thermostat_column(name) in columns
        ],
        warmed=warmed,
        left_kwh=left_kwh,
    )


def _held_more(before: Json, after: Json) -> float:
    """Return what a battery holds more, as energy that it can give or has to get."""
    more_kwh: float = after["initial_energy_kwh"] - before["initial_energy_kwh"]
    return more_kwh * before["discharge_efficiency"] if more_kwh > 0 else more_kwh


def _series(
    start: datetime,
    columns: Mapping[str, Sequence[float]],
    prices: Sequence[Price],
    past: Mapping[str, Sequence[float]],
) -> Json:
    """Return the day's columns with the hours before them, held to quarter hours.

    Of what the hours before cost nothing is known here, nor of what only the day's
    heating asks for: its mean stands for it. Weather services are taken to be right
    about temperatures a day ahead.
    """
    imported = [price for price, _ in prices]
    exported = [price for _, price in prices]
    foretold = [name for name in columns if name in past]
    hours = min((len(past[name]) for name in foretold), default=0)
    before = hours * _PER_HOUR
    count = before + len(imported)
    series: Json = {
        "time": [(start + (k - before) * STEP).isoformat() for k in range(count)],
        "import_price": [sum(imported) / len(imported)] * before + imported,
        "export_price": [sum(exported) / len(exported)] * before + exported,
    }
    for name, column in columns.items():
        if name in past:
            held = [v for v in past[name][-hours:] for _ in range(_PER_HOUR)]
            series[name] = (held if hours else []) + list(column)
        else:
            series[name] = [sum(column) / len(column)] * before + list(column)
            series[f"{name}{ISSUED}"] = series[name]
    return series


async def async_past(home: Home, start: datetime) -> dict[str, list[float]]:
    """Return load and production of the hours until ``start``, in kW.

    As far back as each hour was measured: a gap would pass for an hour without load.
    """
    rows = HISTORY // HOUR
    begin = start - HISTORY
    roofs = {
        f"{d.device_id}_kw": d.data["power"]
        for d in home.devices.values()
        if d.kind is Kind.SOLAR and "power" in d.data
    }
    entities = dict(roofs)
    if home.load_statistic_id is not None:
        entities["load_kw"] = home.load_statistic_id
    found = await async_means(home.hass, entities.values(), begin, rows)
    past: dict[str, list[float]] = {}
    for name, entity in entities.items():
        column = found[entity]
        gap = next((k for k in range(rows, 0, -1) if column[k - 1] is None), 0)
        past[name] = [
            abs(kw(power_w)) for power_w in column[gap:] if power_w is not None
        ]
    return past
