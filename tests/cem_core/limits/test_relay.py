"""Limits by relay contacts."""

from itertools import product

from hypothesis import given, strategies as st
import pytest

from cem_core.limits import arbitrate
from cem_core.limits.relay import RelayInput, fnn_contacts, relay_limits
from cem_core.model import Direction, LimitSource, PowerLimit, Scope
from tests.cem_core.limits.test_arbitrate import NOW

FNN = fnn_contacts(consumption_w=7560, scope=Scope.CONTROLLABLE, feed_in_w=10_000)


def limits(now_s: float = 10.0, **inputs: RelayInput) -> tuple[PowerLimit, ...]:
    return relay_limits(FNN, inputs, issuer="box", relay_id="1", now_s=now_s)


def steady(closed: bool) -> RelayInput:
    return RelayInput().read(closed, 0.0)


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
    *, w3: bool, s2: bool, s1: bool, feed_in_w: int | None
) -> None:
    found = arbitrate(limits(w3=steady(w3), s2=steady(s2), s1=steady(s1)), NOW)
    shown = found.get(Direction.EXPORT, Scope.CONNECTION)
    assert (None if shown is None else shown.limit_w) == feed_in_w
    assert found.get(Direction.IMPORT, Scope.CONTROLLABLE) is None


def test_w4_dims_consumption() -> None:
    [found] = limits(w4=steady(True), w3=steady(False))
    assert (found.direction, found.scope, found.limit_w) == (
        Direction.IMPORT,
        Scope.CONTROLLABLE,
        7560,
    )
    assert (found.source, found.issuer) == (LimitSource.RELAY, "box")


def test_why_a_contact_limits_is_said() -> None:
    silent = RelayInput().read(None, 0.0)
    found = limits(130.0, w4=silent, s1=steady(True))
    assert [x.reason and x.reason.key for x in found] == [
        "contact_unreadable",
        "contact_limits",
    ]


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
