"""Production of a roof: an issued forecast set right, or the last days' sun.

An issued forecast (a weather service's) is set right by ridge regression on what
the roof gave: the forecast of the step, of its neighbours and around it, the last
days' mean and the highest of the last weeks, drawn towards "as issued". Without
one the weighted mean of the same time on past days stands in. Either is then
carried along by the last hours: a cloudy morning makes a cloudy noon likely.
"""

from dataclasses import dataclass

import numpy as np

from cem_core.insight.distribution import Distribution, Numbers
from cem_core.insight.past_days import past_days
from cem_core.insight.ridge import ridge

_LEAST_KWH_RATIO = 0.1  # of a step's mean: below, the morning says nothing yet
_HIGHEST_DAYS = 30
_RECENT_DAYS = 14
_AROUND_H = 1.5
_LIGHT_KW = 0.02
_STRENGTH = 10.0
_NOTHING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class SolarForecaster:
    """Settings, tuned on odd days.

    ``spread`` is the half width of the forecast's uncertainty as a share of it.
    """

    days: int = 14
    recency_days: float = 5.0
    live_hours: float = 1.5
    live_fade_h: float = 6.0
    live_range: tuple[float, float] = (0.2, 3.0)
    spread: float = 1.0
    learned_days: int = 180
    learned_recency_days: float = 80.0

    def forecast(
        self,
        history_kw: Numbers,
        steps: int,
        *,
        per_day: int,
        issued_kw: Numbers | None = None,
    ) -> Distribution:
        """Return the next ``steps`` steps in kW, production >= 0.

        ``issued_kw`` has one value for each row of the history and each step to
        come, as the service said it beforehand; NaN where it said nothing.
        """
        now = len(history_kw)
        mean = self.day_ahead(history_kw, steps, per_day=per_day, issued_kw=issued_kw)
        if not now:
            return Distribution(self._spread(mean, np.inf))
        back = round(self.live_hours * per_day / 24)
        if now > per_day + back:
            past = self.day_ahead(
                history_kw[:-back], back, per_day=per_day, issued_kw=issued_kw
            )
            mean = mean * self._live(history_kw[-back:], past, mean, per_day)
        highest = float(history_kw[-_HIGHEST_DAYS * per_day :].max())
        if issued_kw is not None:
            coming = np.nan_to_num(issued_kw[now : now + steps])
            highest = max(highest, float(coming.max(initial=0.0)))
        return Distribution(self._spread(np.minimum(mean, highest), highest))

    def day_ahead(
        self,
        history_kw: Numbers,
        steps: int,
        *,
        per_day: int,
        issued_kw: Numbers | None = None,
    ) -> Numbers:
        """Return the forecast without the last hours' correction, in kW."""
        now = len(history_kw)
        recent = np.zeros(steps)
        if now:
            found = past_days(
                now,
                steps,
                per_day=per_day,
                days=self.days,
                recency_days=self.recency_days,
            )
            total = np.maximum(found.weights.sum(axis=0), _NOTHING)
            recent = (history_kw[found.places] * found.weights).sum(axis=0) / total
        if issued_kw is None:
            return np.asarray(recent)
        corrected = self._corrected(history_kw, steps, per_day, issued_kw)
        return np.where(np.isnan(issued_kw[now : now + steps]), recent, corrected)

    def _corrected(
        self, history_kw: Numbers, steps: int, per_day: int, issued_kw: Numbers
    ) -> Numbers:
        """Return the issued forecast as it should have been said."""
        now = len(history_kw)
        begin = max(0, now - self.learned_days * per_day)
        begin += (now - begin) % per_day  # whole days before now
        said = issued_kw[begin : now + steps]
        features = _features(said, history_kw[begin:], per_day)
        rows = np.arange(per_day, now - begin)
        spoken = ~np.isnan(said[rows])
        light = (said[rows] > _LIGHT_KW) | (features[rows, 1] > _LIGHT_KW)
        rows = rows[spoken & light]
        coming = features[now - begin :]
        if len(rows) < per_day:
            return np.asarray(coming[:, 0])
        weights = np.exp(-(now - begin - rows) / per_day / self.learned_recency_days)
        as_issued = np.zeros(features.shape[1])
        as_issued[0] = 1.0
        found = ridge(
            features[rows],
            history_kw[begin:][rows],
            weights,
            strength=_STRENGTH,
            start=as_issued,
            absolute=True,
        )
        return np.maximum(coming @ found, 0.0)

    def _live(
        self, given_kw: Numbers, expected_kw: Numbers, mean: Numbers, per_day: int
    ) -> Numbers:
        little = _LEAST_KWH_RATIO * float(mean.mean()) * len(given_kw)
        if expected_kw.sum() <= little:
            return np.ones(len(mean), float)
        shrink = 0.25 * float(mean.mean()) * len(given_kw)
        ratio = (given_kw.sum() + shrink) / (expected_kw.sum() + shrink)
        ratio = float(np.clip(ratio, *self.live_range))
        fade = np.exp(-np.arange(len(mean)) * 24 / per_day / self.live_fade_h)
        return np.asarray(1.0 + (ratio - 1.0) * fade)

    def _spread(self, mean: Numbers, highest: float) -> Numbers:
        """Return three points around the mean, which they keep."""
        half = np.minimum(self.spread * mean, highest - mean)
        return np.asarray(mean[:, None] + half[:, None] * np.array([-1.0, 0.0, 1.0]))


def _features(said_kw: Numbers, given_kw: Numbers, per_day: int) -> Numbers:
    """Return the regressors of each row of ``said_kw``; both begin at one time.

    A row of the history sees only the days before its own; rows to come, those
    before now.
    """
    rows, known = len(said_kw), len(given_kw)
    days = -(-rows // per_day)
    by_day = np.zeros((days, per_day))
    by_day.flat[:known] = given_kw
    recent, highest = np.zeros((days, per_day)), np.zeros((days, per_day))
    whole = known // per_day
    for day in range(1, days):
        seen = min(day, whole)
        past = by_day[max(0, seen - _RECENT_DAYS) : seen]
        weights = np.exp(-np.arange(len(past))[::-1] / (_RECENT_DAYS / 3))
        recent[day] = (past * weights[:, None]).sum(axis=0) / max(
            weights.sum(), _NOTHING
        )
        highest[day] = by_day[max(0, seen - _HIGHEST_DAYS) : seen].max(
            axis=0, initial=0
        )
    mean, most = recent.ravel()[:rows], highest.ravel()[:rows]
    # A gap is no promise of darkness: beside it stands what the last days gave.
    said_kw = np.where(np.isnan(said_kw), mean, said_kw)
    hour = (np.arange(rows) % per_day) / per_day * 24
    # An hour of the series' own day: it only tells morning from afternoon.
    late = (hour - hour[most.argmax()]) / 5 if most.any() else np.zeros(rows)
    width = max(1, round(_AROUND_H * per_day / 24))
    kernel = np.ones(2 * width + 1) / (2 * width + 1)
    # Beyond either end nothing was said: it goes on as it ended.
    wider = np.pad(said_kw, width, mode="edge")
    around = np.convolve(wider, kernel, mode="valid")
    before, after = wider[width - 1 : -width - 1], wider[width + 1 :][:rows]
    clear = np.minimum(said_kw / np.maximum(most, _LIGHT_KW), 1.5) * said_kw
    return np.column_stack(
        [
            said_kw,
            mean,
            before,
            after,
            said_kw * late,
            mean * late,
            most,
            most * late,
            clear,
            around,
        ]
    )
