"""UC13: people are told what matters, at a time that suits, and not too often."""

from datetime import UTC, datetime, time, timedelta
from math import cos, pi, sin
from random import Random

import pytest

from cem_core.insight.unusual import Day, days_of, risen_standby, unusual_day
from cem_core.model import Message
from cem_core.notification import (
    Notification,
    Post,
    PostSettings,
    QuietHours,
    Subject,
    Urgency,
    Verdict,
)

NORMAL, URGENT, SAFETY = Urgency
SEND, HOLD, DROP = Verdict.SEND, Verdict.HOLD, Verdict.DROP
MONDAY = datetime(2026, 11, 2, tzinfo=UTC)
SETTINGS = PostSettings(
    subjects=frozenset(Subject) - {Subject.PLAN},
    most_a_day=4,
    quiet=QuietHours(start=time(22), end=time(7)),
)
# When, what, about what, how urgent: what becomes of it.
SITUATIONS = (
    ("00:10", "near import", Subject.NEAR_LIMIT, NORMAL, HOLD),  # night
    ("00:20", "very near import", Subject.NEAR_LIMIT, URGENT, SEND),
    ("00:21", "supply is cut", Subject.NEAR_LIMIT, SAFETY, SEND),
    ("02:00", "meter silent", Subject.DEVICE, NORMAL, HOLD),
    ("06:59", "meter silent", Subject.DEVICE, NORMAL, DROP),  # known
    ("07:00", "peak ahead", Subject.PEAK, NORMAL, SEND),  # 1
    ("07:05", "plan changed", Subject.PLAN, NORMAL, DROP),  # nobody wants it
    ("07:10", "peak ahead", Subject.PEAK, NORMAL, DROP),
    ("09:00", "cheap from noon", Subject.OPPORTUNITY, NORMAL, SEND),  # 2
    ("11:00", "battery refuses", Subject.DEVICE, NORMAL, SEND),  # 3
    ("11:01", "battery refuses", Subject.DEVICE, NORMAL, DROP),
    ("12:00", "operator's limit", Subject.LIMIT, NORMAL, SEND),  # 4
    ("12:01", "wallbox disobeys", Subject.DEVICE, URGENT, SEND),
    ("13:00", "budget 80 %", Subject.BUDGET, NORMAL, HOLD),  # enough for today
    ("14:00", "budget foretold", Subject.BUDGET, NORMAL, HOLD),
    ("15:00", "supply is cut", Subject.NEAR_LIMIT, SAFETY, SEND),
    ("18:00", "dishwasher later", Subject.OPPORTUNITY, NORMAL, HOLD),
    ("23:00", "very near export", Subject.NEAR_LIMIT, URGENT, SEND),
    ("23:30", "heat pump refuses", Subject.DEVICE, NORMAL, HOLD),
    ("23:59", "budget 80 %", Subject.BUDGET, NORMAL, DROP),
)


def told(what: str, subject: Subject, urgency: Urgency) -> Notification:
    return Notification(
        key=what,
        subject=subject,
        title=Message.of("title_problem"),
        text=Message.of("issuer_says", text=what),
        urgency=urgency,
    )


def test_a_day_of_twenty_situations() -> None:
    post, now = Post(SETTINGS), MONDAY
    for clock, what, subject, urgency, expected in SITUATIONS:
        now = datetime.combine(MONDAY, time.fromisoformat(clock), UTC)
        verdict = post.judge(told(what, subject, urgency), now)
        assert verdict is expected, f"{clock} {what}"
    assert [held.text.values["text"] for held in post.take_held(now)] == [
        "near import",
        "meter silent",
        "budget 80 %",
        "budget foretold",
        "dishwasher later",
        "heat pump refuses",
    ]


def test_a_thousand_repeated_triggers_in_ten_minutes_are_one_message() -> None:
    post = Post(SETTINGS)
    noon = MONDAY.replace(hour=12)
    verdicts = [
        post.judge(
            told("meter silent", Subject.DEVICE, NORMAL),
            noon + turn * timedelta(seconds=0.6),
        )
        for turn in range(1000)
    ]
    assert verdicts.count(SEND) == 1
    assert post.take_held(noon) == ()


A_YEAR_AGO = datetime(2025, 11, 3, tzinfo=UTC)
LEFT_ON = 250  # the day from which something is left on


def year_of(seed: int, left_on_w: float) -> tuple[Day, ...]:
    """Return a home's year: seasons, weekends, a fridge, people with moods."""
    chance = Random(seed)  # noqa: S311 - moods, no secrets
    hours = []
    for day in range(365):
        season = 1 + 0.3 * cos(2 * pi * day / 365)
        mood = chance.lognormvariate(0, 0.25)
        weekend = 1.3 if (A_YEAR_AGO + timedelta(days=day)).weekday() >= 5 else 1.0
        for hour in range(24):
            awake = max(0.0, sin(pi * (hour - 6) / 17)) if hour >= 6 else 0.0
            people = 600 * season * mood * weekend * awake * chance.uniform(0.4, 1.6)
            fridge = 90 + chance.uniform(-25, 25)
            hours.append(fridge + people + (left_on_w if day >= LEFT_ON else 0))
    return days_of(A_YEAR_AGO, hours, UTC)


@pytest.mark.parametrize("seed", range(4))
def test_a_usual_year_tells_of_no_standby_and_of_its_oddest_day_at_most(
    seed: int,
) -> None:
    days = year_of(seed, 0)
    told = []
    for known in range(1, 366):
        assert risen_standby(days[:known]) is None
        if (found := unusual_day(days[:known])) is not None:
            told.append(found)
    assert len(told) <= 1


@pytest.mark.parametrize("seed", range(4))
def test_what_is_left_on_is_told_within_a_week_and_for_three(seed: int) -> None:
    days = year_of(seed, 60)
    told = [k for k in range(1, 366) if risen_standby(days[:k]) is not None]
    assert LEFT_ON < told[0] <= LEFT_ON + 7
    assert told == list(range(told[0], told[-1] + 1))
    assert 14 <= len(told) <= 28
    found = risen_standby(days[: told[0]])
    assert found is not None
    assert found.more_w == pytest.approx(60, abs=15)
