from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from cem_core.insight.learned.hours import (
    bridged,
    hourly_means,
    hours_before,
    plausible,
)

NAN = float("nan")


def test_hours_count_to_the_newest() -> None:
    newest = datetime(2026, 1, 2, 23, 45, tzinfo=UTC)
    times = [newest, newest - timedelta(minutes=46), newest - timedelta(days=1)]
    assert hours_before(times, timedelta(days=1)) == [23, 22, -1]


def test_a_mean_is_of_what_is_known() -> None:
    values = np.array([1.0, 3.0, NAN, NAN, 7.0, 9.0])
    means = hourly_means([0, 0, 0, 1, 2, -1], values, 4)
    assert means == pytest.approx([2.0, NAN, 7.0, NAN], nan_ok=True)


def test_what_cannot_be_is_unknown() -> None:
    given = [None, NAN, float("inf"), -1.0, 0.0, 5.0, 5.1]
    assert plausible(given, 0, 5) == pytest.approx(
        [NAN, NAN, NAN, NAN, 0.0, 5.0, NAN], nan_ok=True
    )


def test_short_gaps_are_bridged_and_nothing_is_invented_at_the_ends() -> None:
    values = np.array([NAN, 1, NAN, NAN, 4, NAN, NAN, NAN, 8, NAN])
    assert bridged(values, 2) == pytest.approx(
        [NAN, 1, 2, 3, 4, NAN, NAN, NAN, 8, NAN], nan_ok=True
    )
    assert bridged(np.full(3, NAN), 2) == pytest.approx([NAN] * 3, nan_ok=True)
