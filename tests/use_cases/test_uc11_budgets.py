"""UC11: budgets count right, foretell in time, and each mark is told once a period."""

from datetime import datetime, timedelta
from math import cos, pi, sin
from zoneinfo import ZoneInfo

import pytest

from cem_core.insight.budget import HOUR, LOOKS_BACK, Counted, Mark, Progress, progress
from cem_core.model import Message
from cem_core.notification import Notification, Post, PostSettings, Subject, Verdict

ZONE = ZoneInfo("Europe/Amsterdam")
YEAR = 2026


def load_kwh(at: datetime) -> float:
    """A home that is dearer in winter, in the evening and at the weekend."""
    local = at.astimezone(ZONE)
    season = 1 + 0.4 * cos(2 * pi * local.timetuple().tm_yday / 365)
    evening = 0.3 + 0.5 * max(0.0, sin(pi * (local.hour - 15) / 9))
    weekend = 1.25 if local.weekday() >= 5 else 1.0
    return season * evening * weekend


def month(number: int) -> tuple[datetime, datetime]:
    start = datetime(YEAR, number, 1, tzinfo=ZONE)
    end = datetime(YEAR + number // 12, number % 12 + 1, 1, tzinfo=ZONE)
    return start, end


def truth(start: datetime, end: datetime) -> dict[datetime, float]:
    first, found = start.astimezone(ZoneInfo("UTC")), {}
    while first < end:
        found[first] = load_kwh(first)
        first += HOUR
    return found


def at(number: int, share: float, amount: float) -> Progress:
    """Return how a month's budget stands when ``share`` of it has passed."""
    start, end = month(number)
    hours = truth(start - LOOKS_BACK, end)
    now = start + share * (end - start)
    known = {time: value for time, value in hours.items() if time < now}
    return progress(amount, start, end, Counted(hours=known), ZONE)


@pytest.mark.parametrize("number", range(1, 13))
def test_a_month_counts_what_flowed_within_a_thousandth(number: int) -> None:
    start, end = month(number)
    flowed = sum(truth(start, end).values())
    found = at(number, 1.0, 500)
    assert found.used == pytest.approx(flowed, rel=1e-3)
    assert found.expected == pytest.approx(flowed, rel=1e-3)
    assert found.elapsed == 1


@pytest.mark.parametrize("number", range(1, 13))
def test_half_way_the_end_is_foretold_within_a_tenth(number: int) -> None:
    start, end = month(number)
    flowed = sum(truth(start, end).values())
    assert at(number, 0.5, 500).expected == pytest.approx(flowed, rel=0.10)


def test_a_month_that_will_not_last_is_told_before_each_mark_once() -> None:
    start, end = month(11)
    amount = 0.8 * sum(truth(start, end).values())
    post = Post(PostSettings(subjects=frozenset(Subject), most_a_day=5))
    told: list[Mark] = []
    for day in range(1, 31):
        now = start + timedelta(days=day)
        for mark in at(11, day / 30, amount).marks(0.8):
            notification = Notification(
                key=f"budget:{mark}",
                subject=Subject.BUDGET,
                title=Message.of("title_budget", budget="Power"),
                text=Message.of("issuer_says", text=str(mark)),
                again_after=timedelta(days=40),
            )
            if post.judge(notification, now) is Verdict.SEND:
                told.append(mark)
    assert told == [Mark.FORETOLD, Mark.NEARLY, Mark.OVER]


def test_a_budget_that_lasts_is_no_news() -> None:
    start, end = month(6)
    amount = 1.4 * sum(truth(start, end).values())
    assert all(not at(6, day / 30, amount).marks(0.8) for day in range(31))
