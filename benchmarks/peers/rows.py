"""The table: what, ours, theirs, their ratio, the bar, and whether it is met."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Final

_HEAD: Final = ("what", "n", "ours", "theirs", "ratio", "CPU ratio", "bar", "met")


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds by the clock, and of the processor where they are known."""

    seconds: float
    cpu_seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One comparison; ``ratio`` says what ``bar`` is about."""

    what: str
    count: int = 0
    ours: str = ""
    theirs: str = ""
    ratio: str = ""
    processor: str = ""  # the ratio in processor time
    bar: str = ""
    met: bool | None = None
    note: str = ""  # stands below the table instead


def faster(
    what: str, ours: Sequence[Took], theirs: Sequence[Took], times: float | None = None
) -> Row:
    """Compare medians; the bar is how many times faster ours must be."""
    own, other = (median(each.seconds for each in side) for side in (ours, theirs))
    ratio = other / own
    return Row(
        what=what,
        count=min(len(ours), len(theirs)),
        ours=seconds(own),
        theirs=seconds(other),
        ratio=f"{ratio:.3g}x faster",
        processor=_in_processor_time(theirs, ours),
        bar="" if times is None else f">= {times:g}x",
        met=None if times is None else ratio >= times,
    )


def times_as_long(
    what: str, ours: Sequence[Took], theirs: Sequence[Took], most: float | None = None
) -> Row:
    """Compare medians; the bar is how many times as long ours may take."""
    own, other = (median(each.seconds for each in side) for side in (ours, theirs))
    ratio = own / other
    return Row(
        what=what,
        count=min(len(ours), len(theirs)),
        ours=seconds(own),
        theirs=seconds(other),
        ratio=f"{ratio:.2f} times as long",
        processor=_in_processor_time(ours, theirs),
        bar="" if most is None else f"<= {most:g}",
        met=None if most is None else ratio <= most,
    )


def dearer(
    what: str,
    ours: Sequence[float],
    theirs: Sequence[float],
    most: float | None = None,
    *,
    either_way: bool = False,
) -> Row:
    """Compare costs in EUR pair by pair; the bar is the largest relative excess."""
    apart = [
        (own - other) / max(abs(other), 1.0)
        for own, other in zip(ours, theirs, strict=True)
    ]
    worst = max(apart, key=abs) if either_way else max(apart)
    reached = abs(worst) if either_way else worst
    return Row(
        what=what,
        count=len(apart),
        ours=f"{median(ours):.5f} EUR",
        theirs=f"{median(theirs):.5f} EUR",
        ratio=f"worst {worst:+.1e}",
        bar="" if most is None else f"<= {most:.0e}",
        met=None if most is None else reached <= most,
    )


def broken(what: str, ours: Sequence[object], theirs: Sequence[object]) -> Row:
    """Count schedules that break something; none of ours may."""
    own = sum(map(bool, ours))
    return Row(
        what=what,
        count=len(ours),
        ours=str(own),
        theirs=str(sum(map(bool, theirs))),
        bar="0",
        met=own == 0,
    )


def at_most(
    what: str, values: Sequence[float], unit: str, most: float | None = None
) -> Row:
    """Report what has no counterpart: a median and the most that it may be."""
    value = median(values)
    return Row(
        what=what,
        count=len(values),
        ours=f"{value:.3g} {unit}",
        bar="" if most is None else f"<= {most:g} {unit}",
        met=None if most is None else value <= most,
    )


def versions(what: str, ours: Mapping[str, str], theirs: Mapping[str, str]) -> Row:
    """Say what each side runs on."""
    own, other = (
        ", ".join(f"{name} {version}" for name, version in side.items())
        for side in (ours, theirs)
    )
    return Row(what=what, note=f"ours on {own}; theirs on {other}")


def missing(what: str, reason: object) -> Row:
    """Say that a peer was not run, and why."""
    return Row(what=what, theirs=f"missing: {reason}")


def seconds(value: float) -> str:
    """Return seconds as a person reads them."""
    return f"{value:.3g} s" if value >= 1 else f"{value * 1000:.3g} ms"


def as_json(row: Row) -> dict[str, object]:
    """Return a row for a program to read."""
    return asdict(row)


def as_table(rows: Sequence[Row]) -> str:
    """Return the rows as a Markdown table, notes below it."""
    cells = [_HEAD, *(_cells(row) for row in rows if not row.note)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        "| " + " | ".join(map(str.ljust, row, widths, strict=True)) + " |"
        for row in cells
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    notes = [f"- {row.what}: {row.note}" for row in rows if row.note]
    return "\n".join([*lines, "", *notes] if notes else lines)


def _cells(row: Row) -> tuple[str, ...]:
    met = {None: "", True: "yes", False: "NO"}[row.met]
    count = str(row.count) if row.count else ""
    ratios = row.ratio, row.processor
    return row.what, count, row.ours, row.theirs, *ratios, row.bar, met


def _in_processor_time(more: Sequence[Took], less: Sequence[Took]) -> str:
    cpu = [[each.cpu_seconds for each in side] for side in (more, less)]
    above, below = ([s for s in side if s is not None] for side in cpu)
    return f"{median(above) / median(below):.3g}" if above and below else ""
