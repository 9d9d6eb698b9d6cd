"""The standard problems of the optimiser, against HiGHS alone in the same run."""

from benchmarks.figures import Aim, Figure, Samples
from optimizer.measure import GAP, measure
from optimizer.standard import STANDARD


def figures() -> list[Figure]:
    """Return four rows for each problem: first, again against both, and gaps."""
    found = []
    for problem in STANDARD:
        homes = list(measure(problem))
        again = Samples(wall=[home.again for home in homes])
        for case, unit, samples, baseline, base in (
            (
                "first plan",
                "s",
                Samples(wall=[home.first for home in homes]),
                "HiGHS alone",
                Samples(wall=[home.searched for home in homes]),
            ),
            (
                "plan on new data",
                "s",
                again,
                "HiGHS alone",
                Samples(wall=[home.searched for home in homes]),
            ),
            (
                "plan on new data",
                "s",
                again,
                "linear relaxation, warm",
                Samples(wall=[home.relaxed for home in homes]),
            ),
        ):
            found.append(
                Figure(
                    benchmark="optimize",
                    case=f"{problem.name}: {case}",
                    unit=unit,
                    samples=samples,
                    baseline=baseline,
                    base=base,
                )
            )
        found.append(
            Figure(
                benchmark="optimize",
                case=f"{problem.name}: gap",
                unit="",
                samples=Samples(wall=[home.gap for home in homes]),
                aim=Aim(statistic="max", below=GAP),
            )
        )
    return found
