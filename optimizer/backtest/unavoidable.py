"""How likely a peak will be billed anyway, whatever is done about it today.

A charge on a window's highest mean is paid once. At the beginning of a month an
import above everything measured so far costs nothing more where a later day will
need it too; on the last day it costs the whole price. What later days will need is
read off the days seen, by the law of exceedances: of days that could come in any
order, the number among the next ``days`` that exceed the i-th smallest of n seen
ones is beta-binomial with i and n + 1 - i, whatever their distribution is.

Gumbel and von Schelling, Annals of Mathematical Statistics 21 (1950) 247.
"""

from dataclasses import dataclass
import math

import numpy as np

from optimizer.series import Numbers

_LEAST_RISE = 0.02
_EVEN = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Unavoidable:
    """The import in kW that each of the last days needed; ``top`` peaks are billed."""

    by_day_kw: Numbers
    top: int

    def avoidable(self, days: int) -> tuple[Numbers, Numbers]:
        """Return imports in kW, rising, and the share of the price above each.

        The share is the probability that fewer than ``top`` of the next ``days``
        days need more. Imports with nearly the same share are left out.
        """
        seen = np.sort(self.by_day_kw)
        imports_kw, shares = [0.0], [self._share(0, days)]
        for rank, kw in enumerate(seen.tolist(), start=1):
            share = self._share(rank, days)
            if kw <= imports_kw[-1]:
                shares[-1] = max(share, shares[-1])
            elif share - shares[-1] > _LEAST_RISE:
                imports_kw.append(kw)
                shares.append(share)
        return np.array(imports_kw), np.array(shares)

    def even_odds_kw(self, days: int) -> float:
        """Return the lowest import that is more likely to be billed than not."""
        imports_kw, shares = self.avoidable(days)
        likely = np.flatnonzero(shares >= _EVEN)
        return float(imports_kw[likely[0] if len(likely) else -1])

    def _share(self, rank: int, days: int) -> float:
        """Return the probability of less than ``top`` days above the ``rank``-th."""
        if days < self.top:
            return 1.0
        if not rank:
            return 0.0
        below, above = rank, len(self.by_day_kw) + 1 - rank
        return math.fsum(
            math.comb(days, k)
            * math.exp(_log_beta(below + days - k, above + k) - _log_beta(below, above))
            for k in range(self.top)
        )


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
