"""The hours to come of a home, and how far off such forecasts were lately.

    {start, step_minutes, known, steps, time_zone,
     load: {history_w, annual_wh},
     place: {latitude, longitude},
     solar: {ID: {history_w, issued_w, peak_w}},
     heating: {ID: {electric_w, outdoor_c}},
     buildings: {ID: {model, cop, indoor_c, outdoor_c, electric_w, heat_w,
                      solar_w_per_m2}}}

as `cem_core.insight.requests` says; `issued_w` and `outdoor_c` reach to the end
of what is asked for. Each part may be absent; with `place` and `peak_w` a roof that was
not measured yet gives what its peak power usually gives there.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

import numpy as np

from cem_core.insight.distribution import Distribution, Numbers
from cem_core.insight.heating import DegreeDays, fit_degree_days
from cem_core.insight.learned.observe import walls_apart_k
from cem_core.insight.load import LoadForecaster
from cem_core.insight.past_days import LocalClock
from cem_core.insight.requests import Json, RequestError, Rows, watts
from cem_core.insight.solar import SolarForecaster
from cem_core.insight.track_record import TrackRecord, track_record
from cem_core.insight.typical_sun import Place, typical_sun_kw

_LOW: Final = 0.1
_HIGH: Final = 0.9
_WH_PER_KWH: Final = 1000
_W_PER_KW: Final = 1000
_DAY_H: Final = 24.0
_HOLES_FROM_DAYS: Final = 7
_WHOLE_DAY: Final = 0.8  # of its rows are known


def foretell(document: Json) -> dict[str, Any]:
    """Return mean, low and high (quantiles 0.1 and 0.9) in W of each step to come.

    `heating` is null for who has no week of history; `buildings` say by how many
    kelvin the walls are warmer than the thermometer. Raises `RequestError`.
    """
    rows = Rows.of(document)
    clock, place = rows.clock, _place(document)
    answer: dict[str, Any] = {"start": rows.now.isoformat()}
    if "load" in document:
        load = _Load(rows, document["load"], clock)
        answer["load"] = _band(load.coming(rows.known, rows.steps))
    answer["solar"] = {
        name: _band(_Solar(rows, part, place).coming(rows.known, rows.steps))
        for name, part in document.get("solar", {}).items()
    }
    answer["heating"] = {
        name: _heating(rows, part, clock)
        for name, part in document.get("heating", {}).items()
    }
    answer["buildings"] = {
        name: walls_apart_k(rows, part)
        for name, part in document.get("buildings", {}).items()
    }
    return answer


def forecast_errors(document: Json) -> dict[str, Any]:
    """Return the track record of each forecast of ``document``, null without one.

    `load` is one, `solar` has one an ID; fields as in `TrackRecord`, errors in W.
    Raises `RequestError`.
    """
    rows = Rows.of(document)
    clock, place = rows.clock, _place(document)
    answer: dict[str, Any] = {}
    if "load" in document:
        answer["load"] = _record(_Load(rows, document["load"], clock), rows)
    answer["solar"] = {
        name: _record(_Solar(rows, part, place), rows)
        for name, part in document.get("solar", {}).items()
    }
    return answer


class _Load:
    """The load as it can be foretold from any row on."""

    def __init__(self, rows: Rows, part: Json, clock: LocalClock) -> None:
        self.known_kw = rows.past_kw(part, "history_w")
        self._clock = clock
        annual_kwh = float(part["annual_wh"]) / _WH_PER_KWH
        self._forecaster = LoadForecaster(annual_kwh=annual_kwh)

    def coming(self, now: int, steps: int) -> Distribution:
        return self._forecaster.forecast(self.known_kw[:now], steps, self._clock)


class _Solar:
    """Production as it can be foretold from any row on."""

    def __init__(self, rows: Rows, part: Json, place: Place | None) -> None:
        self.known_kw = rows.past_kw(part, "history_w")
        self._per_day = rows.per_day
        self._filled_kw = _with_days_before(self.known_kw, rows.per_day)
        self._typical_kw = np.zeros(rows.known)
        if place is not None and "peak_w" in part:
            peak_kw = float(part["peak_w"]) / _W_PER_KW
            self._typical_kw = typical_sun_kw(
                place, peak_kw, rows.start, rows.step, rows.known
            )
        issued_kw = rows.all(part, "issued_w") / _W_PER_KW
        # What was not measured teaches nothing of the forecast.
        issued_kw[: rows.known][np.isnan(self.known_kw)] = np.nan
        self._issued_kw = None if np.isnan(issued_kw).all() else issued_kw

    def coming(self, now: int, steps: int) -> Distribution:
        return SolarForecaster().forecast(
            self._whole_kw(now),
            steps,
            per_day=self._per_day,
            issued_kw=self._issued_kw,
        )

    def _whole_kw(self, now: int) -> Numbers:
        """Return production; the typical before the first that was measured.

        It is scaled by what was measured; a day of it weighs against that. Later holes
        are of a roof that stood still, for all that is known.
        """
        known, typical = self.known_kw[:now], self._typical_kw[:now]
        measured = np.isfinite(known)
        day_kw = float(typical[-self._per_day :].sum())
        expected_kw = float(typical[measured].sum()) + day_kw
        scale = (known[measured].sum() + day_kw) / expected_kw if expected_kw else 1.0
        begun = int(measured.argmax()) if measured.any() else len(known)
        unknown = np.where(np.arange(len(known)) < begun, scale * typical, 0.0)
        filled = self._filled_kw[:now]
        return np.where(np.isnan(filled), unknown, filled)


def _with_days_before(known_kw: Numbers, per_day: int) -> Numbers:
    """Return production with the mean of that time on the days before in holes."""
    filled = known_kw.copy()
    for row in np.flatnonzero(np.isnan(known_kw)):
        before = known_kw[max(0, row - _HOLES_FROM_DAYS * per_day) : row][::-1]
        same = before[per_day - 1 :: per_day]
        same = same[np.isfinite(same)]
        if len(same):
            filled[row] = same.mean()
    return filled


def _place(document: Json) -> Place | None:
    """Return where the home is, if it is told. Raises `RequestError`."""
    if "place" not in document:
        return None
    try:
        latitude, longitude = (
            float(document["place"][name]) for name in ("latitude", "longitude")
        )
    except (KeyError, TypeError, ValueError) as error:
        raise RequestError(f"place: latitude and longitude, not {error}") from error
    return Place(latitude=latitude, longitude=longitude)


def _band(forecast: Distribution) -> dict[str, list[float]]:
    return {
        "mean_w": watts(forecast.mean),
        "low_w": watts(forecast.quantile(_LOW)),
        "high_w": watts(forecast.quantile(_HIGH)),
    }


def _record(part: _Load | _Solar, rows: Rows) -> dict[str, Any] | None:
    found = track_record(
        lambda now, steps: part.coming(now, steps).mean,
        part.known_kw,
        per_day=rows.per_day,
    )
    return None if found is None else _as_json(found)


def _as_json(found: TrackRecord) -> dict[str, Any]:
    fields = asdict(found)
    missed: Mapping[int, tuple[float, ...]] = fields.pop("missed_kw")
    return fields | {
        "by_lead": {str(lead): share for lead, share in found.by_lead.items()},
        "missed_w": {
            str(lead): [round(kw * _W_PER_KW) for kw in quantiles]
            for lead, quantiles in missed.items()
        },
    }


def _heating(rows: Rows, part: Json, clock: LocalClock) -> dict[str, Any] | None:
    """Return the power for heating by degree days, the same all day."""
    electric_kw = rows.past_kw(part, "electric_w")
    outdoor_c = rows.all(part, "outdoor_c")
    number = np.arange(len(clock.hour)) if clock.number is None else clock.number
    first_h = clock.hour[0] if len(clock.hour) else 0.0
    day = (number + round(first_h * rows.per_day / _DAY_H)) // rows.per_day
    outdoor = _daily_mean(day, outdoor_c)
    electric = _daily_mean(day[: rows.known], electric_kw)
    both = [d for d in electric if d in outdoor]
    fit = fit_degree_days(
        np.array([electric[d] * _DAY_H for d in both]),
        np.array([outdoor[d] for d in both]),
    )
    if fit is None:
        return None
    return {"mean_w": watts(_day_by_day(fit, day[rows.known :], outdoor))}


def _daily_mean(day: Numbers, values: Numbers) -> dict[int, float]:
    """Return the mean of each day of which enough is known."""
    means = {}
    for number in np.unique(day):
        of_day = values[day == number]
        known = of_day[np.isfinite(of_day)]
        if len(known) >= _WHOLE_DAY * len(of_day):
            means[int(number)] = float(known.mean())
    return means


def _day_by_day(
    fit: DegreeDays, day: Numbers, outdoor_c: Mapping[int, float]
) -> Numbers:
    """Return kW in each row; a day whose weather is unknown is as the last known."""
    last = outdoor_c[max(outdoor_c)]
    means = np.array([outdoor_c.get(int(number), last) for number in day])
    return np.asarray(fit.day_kwh(means) / _DAY_H)
