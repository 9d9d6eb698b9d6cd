"""Sources that go silent, and sources that talk too much."""

from hypothesis import given, strategies as st

from cem_core.limits.silence import Heartbeat, Rate


def test_who_need_not_speak_is_never_silent() -> None:
    assert not Heartbeat(heard_s=0.0).silent(1e9)


def test_silence_begins_after_its_time_and_ends_with_a_word() -> None:
    heartbeat = Heartbeat(heard_s=100.0, silent_after_s=60.0)
    assert not heartbeat.silent(160.0)
    assert heartbeat.silent(160.1)
    assert not heartbeat.heard(161.0).silent(221.0)


@given(st.lists(st.floats(0, 3), max_size=200))
def test_no_more_passes_than_the_rate_allows(gaps: list[float]) -> None:
    rate, now_s, passed = Rate(per_s=2, burst=5, left=5, at_s=0), 0.0, 0
    for gap in gaps:
        now_s += gap
        rate, passes = rate.take(now_s)
        passed += passes
        assert passed <= 5 + 2 * now_s + 1e-6


def test_a_burst_passes_and_then_one_at_a_time() -> None:
    rate, passed = Rate(per_s=2, burst=5, left=5, at_s=0), []
    for now_s in (0, 0, 0, 0, 0, 0, 0.5, 0.6, 1.0):
        rate, passes = rate.take(now_s)
        passed.append(passes)
    assert passed == [True] * 5 + [False, True, False, True]
