"""What is told at once, what waits for the digest, and what is not told again."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
import json

from hypothesis import given, strategies as st
import pytest

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

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
NIGHT = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
QUIET = QuietHours(start=time(22), end=time(7))
SEND, HOLD, DROP = Verdict.SEND, Verdict.HOLD, Verdict.DROP


def post(most_a_day: int = 3, quiet: QuietHours | None = QUIET) -> Post:
    subjects = frozenset(Subject) - {Subject.PLAN}
    return Post(PostSettings(subjects=subjects, most_a_day=most_a_day, quiet=quiet))


def told(
    key: str = "one",
    urgency: Urgency = Urgency.NORMAL,
    subject: Subject = Subject.DEVICE,
    again_after: timedelta = DAY,
) -> Notification:
    return Notification(
        key=key,
        subject=subject,
        title=Message.of("title_problem"),
        text=Message.of("device_refuses", device=key, cause="no answer"),
        urgency=urgency,
        again_after=again_after,
    )


@pytest.mark.parametrize(
    ("clock", "quiet"),
    [
        ("21:59", False),
        ("22:00", True),
        ("00:00", True),
        ("06:59", True),
        ("07:00", False),
    ],
)
def test_quiet_hours_go_over_midnight(clock: str, quiet: bool) -> None:
    now = datetime.combine(NOON, time.fromisoformat(clock), UTC)
    assert QUIET.cover(now) is quiet


@pytest.mark.parametrize(("hour", "quiet"), [(12, False), (13, True), (15, False)])
def test_quiet_hours_within_a_day(hour: int, quiet: bool) -> None:
    hours = QuietHours(start=time(13), end=time(15))
    assert hours.cover(NOON.replace(hour=hour)) is quiet


def test_at_night_only_what_is_urgent_comes_at_once() -> None:
    box = post()
    assert box.judge(told("a"), NIGHT) is HOLD
    assert box.judge(told("b", Urgency.URGENT), NIGHT) is SEND
    assert box.judge(told("c", Urgency.SAFETY), NIGHT) is SEND
    assert [held.text.values["device"] for held in box.take_held(NIGHT)] == ["a"]
    assert box.take_held(NIGHT) == ()


def test_what_comes_after_the_most_a_day_waits_and_the_next_day_counts_anew() -> None:
    box = post(most_a_day=2)
    verdicts = [box.judge(told(key), NOON) for key in "abc"]
    assert verdicts == [SEND, SEND, HOLD]
    assert box.judge(told("d", Urgency.URGENT), NOON) is SEND
    assert box.judge(told("e"), NOON + DAY) is SEND


def test_the_same_is_told_once_in_its_time_and_anew_when_it_had_ended() -> None:
    box = post()
    assert box.judge(told(), NOON) is SEND
    assert box.judge(told(), NOON + MINUTE) is DROP
    box.forget("one")
    assert box.judge(told(), NOON + 2 * MINUTE) is SEND
    assert box.judge(told(), NOON + 2 * MINUTE + DAY) is SEND


def test_what_nobody_wants_is_told_to_nobody_but_for_safety() -> None:
    box = post()
    assert box.judge(told(subject=Subject.PLAN), NOON) is DROP
    cut = told("cut", Urgency.SAFETY, Subject.PLAN)
    assert box.judge(cut, NOON) is SEND
    assert box.take_held(NIGHT) == ()


def test_a_snooze_holds_all_but_safety_until_it_ends() -> None:
    box = post()
    box.snooze(NOON + 60 * MINUTE)
    assert box.judge(told("a", Urgency.URGENT), NOON) is HOLD
    assert box.judge(told("b", Urgency.SAFETY), NOON) is SEND
    assert box.judge(told("c"), NOON + 60 * MINUTE) is SEND


def test_what_is_accepted_is_not_told_again_before_its_time() -> None:
    box = post()
    box.judge(told(), NIGHT)
    box.mute("one", NIGHT + 20 * DAY)
    assert box.take_held(NIGHT) == ()
    assert box.judge(told(), NOON + 20 * DAY) is DROP
    assert box.judge(told(), NOON + 21 * DAY) is SEND


def test_the_digest_says_how_often_it_came() -> None:
    box = post()
    for minute in range(5):
        box.judge(told(again_after=timedelta(0)), NIGHT + minute * MINUTE)
    for _ in range(2):
        box.judge(told("two"), NIGHT)
    assert {
        held.text.values["device"]: held.times for held in box.take_held(NIGHT)
    } == {
        "one": 5,
        "two": 2,
    }


def test_a_restart_changes_nothing() -> None:
    box = post(most_a_day=1)
    box.judge(told("a"), NOON)
    box.judge(told("b"), NOON)
    box.snooze(NOON + MINUTE)
    again = Post.from_json(box.settings, json.loads(json.dumps(box.to_json())))
    assert again.to_json() == box.to_json()
    assert again.judge(told("c"), NOON + 2 * MINUTE) is HOLD
    assert again.judge(told("a"), NOON + 2 * MINUTE) is DROP


def test_a_sentence_of_another_version_is_left_out() -> None:
    box = post()
    box.judge(told(), NIGHT)
    stored = box.to_json()
    stored["held"]["one"]["text"]["key"] = "never_said"
    assert Post.from_json(box.settings, stored).take_held(NIGHT) == ()


def test_a_thousand_triggers_in_ten_minutes_come_to_the_most_a_day() -> None:
    box = post(most_a_day=5)
    verdicts = [
        box.judge(told(f"key {n}"), NOON + n * timedelta(seconds=0.6))
        for n in range(1000)
    ]
    assert verdicts.count(SEND) == 5
    assert len(box.take_held(NIGHT)) == 50
    assert len(box.to_json()["until"]) <= 500


@given(
    st.lists(
        st.tuples(
            st.integers(0, 3 * 24 * 60),
            st.sampled_from("abcdefgh"),
            st.sampled_from(Urgency),
            st.integers(0, 300),
        )
    ),
    st.integers(0, 4),
)
def test_normal_ones_never_come_at_night_or_too_often(
    events: list[tuple[int, str, Urgency, int]], most: int
) -> None:
    box = post(most_a_day=most)
    sent: list[datetime] = []
    for minute, key, urgency, again in sorted(events):
        now = NOON + minute * MINUTE
        verdict = box.judge(told(key, urgency, again_after=again * MINUTE), now)
        if urgency is Urgency.SAFETY:
            assert verdict is SEND
        if verdict is SEND and urgency is Urgency.NORMAL:
            sent.append(now)
    assert not any(QUIET.cover(time) for time in sent)
    days = [time.date() for time in sent]
    assert all(days.count(day) <= most for day in days)


def test_what_was_asked_for_comes_whatever_the_subjects_but_not_while_snoozed() -> None:
    asked = replace(told("run", Urgency.URGENT, Subject.PLAN), asked=True)
    assert post(most_a_day=0).judge(asked, NIGHT) is SEND
    assert post().judge(replace(asked, asked=False), NIGHT) is DROP
    snoozed = post()
    snoozed.snooze(NIGHT + DAY)
    assert snoozed.judge(asked, NIGHT) is HOLD


def test_the_digest_leaves_out_what_is_of_no_use_any_more() -> None:
    """What could be started at two is no advice at eight, also over a restart."""
    box, two = post(), NIGHT + timedelta(hours=2.5)
    assert box.judge(replace(told("run"), until=two), NIGHT) is HOLD
    assert box.judge(told("meter"), NIGHT) is HOLD
    kept = Post.from_json(box.settings, json.loads(json.dumps(box.to_json())))
    at_eight = two + timedelta(hours=6)
    assert [each.text.values["device"] for each in kept.take_held(at_eight)] == [
        "meter"
    ]
    assert len(box.take_held(two - MINUTE)) == 2
