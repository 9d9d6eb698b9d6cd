"""Days that were lived again, and their sums."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given, strategies as st
import pytest

from cem_core.insight.savings import SavedDay, periods, row, usual_error
from cem_core.tariff import CapacityTariff

NOON = datetime(2026, 3, 1, 11, tzinfo=UTC)
DAY = SavedDay(
    start=NOON - timedelta(days=1),
    end=NOON,
    controlled=False,
    measured_share=1.0,
    bill=3.1,
    without=3.0,
    planned=2.2,
    known=2.0,
    perfect=1.9,
    peak_kw=4.0,
    peak_without_kw=5.0,
    peak_planned_kw=3.0,
    import_kwh=12.0,
    export_kwh=2.0,
    produced_kwh=8.0,
    export_planned_kwh=1.0,
)


def local(time: datetime) -> date:
    return time.date()


def later(days: int, **changes: Any) -> SavedDay:
    shift = timedelta(days=days)
    return replace(DAY, start=DAY.start + shift, end=DAY.end + shift, **changes)


def test_a_day_that_was_only_observed_would_have_saved() -> None:
    found = row([DAY], error=0.1)
    assert (found["saved_min"], found["saved"], found["saved_max"]) == (0.7, 0.8, 0.9)
    assert found["split"] == {"forecast": 0.2, "planning": 0.1}
    assert found["self_use"] == 0.75
    assert found["self_use_planned"] == 0.875
    assert found["co2_kg"] is None


def test_what_planning_missed_is_unknown_with_one_day_of_which_it_is() -> None:
    unknown = later(1, perfect=None)
    found = row([DAY, unknown], error=0.0)
    assert found["perfect"] is None
    assert found["split"] == {"forecast": 0.4, "planning": None}
    assert SavedDay.from_json(unknown.to_json()) == unknown


def test_a_day_under_control_saved_what_the_bill_says() -> None:
    found = row([replace(DAY, controlled=True, bill=3.4)], error=0.0)
    assert found["saved"] == -0.4  # a loss is told as one


def test_what_is_stored_at_the_end_is_part_of_what_a_day_saved() -> None:
    """A battery that ends full is no loss, one that ends empty saved nothing by it."""
    full = replace(DAY, controlled=True, bill=3.4, stored=0.6)
    assert full.saved == pytest.approx(0.2)
    observed = replace(DAY, bill=3.1, stored=0.1)
    assert observed.model_error == pytest.approx(0.0)


def test_a_house_that_is_not_learned_is_wrong_each_day_alike() -> None:
    found = row([replace(DAY, unsure=0.2), later(1, unsure=0.1)], error=0.0)
    assert found["saved_max"] - found["saved"] == pytest.approx(0.3)


def test_co2_is_summed_over_the_days_that_tell_of_it() -> None:
    told = later(1, co2_kg=4.0, co2_without_kg=5.0, co2_planned_kg=0.0)
    found = row([DAY, told, told], error=0.0)
    names = ("co2_kg", "co2_without_kg", "co2_planned_kg", "co2_days")
    assert [found[name] for name in names] == [8.0, 10.0, 0.0, 2]
    assert row([DAY], error=0.0)["co2_days"] == 0


def test_a_day_that_an_older_version_stored_is_read() -> None:
    younger = DAY.to_json()
    since = ("stored", "unsure", "co2_kg", "co2_without_kg", "co2_planned_kg")
    older = {name: value for name, value in younger.items() if name not in since}
    assert SavedDay.from_json(older) == DAY


def test_errors_of_days_partly_cancel_out() -> None:
    found = row([DAY, later(1), later(2), later(3)], error=0.1)
    assert found["saved"] == 3.2
    assert found["saved_max"] - found["saved"] == pytest.approx(0.2)


def test_the_error_is_that_of_days_without_control() -> None:
    days = [DAY, later(1, bill=3.3), replace(later(2), controlled=True, bill=9.0)]
    assert usual_error(days, 3.0) == pytest.approx(0.2)
    assert usual_error([replace(DAY, controlled=True)], -3.0) == pytest.approx(0.3)


def test_a_home_without_a_roof_uses_nothing_itself() -> None:
    assert row([replace(DAY, produced_kwh=0.0)], error=0)["self_use"] is None


def test_periods_end_with_the_newest_day() -> None:
    before = later(-40)  # in January
    found = {p["period"]: p for p in periods([before, later(-1), DAY], local, None)}
    assert [found[name]["days"] for name in ("today", "month", "year")] == [1, 1, 3]
    assert found["year"]["bill"] == pytest.approx(9.3)
    assert found["year"]["capacity"] is None
    assert periods([], local, None) == []


def test_peaks_cost_by_billing_window() -> None:
    capacity = CapacityTariff(price_per_kw=2.0, floor_kw=2.5)
    days = [later(-1, peak_kw=6.0), DAY, later(1, peak_kw=1.0)]
    found = {p["period"]: p for p in periods(days, local, capacity)}
    assert found["today"]["capacity"] is None
    assert found["month"]["capacity"] == pytest.approx(2 * 4.0)
    assert found["year"]["capacity"] == pytest.approx(2 * 6.0 + 2 * 4.0)
    assert found["year"]["capacity_planned"] == pytest.approx(2 * 3.0 * 2)


money = st.floats(-50, 50)


@given(st.lists(st.tuples(money, money, money), min_size=1, max_size=30), money)
def test_the_range_holds_the_saving_and_sums_add_up(
    bills: list[tuple[float, float, float]], error: float
) -> None:
    days = [
        later(k, bill=bill, without=without, planned=planned)
        for k, (bill, without, planned) in enumerate(bills)
    ]
    found = row(days, abs(error))
    assert found["saved_min"] <= found["saved"] <= found["saved_max"]
    assert found["saved"] == pytest.approx(
        sum(row([day], 0)["saved"] for day in days), abs=0.01
    )


@given(money, st.booleans())
def test_what_is_stored_comes_back(bill: float, controlled: bool) -> None:
    day = replace(DAY, bill=bill, controlled=controlled)
    assert SavedDay.from_json(day.to_json()) == day
