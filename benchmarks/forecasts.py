"""Forecasts of recorded homes, day ahead and from history alone.

    python -m benchmarks.forecasts FOLDER    a folder of recorded series

At each midnight (UTC) the next day is foretold; the first 76 days are history
only (20 for production). Settings were tuned on even days: odd ones are judged.
"""

import csv
from dataclasses import dataclass
import gzip
from pathlib import Path
import sys

import numpy as np

from benchmarks.figures import Aim, Figure, Samples
from cem_core.insight.distribution import Numbers
from cem_core.insight.load import LoadForecaster
from cem_core.insight.past_days import LocalClock
from cem_core.insight.solar import SolarForecaster

LOAD_AIM = Aim(statistic="median", below=47.0)
SOLAR_AIM = Aim(statistic="median", below=35.0)
_WARM_UP_DAYS = 76
_SOLAR_WARM_UP_DAYS = 20


@dataclass(frozen=True, slots=True)
class _Judged:
    """A baseline's errors, what happened, and which rows count."""

    base: Numbers
    actual: Numbers
    used: Numbers


def error_share(errors: Numbers, actual: Numbers, used: Numbers) -> float:
    """Return the mean absolute error in percent of the mean, over ``used`` rows."""
    return 100 * float(np.abs(errors)[used > 0].sum() / actual[used > 0].sum())


def load_errors(load_kw: Numbers, per_day: int) -> tuple[Numbers, Numbers]:
    """Return the errors of our forecast and of the median of seven days."""
    rows = len(load_kw) // per_day * per_day
    hour = np.asarray(np.arange(rows + per_day) % per_day / per_day * 24, np.float64)
    clock = LocalClock(per_day=per_day, hour=hour)
    ours, week = np.zeros(rows), np.zeros(rows)
    for begin in range(_WARM_UP_DAYS * per_day, rows, per_day):
        day, known = slice(begin, begin + per_day), load_kw[:begin]
        ours[day] = LoadForecaster().median(known, per_day, clock) - load_kw[day]
        last = known[-7 * per_day :].reshape(7, per_day)
        week[day] = np.median(last, axis=0) - load_kw[day]
    return ours, week


def solar_errors(
    pv_kw: Numbers, issued_kw: Numbers, per_day: int, every: int
) -> Numbers:
    """Return errors of odd days; a forecast is made again ``every`` steps."""
    rows = len(pv_kw) // per_day * per_day
    errors = np.zeros(rows)
    for begin in range(_SOLAR_WARM_UP_DAYS * per_day, rows, every):
        if begin // per_day % 2 == 0:
            continue  # an even day, which is not judged
        steps = slice(begin, begin + every)
        forecast = SolarForecaster().forecast(
            pv_kw[:begin], every, per_day=per_day, issued_kw=issued_kw
        )
        errors[steps] = forecast.mean - pv_kw[steps]
    return errors


def odd_days(rows: int, per_day: int, warm_up: int) -> Numbers:
    """Return 1 for rows of odd days after the warm-up, else 0."""
    day = np.arange(rows) // per_day
    return np.asarray((day % 2 == 1) & (day >= warm_up), np.float64)


def emhass_home(folder: Path) -> tuple[Numbers, Numbers, Numbers]:
    """Return load, production and issued forecast in kW; NaN where not recorded."""
    file = next((folder / "home_emhass").glob("*.csv"))
    with file.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    names = ("power_load_no_var_loads_w", "power_photovoltaics_w", "p_pv_forecast_w")
    load, pv, issued = (
        np.array([float(row[name] or "nan") / 1000 for row in rows]) for name in names
    )
    return load, pv, issued


def fontana_homes(folder: Path) -> list[Numbers]:
    """Return the hourly loads of five homes in kW."""
    homes = []
    for file in sorted((folder / "homes_fontana").glob("home*.csv.gz")):
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            loads = [float(row["load_kwh"]) for row in csv.DictReader(lines)]
        homes.append(np.array(loads))
    return homes


def filled(load_kw: Numbers, per_day: int) -> Numbers:
    """Return the load with what was not recorded taken from a week before."""
    found = load_kw.copy()
    week = 7 * per_day
    for row in np.flatnonzero(np.isnan(found)):
        near = [found[r] for r in (row - week, row - 1) if r >= 0]
        found[row] = next((kw for kw in near if not np.isnan(kw)), 0.0)
    return found


def figures(folder: Path) -> list[Figure]:
    """Return one row for each recorded home and forecast, in percent."""
    load, pv, issued = emhass_home(folder)
    present = np.asarray(~np.isnan(load), np.float64)
    whole = filled(load, 48)
    ours, week = load_errors(whole, 48)
    rows = len(ours)
    all_days = present[:rows] * (np.arange(rows) >= _WARM_UP_DAYS * 48)
    judged = present[:rows] * odd_days(rows, 48, _WARM_UP_DAYS)
    found = [
        _row("load, 30 min, all days", ours, _Judged(week, whole[:rows], all_days)),
        _row("load, 30 min, odd days", ours, _Judged(week, whole[:rows], judged)),
    ]
    for place, home in enumerate(fontana_homes(folder), start=1):
        ours, week = load_errors(home, 24)
        judged = odd_days(len(ours), 24, _WARM_UP_DAYS)
        case = f"load of Fontana {place}, 60 min, odd days"
        found.append(
            _row(case, ours, _Judged(week, home[: len(ours)], judged), aim=None)
        )
    both = np.asarray(~np.isnan(pv) & ~np.isnan(issued), np.float64)
    given = np.nan_to_num(pv)
    for name, every in (("day ahead", 48), ("made again each hour", 2)):
        errors = solar_errors(given, issued, 48, every)
        judged = both[: len(errors)] * odd_days(len(errors), 48, _SOLAR_WARM_UP_DAYS)
        raw = np.nan_to_num(issued)[: len(errors)] - given[: len(errors)]
        case = f"solar, 30 min, {name}, odd days"
        actual = given[: len(errors)]
        found.append(
            _row(case, errors, _Judged(raw, actual, judged), SOLAR_AIM, "as issued")
        )
    return found


def _row(
    case: str,
    errors: Numbers,
    judged: _Judged,
    aim: Aim | None = LOAD_AIM,
    baseline: str = "median of 7 days",
) -> Figure:
    actual, used = judged.actual, judged.used
    return Figure(
        benchmark="forecasts",
        case=case,
        unit="%",
        samples=Samples(wall=[error_share(errors, actual, used)]),
        baseline=baseline,
        base=Samples(wall=[error_share(judged.base, actual, used)]),
        aim=aim,
    )


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m benchmarks.forecasts FOLDER")
    for figure in figures(Path(sys.argv[1])):
        base = figure.base.wall[0] if figure.base is not None else float("nan")
        ours = figure.samples.wall[0]
        print(
            f"{figure.case:42s} {ours:6.2f} %   {figure.baseline} {base:6.2f} %"
            f"   {100 * (ours / base - 1):+5.1f} %"
        )
