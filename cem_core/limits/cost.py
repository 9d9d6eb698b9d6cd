"""What limits have cost until they end, from what each plan says of the rest.

A plan tells what limits cost from then on, at best against best. Where they end within
the plan, the first one under them has said it all: what later plans say less has been
borne meanwhile. Else, and where limits change, the time that passed bears its share.
So nothing is counted twice, although each plan begins with a home that the limits
have already left colder, or its car emptier.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cem_core.limits.agree import agree
from cem_core.model import PowerLimit


@dataclass(frozen=True, slots=True, kw_only=True)
class CostLedger:
    """What is ``borne`` and what the ``rest`` will cost, in currency.

    ``limits`` are those of the last plan, None where only ``limit_ids``, of all that
    were counted, are known since a restart. That plan was made ``at``, and the limits
    hold in it ``until``.
    """

    at: datetime
    until: datetime
    limits: Sequence[PowerLimit] | None = ()
    limit_ids: frozenset[str] = frozenset()
    borne: float = 0.0
    rest: float = 0.0
    begun: bool = False  # one of the limits has been in force

    @property
    def total(self) -> float:
        """What they cost in all, as far as it is known."""
        return self.borne + self.rest

    def planned(
        self,
        limits: Sequence[PowerLimit],
        cost: float,
        *,
        at: datetime,
        plan_end: datetime,
    ) -> CostLedger:
        """Return the ledger after a plan under ``limits``, which cost it ``cost``."""
        lasts = any(limit.end is None or limit.end > plan_end for limit in limits)
        ends = [limit.end for limit in limits if limit.end is not None]
        borne = 0.0  # announced only: what was foretold is better known now
        if self.begun:
            goes_on = not lasts and self._agrees(limits)
            borne = self.total - cost if goes_on else self.borne_by(at)
        return CostLedger(
            at=at,
            until=plan_end if lasts else max(ends, default=at),
            limits=tuple(limits),
            limit_ids=self.limit_ids | {limit.limit_id for limit in limits},
            borne=borne,
            rest=cost,
            begun=self.begun or any(limit.in_force(at) for limit in limits),
        )

    def _agrees(self, limits: Sequence[PowerLimit]) -> bool:
        if self.limits is None:
            return self.limit_ids == {limit.limit_id for limit in limits}
        return agree(self.limits, limits)

    def borne_by(self, time: datetime) -> float:
        """Return what is borne until ``time``, if the limits end then or change."""
        if not self.begun:
            return 0.0
        if time >= self.until:
            return self.total
        return self.borne + self.rest * ((time - self.at) / (self.until - self.at))

    def to_json(self) -> dict[str, Any]:
        """Return what has to survive a restart."""
        return {
            "at": self.at.isoformat(),
            "until": self.until.isoformat(),
            "limit_ids": sorted(self.limit_ids),
            "borne": self.borne,
            "rest": self.rest,
            "begun": self.begun,
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> CostLedger:
        """Return what `to_json` kept."""
        return cls(
            at=datetime.fromisoformat(document["at"]),
            until=datetime.fromisoformat(document["until"]),
            limits=None,
            limit_ids=frozenset(document["limit_ids"]),
            borne=document["borne"],
            rest=document["rest"],
            begun=document["begun"],
        )
