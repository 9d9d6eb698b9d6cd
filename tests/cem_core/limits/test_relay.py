"""Limits by relay contacts."""

from itertools import product

from hypothesis import given, strategies as st
import pytest

from cem_core.limits.relay import Contact, RelayInput, RelayLimit, relay_limits
from cem_core.model import Direction


def limits(closed: dict[Contact, bool], now_s: float = 10.0) -> list[RelayLimit]:
    inputs = {
        contact: RelayInput().read(is_closed, 0.0)
        for contact, is_closed in closed.items()
    }
    found = relay_limits(
        inputs, consumption_w=7560, nominal_feed_in_w=10000, now_s=now_s
    )
    return list(found)


@pytest.mark.parametrize(
    ("w3", "s2", "s1", "feed_in_w"),
    [
        (False, False, False, None),
        (False, False, True, 6000),
        (False, True, False, 3000),
        (False, True, True, 3000),
        *((True, s2, s1, 0) for s2, s1 in product((False, True), repeat=2)),
    ],
)
def test_the_strictest_feed_in_contact_rules(
    *, w3: bool, s2: bool, s1: bool, feed_in_w: float | None
) -> None:
    closed = {Contact.FEED_IN_0: w3, Contact.FEED_IN_30: s2, Contact.FEED_IN_60: s1}
    found = limits(closed)
    assert [each.limit_w for each in found] == (
        [] if feed_in_w is None else [feed_in_w]
    )
    assert all(each.direction is Direction.EXPORT for each in found)


def test_w4_dims_consumption() -> None:
    [found] = limits({Contact.CONSUMPTION: True, Contact.FEED_IN_0: False})
    assert (found.direction, found.limit_w) == (Direction.IMPORT, 7560)


def test_a_contact_may_open_to_limit() -> None:
    contact = RelayInput(limits_when_closed=False)
    assert contact.read(False, 0.0).limits(1.0)
    assert not contact.read(True, 0.0).limits(1.0)


def test_a_bouncing_contact_counts_when_it_is_steady() -> None:
    contact = RelayInput().read(False, 0.0).at(1.0)
    for place in range(20):
        contact = contact.read(place % 2 == 0, 2.0 + place * 0.1)
        assert not contact.limits(2.0 + place * 0.1)
    contact = contact.read(True, 5.0)
    assert not contact.limits(5.4)
    assert contact.limits(5.5)


def test_who_cannot_be_read_for_120_s_limits() -> None:
    contact = RelayInput().read(False, 0.0).read(None, 100.0)
    assert not contact.limits(219.9)
    assert contact.limits(220.0)
    assert not contact.read(False, 300.0).limits(300.5)


def test_who_was_never_read_limits_after_120_s() -> None:
    assert not RelayInput(since_s=50.0).limits(169.0)
    assert RelayInput(since_s=50.0).limits(170.0)


def test_a_contact_that_limits_goes_on_while_it_cannot_be_read() -> None:
    contact = RelayInput().read(True, 0.0).read(None, 10.0)
    assert all(contact.limits(now_s) for now_s in (10.0, 100.0, 130.0, 1000.0))


@given(
    st.lists(
        st.tuples(st.floats(0.01, 200), st.sampled_from([True, False, None])),
        max_size=30,
    )
)
def test_looking_more_often_changes_nothing(
    looks: list[tuple[float, bool | None]],
) -> None:
    once = often = RelayInput()
    now_s = 0.0
    for after_s, closed in looks:
        for _ in range(3):
            now_s += after_s / 3
            often = often.at(now_s)
        once, often = once.read(closed, now_s), often.read(closed, now_s)
        assert once.limits(now_s) == often.limits(now_s)
