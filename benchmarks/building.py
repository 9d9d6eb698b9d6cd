"""The building learned from 14 days: a day ahead, on homes of another order."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from benchmarks.figures import Aim, Figure, Samples
from cem_core.insight.learned import CopModel, ThermalModel, learn_building
from tests.cem_core.insight.learned.simulated_home import (
    DWELLING,
    any_home,
    day_ahead_mae_k,
    live,
)

HOMES: Final = 40
LEARNED_DAYS: Final = 14
JUDGED_DAYS: Final = 7
AIM: Final = Aim(statistic="max", below=0.5)
WINTER_C: Final = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Weather while it learns and while it is judged, and what is unlike then."""

    learned_c: float = WINTER_C
    judged_c: float = WINTER_C
    shifted: bool = False
    least_to_mass: float = 0.4


CASES: Final[Mapping[str, Case]] = {
    "winter": Case(),
    "a plan shifts the heat, learned without": Case(shifted=True),
    "-6 °C": Case(learned_c=-6, judged_c=-6),
    "11 °C": Case(learned_c=11, judged_c=11),
    "learned at 19 °C, judged at 3 °C": Case(learned_c=19),
    "heated by air": Case(least_to_mass=0.2),
}


def figures(*, homes: int = HOMES) -> list[Figure]:
    """Return a row for each case, next to the start values."""
    return [_figure(name, case, homes) for name, case in CASES.items()]


def _figure(name: str, case: Case, homes: int) -> Figure:
    prior, cop = ThermalModel.typical(DWELLING), CopModel.typical(DWELLING)
    learned_k, prior_k = [], []
    for seed in range(homes):
        home = any_home(seed, least_to_mass=case.least_to_mass)
        before = live(
            replace(home, mean_outdoor_c=case.learned_c), seed=seed, days=LEARNED_DAYS
        )
        learned = learn_building(before, prior, cop)
        later = live(
            replace(home, mean_outdoor_c=case.judged_c),
            seed=homes + seed,
            days=JUDGED_DAYS,
            shifted_from=0 if case.shifted else None,
        )
        learned_k.append(day_ahead_mae_k(learned.parameters, cop, later))
        prior_k.append(day_ahead_mae_k(prior, cop, later))
    return Figure(
        benchmark="building",
        case=name,
        unit="K",
        samples=Samples(wall=learned_k),
        baseline="start values",
        base=Samples(wall=prior_k),
        aim=AIM,
    )
