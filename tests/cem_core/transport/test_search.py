"""In which order settings are tried, and for how long."""

from hypothesis import given, strategies as st
import pytest

from cem_core.meter.line_judge import Grade, Verdict
from cem_core.transport import Parity, PortSettings
from cem_core.transport.search import TRIALS, Listening, Pace, Search

NOISE = Verdict(Grade.NOISE, "noise")
SILENT = Verdict(Grade.SILENT, "silent")


def listened(*heard: tuple[float, str]) -> Listening:
    """Return what is known after bytes (``b``) and pauses (``p``) at these times."""
    listening = Listening(Pace())
    for at_s, what in heard:
        if what == "b":
            listening.heard(at_s)
        else:
            listening.paused(at_s)
    return listening


@given(grades=st.lists(st.sampled_from(Grade), min_size=20, max_size=20))
def test_every_round_ends_and_tries_nothing_twice(grades: list[Grade]) -> None:
    search = Search()
    tried: list[PortSettings] = []
    for grade in grades:
        if (settings := search.next()) is None:
            break
        tried.append(settings)
        search.seen.append((settings, Verdict(grade, "seen")))
    assert len(tried) == len(set(tried)) <= len(TRIALS) + 3
    assert search.next() is None
    assert search.words()


def test_silence_at_the_first_speed_ends_the_round() -> None:
    search = Search(seen=[(TRIALS[0], SILENT)])
    assert search.next() is None
    assert search.words() == "silent: no bytes at any speed"


def test_silence_later_does_not() -> None:
    search = Search(seen=[(TRIALS[0], NOISE), (TRIALS[1], SILENT)])
    assert search.next() == TRIALS[2]


def test_check_bits_lead_straight_to_seven_bits() -> None:
    seen = Verdict(Grade.CHECK_BITS, "text with even parity")
    search = Search(seen=[(PortSettings(9600), seen)])
    assert search.next() == PortSettings(9600, 7, Parity.EVEN)


def test_the_best_of_a_round_is_told() -> None:
    text = Verdict(Grade.TEXT, "text, but no telegram in it")
    search = Search(seen=[(TRIALS[0], NOISE), (TRIALS[1], text), (TRIALS[2], NOISE)])
    assert search.words() == (
        "no telegram at any speed; at 9600 8N1: text, but no telegram in it"
    )


@pytest.mark.parametrize(
    ("heard", "grade", "at_s", "over"),
    [
        ([], Grade.SILENT, 11.9, False),
        ([], Grade.SILENT, 12.0, True),
        # The end of a telegram, then a whole one.
        ([(0.1, "b")], Grade.NOISE, 0.1, False),
        ([(0.1, "b"), (0.5, "p")], Grade.NOISE, 0.5, False),
        ([(0.1, "b"), (0.5, "p"), (1.0, "b"), (1.4, "p")], Grade.NOISE, 1.4, True),
        ([(5.0, "b"), (5.4, "p")], Grade.NOISE, 5.4, True),
        # A line that never pauses.
        ([(0.1, "b"), (2.5, "b")], Grade.NOISE, 2.5, False),
        ([(0.1, "b"), (2.7, "b")], Grade.NOISE, 2.7, True),
        ([(0.1, "b")], Grade.CHECK_BITS, 0.1, True),
        ([(5.0, "b"), (5.4, "p"), (20.0, "b")], Grade.TEXT, 20.0, False),
        ([(5.0, "b"), (24.9, "b")], Grade.BINARY, 25.0, True),
        ([(0.1, "b")], Grade.READ, 0.1, True),
        ([(0.1, "b")], Grade.ENCRYPTED, 0.1, True),
    ],
)
def test_how_long_a_setting_is_listened_to(
    heard: list[tuple[float, str]], grade: Grade, at_s: float, *, over: bool
) -> None:
    assert listened(*heard).is_over(grade, at_s) is over
