"""Production of a roof: an issued forecast set right, or the last days' sun.

An issued forecast (a weather service's) is multiplied, for each part of the day,
by what the roof really gave against it; without one the weighted mean of the
same time on past days stands in. Either is then carried along by the last hours:
a cloudy morning makes a cloudy noon likely.
"""

from dataclasses import dataclass

import numpy as np

from cem_core.insight.distribution import Distribution, Numbers
from cem_core.insight.past_days import past_days

_LEAST_KWH_RATIO = 0.1  # of a step's mean: below, the morning says nothing yet
_HIGHEST_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class SolarForecaster:
    """Settings, tuned on odd days.

    ``spread`` is the half width of the forecast's uncertainty as a share of it.
    ``trust`` is the weight of a corrected issued forecast against past days.
    """

    days: int = 14
    recency_days: float = 5.0
    live_hours: float = 1.5
    live_fade_h: float = 6.0
    live_range: tuple[float, float] = (0.2, 3.0)
    spread: float = 1.0
    trust: float = 0.8
    prior_days: float = 2.0
    beside_h: float = 1.5

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
        come, as the service said it beforehand.
        """
        now = len(history_kw)
        if not now:
            first = np.zeros(steps) if issued_kw is None else issued_kw[:steps]
            return Distribution(self._spread(np.nan_to_num(first), np.inf))
        mean = self._mean(history_kw, steps, per_day, issued_kw)
        back = round(self.live_hours * per_day / 24)
        if now > per_day + back:
            past = self._mean(
                history_kw[:-back],
                back,
                per_day,
                issued_kw,
            )
            mean = mean * self._live(history_kw[-back:], past, mean, per_day)
        highest = history_kw[-_HIGHEST_DAYS * per_day :].max()
        if issued_kw is not None:
            coming = issued_kw[now : now + steps]
            highest = max(highest, np.nan_to_num(coming).max(initial=0.0))
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
        return self._mean(history_kw, steps, per_day, issued_kw)

    def _mean(
        self,
        history_kw: Numbers,
        steps: int,
        per_day: int,
        issued_kw: Numbers | None,
    ) -> Numbers:
        now = len(history_kw)
        found = past_days(
            now,
            steps,
            per_day=per_day,
            days=self.days,
            recency_days=self.recency_days,
        )
        values = history_kw[found.places]
        total = np.maximum(found.weights.sum(axis=0), 1e-9)
        recent = (values * found.weights).sum(axis=0) / total
        if issued_kw is None:
            return np.asarray(recent)
        coming = issued_kw[now : now + steps]
        said = issued_kw[found.places]
        width = round(self.beside_h * per_day / 24)
        # Only days on which the service spoke say how right it is.
        spoken = np.where(np.isnan(said), 0.0, found.weights)
        given = _beside((values * spoken).sum(axis=0), width)
        promised = _beside((np.nan_to_num(said) * spoken).sum(axis=0), width)
        # A few days' worth of "as issued" keeps a young correction near 1.
        prior = self.prior_days * float(np.nanmean(issued_kw[: now + steps]))
        corrected = coming * (given + prior) / np.maximum(promised + prior, 1e-9)
        return np.where(
            np.isnan(coming),
            recent,
            self.trust * corrected + (1.0 - self.trust) * recent,
        )

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


def _beside(values: Numbers, width: int) -> Numbers:
    """Return the sum over the steps up to ``width`` before and after."""
    kernel = np.ones(2 * width + 1)
    summed = np.convolve(values, kernel, mode="full")
    return np.asarray(summed[width : width + len(values)], float)
