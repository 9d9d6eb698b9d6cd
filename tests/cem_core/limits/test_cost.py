"""What limits cost in all, from what each plan says of the rest."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
import json

from hypothesis import given, strategies as st
import pytest

from cem_core.limits.cost import CostLedger
from cem_core.model import Direction, LimitSource, PowerLimit, Scope

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
LIMIT = PowerLimit(
    limit_id="dso",
    source=LimitSource.ORDER,
    issuer="dso",
    direction=Direction.IMPORT,
    scope=Scope.CONTROLLABLE,
    limit_w=4200,
    start=NOON,
    end=NOON + 2 * HOUR,
)
ENDLESS = replace(LIMIT, end=None)
PLAN = 36 * HOUR


def after(
    ledger: CostLedger, cost: float, hours: float, *limits: PowerLimit
) -> CostLedger:
    """Return the ledger after a plan made ``hours`` after noon."""
    at = NOON + hours * HOUR
    return ledger.planned(limits or (LIMIT,), cost, at=at, plan_end=at + PLAN)


NEW = CostLedger(at=NOON, until=NOON)


def test_later_plans_of_the_same_limit_say_only_what_is_left() -> None:
    ledger = after(after(after(NEW, 0.8, 0), 0.5, 1), 0.1, 1.5)
    assert ledger.total == pytest.approx(0.8)
    assert ledger.borne == pytest.approx(0.7)
    assert ledger.borne_by(NOON + 2 * HOUR) == pytest.approx(0.8)


def test_an_announced_limit_costs_what_the_last_plan_before_it_says() -> None:
    announced = after(after(NEW, 0.8, -5), 0.6, -1)
    assert not announced.begun
    assert announced.total == 0.6
    assert announced.borne_by(NOON) == 0
    assert after(announced, 0.7, 0).total == pytest.approx(0.7)


def test_a_stricter_limit_adds_what_the_rest_costs_more() -> None:
    """Half of 0.8 is borne after one of two hours; the rest costs 0.9 now."""
    stricter = after(after(NEW, 0.8, 0), 0.9, 1, replace(LIMIT, limit_w=0))
    assert stricter.total == pytest.approx(0.4 + 0.9)


def test_a_limit_that_is_taken_back_leaves_a_rest_that_nobody_bears() -> None:
    ledger = after(NEW, 0.8, 0)
    assert ledger.borne_by(NOON + HOUR / 2) == pytest.approx(0.2)


def test_a_limit_without_an_end_costs_by_the_time_that_it_held() -> None:
    """Each plan says 3.60 for its 36 hours: 10 cents an hour, for ten days."""
    ledger = NEW
    for quarter in range(10 * 24 * 4 + 1):
        ledger = after(ledger, 3.6, quarter / 4, ENDLESS)
    assert ledger.borne == pytest.approx(24.0)
    assert ledger.borne_by(NOON + 240.5 * HOUR) == pytest.approx(24.05)


def test_a_second_order_is_counted_with_the_first() -> None:
    other = replace(LIMIT, limit_id="other", limit_w=0)
    both = after(after(NEW, 0.8, 0), 1.4, 1, LIMIT, other)
    assert both.limit_ids == {"dso", "other"}
    assert both.total == pytest.approx(0.4 + 1.4)


def test_a_restart_takes_the_same_limit_for_the_same() -> None:
    ledger = after(NEW, 0.8, 0)
    kept = CostLedger.from_json(json.loads(json.dumps(ledger.to_json())))
    assert kept.borne_by(NOON + 3 * HOUR) == pytest.approx(0.8)  # it ended meanwhile
    assert after(kept, 0.5, 1).total == pytest.approx(0.8)


@given(
    costs=st.lists(st.floats(0, 100), min_size=1, max_size=20),
    steps=st.lists(st.floats(0.01, 0.1), min_size=20, max_size=20),
)
def test_the_total_of_a_limit_that_ends_in_the_plan_is_what_was_said_first(
    costs: list[float], steps: list[float]
) -> None:
    ledger, hours = NEW, 0.0
    for cost, step in zip(costs, steps, strict=False):
        ledger, hours = after(ledger, cost, hours), hours + step
    assert ledger.total == pytest.approx(costs[0])
