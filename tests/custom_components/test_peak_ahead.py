"""A peak that is planned above the month's."""

from datetime import datetime, timedelta
from typing import Any

from custom_components.cem.peak_ahead import PeakAhead, peak_ahead
from tests.custom_components.test_sentences import NOON


def planned(
    *import_kw: float, minutes: int = 15, start: datetime = NOON
) -> dict[str, Any]:
    """Return the part of PLAN that a peak shows in."""
    step = timedelta(minutes=minutes)
    return {
        "times": [(start + n * step).isoformat() for n in range(len(import_kw))],
        "minutes": [minutes] * len(import_kw),
        "grid": {"import_kw": list(import_kw)},
    }


def test_a_peak_ahead_is_the_first_quarter_hour_above_the_month() -> None:
    plan = planned(1.0, 3.2, 5.0)
    assert peak_ahead(plan, 3000) == PeakAhead(
        start=NOON + timedelta(minutes=15), mean_w=3200, peak_so_far_w=3000
    )
    assert peak_ahead(plan, 5000) is None
    assert peak_ahead(plan, None) is None
    assert peak_ahead(None, 3000) is None
    assert peak_ahead(plan | {"grid": {"import_kw": []}}, 3000) is None


def test_a_peak_ahead_is_a_mean_by_the_clock() -> None:
    # 9 kW for 5 minutes are 3 kW in a quarter hour.
    assert peak_ahead(planned(9.0, 0.0, 0.0, minutes=5), 3000) is None
    assert peak_ahead(planned(9.0, 1.0, 0.0, minutes=5), 3000) is not None
    hour = peak_ahead(planned(4.0, minutes=60), 3000)
    assert hour is not None
    assert hour.mean_w == 4000


def test_a_peak_of_the_next_month_is_not_this_ones() -> None:
    late = datetime.fromisoformat("2026-01-31T23:45:00+01:00")
    assert peak_ahead(planned(1.0, 9.0, start=late), 3000) is None
