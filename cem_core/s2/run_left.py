"""What is left of a run of PPBC, as the sections of a programme of HOME."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from s2python.generated.gen_s2 import PPBCPowerSequenceStatus as SequenceStatus
from s2python.ppbc import PPBCPowerSequence, PPBCPowerSequenceContainer

from cem_core.s2.sequences import Piece, after, longest_pause, pieces, stepped, usual

STEP: Final = timedelta(minutes=1)  # of a profile
BEGUN: Final = frozenset(
    (SequenceStatus.EXECUTING, SequenceStatus.INTERRUPTED, SequenceStatus.FINISHED)
)
_KW: Final = 1000.0
_ANY_PAUSE: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Heard:
    """How much of a sequence was over, and when that was said."""

    progress: timedelta
    at: datetime | None

    def over(self, now: datetime, status: SequenceStatus) -> timedelta:
        """Return how much of it is over now."""
        if self.at is None or status is not SequenceStatus.EXECUTING:
            return self.progress
        return self.progress + max(now - self.at, timedelta())


def sections(
    containers: Sequence[PPBCPowerSequenceContainer],
    chosen: Mapping[str, PPBCPowerSequence],
    statuses: Mapping[str, SequenceStatus],
    said: Mapping[str, Heard],
    now: datetime,
) -> Iterator[dict[str, Any]]:
    """Yield what is left of each container; the mappings are by its name.

    The pause before one counts from when the one before it was finished.
    """
    ended: datetime | None = None
    for container in containers:
        name = str(container.id)
        status, heard = statuses.get(name), said.get(name)
        if status is SequenceStatus.FINISHED:
            ended = None if heard is None else heard.at
            continue
        if status is not None and status in BEGUN:
            sequence = chosen.get(name, usual(container)[0])
            over = timedelta() if heard is None else heard.over(now, status)
            longest = _ANY_PAUSE if sequence.is_interruptible else timedelta()
            left = after(pieces([sequence]), over)
            options = [_option(sequence, left, longest)] if left else []
        else:
            since = timedelta() if ended is None else now - ended
            options = [
                _option(each, pieces([each]), longest_pause(each) - since)
                for each in usual(container)
            ]
        ended = None
        if options:
            yield {"id": name, "options": options}


def chooses(containers: Sequence[PPBCPowerSequenceContainer]) -> bool:
    """Tell whether a run can be paused, or run in several ways."""
    return any(
        len(usual(each)) > 1
        or any(s.is_interruptible or longest_pause(s) for s in usual(each))
        for each in containers
    )


def _option(
    sequence: PPBCPowerSequence, left: Sequence[Piece], longest: timedelta
) -> dict[str, Any]:
    return {
        "id": str(sequence.id),
        "profile_kw": [max(0.0, w) / _KW for w in stepped(left, STEP)],
        "interruptible": sequence.is_interruptible,
        "max_pause_minutes": max(longest, timedelta()) // timedelta(minutes=1),
    }
