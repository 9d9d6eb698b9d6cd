"""Share out what a limit leaves, in the order the user wants to keep it.

The same sharing serves both directions. For import the claims are consumers
and the help is a battery that discharges; for export the claims are producers
and the help is a battery that charges.
"""

from collections.abc import Sequence


class Claim:
    """What one device asks of a budget, and what it gets.

    ``wish_w`` is all that it may ask for, ``demand_w`` what of it it can use now,
    ``floor_w`` it gets in any case, ``min_w`` is the least it can run at, ``help_w``
    what it could add to the budget at its place in the order. One that ``waits`` was
    stopped and may not run again yet, however large the budget.
    """

    __slots__ = (
        "demand_w",
        "floor_w",
        "granted_w",
        "help_w",
        "helped_w",
        "index",
        "min_w",
        "step_w",
        "waits",
        "wish_w",
    )

    def __init__(
        self,
        index: int,
        demand_w: int = 0,
        min_w: int = 0,
        step_w: int = 1,
        floor_w: int = 0,
    ) -> None:
        """Claim ``demand_w``; ``floor_w`` is never more than that."""
        self.index = index
        self.demand_w = self.wish_w = demand_w
        self.floor_w = self.granted_w = min(demand_w, floor_w)
        self.min_w = min_w
        self.step_w = step_w
        self.help_w = self.helped_w = 0
        self.waits = False

    def use_only(self, power_w: int) -> None:
        """Claim no more than ``power_w`` of what it wishes for."""
        self.demand_w = min(self.demand_w, power_w)
        self.floor_w = self.granted_w = min(self.floor_w, self.demand_w)

    def guarantee(self, power_w: int) -> None:
        """Give it ``power_w`` in any case, as far as it can use that."""
        self.floor_w = self.granted_w = max(self.floor_w, min(power_w, self.demand_w))

    def grant(self, power_w: float) -> int:
        """Take the most it can use of ``power_w`` and return it."""
        if power_w >= self.demand_w:
            self.granted_w = self.demand_w
        else:
            steps_w = int(power_w // self.step_w) * self.step_w
            runs = steps_w >= self.min_w and steps_w > self.floor_w
            self.granted_w = steps_w if runs else self.floor_w
        return self.granted_w


def share(budget_w: float, claims: Sequence[Claim]) -> float:
    """Grant ``claims``, those kept longest first; return what exceeds the budget.

    A claim that cannot run at what is left falls to its floor and leaves the
    rest to the claims after it.
    """
    left_w, help_w = budget_w, 0
    for claim in claims:
        left_w -= claim.floor_w
        help_w += claim.help_w
    for claim in claims:
        if claim.help_w:
            claim.helped_w = _steps_up(min(max(-left_w, 0), claim.help_w), claim)
            left_w += claim.helped_w
            help_w -= claim.help_w
        if claim.demand_w > claim.floor_w:
            more_w = max(left_w + help_w, 0)
            left_w -= claim.grant(claim.floor_w + more_w) - claim.floor_w
    return max(0.0, -left_w)


def share_meanwhile(
    budget_w: float, claims: Sequence[Claim], late: Sequence[tuple[Claim, int]]
) -> float:
    """Share anew while those in ``late`` still draw what is given beside them.

    They keep what they were granted, which they get to in time; until then the
    others do with what is really left. Returns what exceeds the budget.
    """
    for claim, drawn_w in late:
        budget_w -= max(0, drawn_w - claim.granted_w)
        claim.floor_w = claim.demand_w = claim.granted_w
    for claim in claims:
        claim.granted_w, claim.helped_w = claim.floor_w, 0
    return share(budget_w, claims)


def _steps_up(power_w: float, claim: Claim) -> int:
    return min(int(-(-power_w // claim.step_w)) * claim.step_w, claim.help_w)
