"""What meters bill: one alone, one by phase, two of which one measures part of the other.

Two meters in cascade share the connection: the outer measures all, the inner a part
of it. What the inner counts is billed by its own tariff, and the difference of the
two, outer less inner, by the tariff of what is between them. Energy that is made
behind the inner meter serves what is behind it first, then what is between the two,
and only the rest leaves; nothing of it is counted as bought.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from cem_core.tariff.integration import Powers
from cem_core.tariff.netting import netted_kwh


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """What a kWh costs and brings in each step, in currency."""

    bought_per_kwh: Powers
    sold_per_kwh: Powers


def each_step(steps: int) -> Sequence[Sequence[int]]:
    """Return netting periods of one step each."""
    return [[t] for t in range(steps)]


def meter_bill(
    prices: Prices,
    net_kw: Powers,
    *,
    hours: float,
    periods: Sequence[Sequence[int]] = (),
) -> float:
    """Return what a meter's energy costs, less what it brings.

    ``net_kw`` is import less export of each step of ``hours``. Import and export of
    a period of ``periods`` are billed net at the price of its first step; without
    periods each step is one.
    """
    found = periods or each_step(len(net_kw))
    cost = 0.0
    for steps, kwh in zip(found, netted_kwh(found, net_kw, hours), strict=True):
        price = prices.bought_per_kwh if kwh > 0 else prices.sold_per_kwh
        cost += price[steps[0]] * kwh
    return cost


def cascade_bill(
    outer: Prices,
    inner_per_kwh: Powers,
    outer_kw: Powers,
    inner_kw: Powers,
    *,
    hours: float,
    periods: Sequence[Sequence[int]] = (),
) -> float:
    """Return what two meters in cascade cost together.

    bill = sum of p_inner I+ + p_outer (N+ - I+) - p_sold N-

    with N the net energy at the outer and I that at the inner meter in each period.
    """
    found = periods or each_step(len(outer_kw))
    cost = 0.0
    for steps, all_kwh, part_kwh in zip(
        found,
        netted_kwh(found, outer_kw, hours),
        netted_kwh(found, inner_kw, hours),
        strict=True,
    ):
        t, counted_kwh = steps[0], max(part_kwh, 0.0)
        difference_kwh = max(all_kwh, 0.0) - counted_kwh
        cost += (
            inner_per_kwh[t] * counted_kwh + outer.bought_per_kwh[t] * difference_kwh
        )
        cost -= outer.sold_per_kwh[t] * max(-all_kwh, 0.0)
    return cost
