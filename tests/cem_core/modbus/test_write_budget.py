"""Stored registers are written so often a day; limits always are."""

from datetime import UTC, datetime, timedelta
import json

from hypothesis import given, strategies as st
import pytest

from cem_core.modbus.write_budget import BudgetError, WriteBudget

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


def test_so_many_a_day_and_again_tomorrow() -> None:
    budget = WriteBudget(a_day=2)
    for _ in range(2):
        budget.take("limit", NOON, safety=False)
    with pytest.raises(BudgetError, match="limit was written 2 times today, of 2"):
        budget.take("limit", NOON, safety=False)
    budget.take("other", NOON, safety=False)
    budget.take("limit", NOON + timedelta(hours=12), safety=False)
    assert budget.left("limit", NOON + timedelta(hours=12)) == 1


def test_a_limit_passes_and_is_counted() -> None:
    budget = WriteBudget(a_day=1)
    for _ in range(3):
        budget.take("limit", NOON, safety=True)
    assert budget.left("limit", NOON) == 0
    with pytest.raises(BudgetError, match="3 times"):
        budget.take("limit", NOON, safety=False)


def test_a_clock_set_back_gives_no_day_twice() -> None:
    budget = WriteBudget(a_day=1)
    budget.take("limit", NOON, safety=False)
    with pytest.raises(BudgetError):
        budget.take("limit", NOON - timedelta(days=1), safety=False)


@given(
    orders=st.lists(
        st.tuples(st.sampled_from("ab"), st.integers(0, 200), st.booleans())
    )
)
def test_a_restart_changes_nothing(orders: list[tuple[str, int, bool]]) -> None:
    """``orders``: register, hours later, safety."""
    whole, restarted = WriteBudget(a_day=3), WriteBudget(a_day=3)
    at = NOON
    for register, hours, safety in orders:
        at += timedelta(hours=hours / 10)
        results = []
        for budget in (whole, restarted):
            try:
                budget.take(register, at, safety=safety)
            except BudgetError as error:
                results.append(str(error))
            else:
                results.append("")
        assert results[0] == results[1]
        kept = json.loads(json.dumps(restarted.as_data()))
        restarted = WriteBudget.from_data(kept, a_day=3)
    assert whole == restarted
