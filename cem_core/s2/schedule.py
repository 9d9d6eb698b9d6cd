"""Which sequences of a PPBC profile are run, and when each begins."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import accumulate
from operator import add

from s2python.ppbc import PPBCPowerSequence, PPBCPowerSequenceContainer

from cem_core.model.plan import PlannedSection
from cem_core.s2.sequences import begins_w, lasts, longest_pause, peak_w, usual

type Containers = Sequence[PPBCPowerSequenceContainer]
type Planned = Mapping[str, PlannedSection]  # by container


def counted_on(containers: Containers) -> list[PPBCPowerSequence]:
    """Return of each container the sequence that a plan counts on."""
    return [usual(each)[0] for each in containers]


def planned_of(
    container: PPBCPowerSequenceContainer, plan: Planned
) -> PPBCPowerSequence | None:
    """Return the sequence that is planned for a container, None: none is."""
    planned = plan.get(str(container.id))
    if planned is None:
        return None
    sequences = container.power_sequences
    return next((s for s in sequences if str(s.id) == planned.option), None)


def meant(
    containers: Containers, plan: Planned, power_w: float
) -> list[PPBCPowerSequence]:
    """Return of each container the sequence that is planned.

    Without a plan the first that begins nearest to ``power_w``.
    """
    return [
        planned_of(each, plan)
        or min(usual(each), key=lambda sequence: abs(begins_w(sequence) - power_w))
        for each in containers
    ]


def below(containers: Containers, most_w: float) -> list[PPBCPowerSequence]:
    """Return of each container the first that draws no more than ``most_w``.

    The least of its peaks where none does.
    """
    return [
        min(
            each.power_sequences,
            key=lambda sequence: max(0.0, peak_w(sequence) - most_w),
        )
        for each in containers
    ]


def begins(
    start: datetime,
    end: datetime,
    containers: Containers,
    chosen: Sequence[PPBCPowerSequence],
    plan: Planned,
) -> list[datetime]:
    """Return when each begins: as planned, as far as it may be paused before.

    Without a pause where it would not be through by ``end``.
    """
    found: list[datetime] = []
    over = start
    for container, sequence in zip(containers, chosen, strict=True):
        begin, planned = over, plan.get(str(container.id))
        if found and planned is not None:
            begin = min(max(planned.start, over), over + longest_pause(sequence))
        found.append(begin)
        over = begin + lasts(sequence)
    if over <= end:
        return found
    lengths = (lasts(sequence) for sequence in chosen[:-1])
    return list(accumulate(lengths, add, initial=start))
