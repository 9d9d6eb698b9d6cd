"""What a benchmark found: samples, a baseline from the same run, an aim."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Final, Literal

type Statistic = Literal["median", "p99", "max"]

_HEAD: Final = (
    *("case", "unit", "n", "median", "p99", "max", "p99 CPU", "max CPU"),
    *("baseline", "its median", "ratio", "p99 ratio"),
    *("aim", "met"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """Measured values: as the clock on the wall has it, and in processor time.

    ``cpu`` leaves out what else the machine did meanwhile; it may be empty.
    """

    wall: Sequence[float]
    cpu: Sequence[float] = ()

    def take(self, statistic: Statistic) -> float:
        """Return one statistic of the wall's values."""
        if statistic == "p99":
            return p99(self.wall)
        return median(self.wall) if statistic == "median" else max(self.wall)


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """The figure to stay below."""

    statistic: Statistic
    below: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One row of the table."""

    benchmark: str
    case: str
    unit: str
    samples: Samples
    baseline: str = ""
    base: Samples | None = None
    aim: Aim | None = None

    @property
    def met(self) -> bool | None:
        """Whether it is below its aim, None without one."""
        if self.aim is None:
            return None
        return self.samples.take(self.aim.statistic) < self.aim.below

    @property
    def ratios(self) -> tuple[float, float] | None:
        """The median over the baseline's median, and the p99 over its p99."""
        if self.base is None:
            return None
        median_ratio = self.samples.take("median") / self.base.take("median")
        return median_ratio, self.samples.take("p99") / self.base.take("p99")


def p99(values: Sequence[float]) -> float:
    """Return the 99th percentile; of a single value that value."""
    if len(values) < 2:
        return values[0]
    return quantiles(values, n=100, method="inclusive")[98]


def as_json(figure: Figure) -> dict[str, object]:
    """Return a row for a program to read."""
    samples, base, aim = figure.samples, figure.base, figure.aim
    row: dict[str, object] = {
        "benchmark": figure.benchmark,
        "case": figure.case,
        "unit": figure.unit,
        "n": len(samples.wall),
        "median": samples.take("median"),
        "p99": samples.take("p99"),
        "max": samples.take("max"),
    }
    if samples.cpu:
        row |= {
            "median_cpu": median(samples.cpu),
            "p99_cpu": p99(samples.cpu),
            "max_cpu": max(samples.cpu),
        }
    if base is not None and (ratios := figure.ratios) is not None:
        row["baseline"] = {
            "name": figure.baseline,
            "median": base.take("median"),
            "p99": base.take("p99"),
            "max": base.take("max"),
            "ratio": ratios[0],
            "p99_ratio": ratios[1],
        }
    if aim is not None:
        row["aim"] = {"statistic": aim.statistic, "below": aim.below}
        row["met"] = figure.met
    return row


def as_table(figures: Sequence[Figure]) -> str:
    """Return all rows as a Markdown table."""
    rows = [_HEAD, *map(_row, figures)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "| " + " | ".join(map(str.ljust, row, widths, strict=True)) + " |"
        for row in rows
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def _row(figure: Figure) -> tuple[str, ...]:
    samples, base, ratios = figure.samples, figure.base, figure.ratios
    statistics: tuple[Statistic, ...] = ("median", "p99", "max")
    aim = figure.aim
    return (
        f"{figure.benchmark}: {figure.case}",
        figure.unit,
        str(len(samples.wall)),
        *(_number(samples.take(statistic)) for statistic in statistics),
        _number(p99(samples.cpu)) if samples.cpu else "",
        _number(max(samples.cpu)) if samples.cpu else "",
        figure.baseline,
        "" if base is None else _number(base.take("median")),
        "" if ratios is None else f"{ratios[0]:.2g}",
        "" if ratios is None else f"{ratios[1]:.2g}",
        "" if aim is None else f"{aim.statistic} < {aim.below:g}",
        {None: "", True: "yes", False: "no"}[figure.met],
    )


def _number(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"
