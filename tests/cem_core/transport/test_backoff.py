"""Delays grow, stay below their bound, and are shortened by chance."""

from itertools import islice

from hypothesis import given, strategies as st

from cem_core.transport import Backoff


def test_delays_double_up_to_the_longest() -> None:
    delays = Backoff(first_s=1, factor=2, most_s=5, jitter=0).delays()
    assert list(islice(delays, 5)) == [1, 2, 4, 5, 5]


@given(st.floats(0, 1, exclude_max=True))
def test_jitter_shortens_by_at_most_its_share(chance: float) -> None:
    backoff = Backoff(first_s=1, most_s=8, jitter=0.25)
    for delay, full in zip(backoff.delays(lambda: chance), (1, 2, 4, 8), strict=False):
        assert 0.75 * full <= delay <= full
