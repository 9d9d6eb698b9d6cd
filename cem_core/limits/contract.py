"""The static limits of a home: its contract, its fuse, its feed-in cap."""

from dataclasses import dataclass

from cem_core.limits.fuse import phase_limits, sum_w
from cem_core.model import (
    Direction,
    LimitSource,
    Message,
    PowerLimit,
    Priority,
    Reading,
    Scope,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedInCap:
    """What may be fed in at most, by law: in W, or a share (0 to 1) of the peak.

    Source of the shares: §9 EEG (60 %; 70 % before 2023), the former storage grants
    (50 %), and zero feed-in where none is allowed.
    """

    limit_w: int
    share: float | None = None

    @classmethod
    def of_share(cls, share: float, peak_w: float) -> FeedInCap:
        """Return the cap at ``share`` of the installed peak, rounded down."""
        return cls(limit_w=int(share * peak_w), share=share)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """What the home says of its connection; None: not limited by it.

    ``fuse_a`` is the fuse of each of ``phases`` phases.
    """

    import_w: int | None = None
    export_w: int | None = None
    fuse_a: float | None = None
    phases: int = 1
    feed_in_cap: FeedInCap | None = None

    def limits(self) -> tuple[PowerLimit, ...]:
        """Return what bounds the total."""
        found = [
            _limit(f"contract_{direction}", direction, limit_w)
            for direction, limit_w in (
                (Direction.IMPORT, self.import_w),
                (Direction.EXPORT, self.export_w),
            )
            if limit_w is not None
        ]
        if self.fuse_a is not None:
            fuse_w = sum_w(self.fuse_a, self.phases)
            found += [_limit(f"contract_fuse_{d}", d, fuse_w) for d in Direction]
        if self.feed_in_cap is not None:
            found.append(_cap(self.feed_in_cap))
        return tuple(found)

    def of_phases(self, reading: Reading | None) -> tuple[PowerLimit, ...]:
        """Return what bounds each phase, at the voltages of ``reading``."""
        if self.fuse_a is None:
            return ()
        measured = () if reading is None else reading.phases
        phases = range(1, self.phases + 1)
        return tuple(phase_limits(self.fuse_a, phases, measured, LimitSource.CONTRACT))


def _limit(limit_id: str, direction: Direction, limit_w: int) -> PowerLimit:
    return PowerLimit(
        limit_id=limit_id,
        source=LimitSource.CONTRACT,
        issuer="contract",
        direction=direction,
        scope=Scope.CONNECTION,
        limit_w=limit_w,
        priority=Priority.CONTRACT,
    )


def _cap(cap: FeedInCap) -> PowerLimit:
    reason = None
    if cap.share is not None:
        percent = round(cap.share * 100)
        reason = Message.of("feed_in_share", percent=percent)
    return PowerLimit(
        limit_id="feed_in_cap",
        source=LimitSource.CONTRACT,
        issuer="contract",
        direction=Direction.EXPORT,
        scope=Scope.CONNECTION,
        limit_w=cap.limit_w,
        priority=Priority.OBLIGATION,
        reason=reason,
    )
