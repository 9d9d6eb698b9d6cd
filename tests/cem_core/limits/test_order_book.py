from datetime import UTC, datetime, timedelta
import json
from typing import Any

from hypothesis import given, strategies as st
import pytest

from cem_core.limits import LimitError, OrderBook
from cem_core.model import Direction, LimitSource, Message, PowerLimit, Priority, Scope

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def order(limit_id: str = "dim", issuer: str = "operator", **more: Any) -> PowerLimit:
    fields: dict[str, Any] = {
        "source": LimitSource.ORDER,
        "direction": Direction.IMPORT,
        "scope": Scope.CONTROLLABLE,
        "limit_w": 4200,
    }
    return PowerLimit(limit_id=limit_id, issuer=issuer, **(fields | more))


def killed(book: OrderBook) -> OrderBook:
    return OrderBook.from_json(json.loads(json.dumps(book.to_json())))


def test_a_limit_without_an_end_holds_until_it_is_ended() -> None:
    book = OrderBook()
    book.order(order())
    assert book.active(NOW + 1000 * HOUR) == (order(),)
    assert book.end("dim", "operator", administrator=False) == order()
    assert book.active(NOW) == ()


def test_the_issuer_replaces_its_own_limit() -> None:
    book = OrderBook()
    book.order(order())
    book.order(order(limit_w=0))
    assert [limit.limit_w for limit in book.active(NOW)] == [0]


def test_nobody_replaces_the_limit_of_another() -> None:
    book = OrderBook()
    book.order(order())
    with pytest.raises(LimitError, match="operator"):
        book.order(order(issuer="neighbour", limit_w=99_000))
    assert book.limits == (order(),)


def test_only_the_issuer_or_an_administrator_ends_a_limit() -> None:
    book = OrderBook()
    book.order(order())
    with pytest.raises(LimitError, match="only operator or an administrator"):
        book.end("dim", "neighbour", administrator=False)
    assert book.limits == (order(),)
    book.end("dim", "neighbour", administrator=True)
    assert not book.limits


def test_ending_what_is_not_there_names_what_is() -> None:
    book = OrderBook()
    book.order(order("a"))
    book.order(order("b"))
    with pytest.raises(LimitError, match="no limit c is ordered; there are: a, b"):
        book.end("c", "operator", administrator=True)


@pytest.mark.parametrize("source", [LimitSource.CONTRACT, LimitSource.METER])
def test_only_orders_are_kept_in_the_book(source: LimitSource) -> None:
    with pytest.raises(LimitError, match="is no order"):
        OrderBook().order(order(source=source))


def test_what_came_another_way_is_ended_only_there() -> None:
    book = OrderBook()
    book.order(order("a", source=LimitSource.MQTT))
    with pytest.raises(LimitError, match="came by mqtt"):
        book.end("a", "operator", administrator=True)
    with pytest.raises(LimitError, match="was ordered by operator"):
        book.order(order("a"))
    book.end("a", "operator", administrator=False, source=LimitSource.MQTT)
    assert not book.limits


def test_whatever_a_limit_says_is_kept() -> None:
    book = OrderBook()
    book.order(
        order(
            "a",
            source=LimitSource.MQTT,
            start=NOW + HOUR,
            phase=2,
            priority=Priority.MARKET,
            reason=Message.of("ordered_by", issuer="a friend"),
        )
    )
    book.order(order("b", start=NOW))
    assert killed(book).limits == book.limits
    assert [x.limit_id for x in book.announced(NOW)] == ["a"]


def test_an_order_of_a_former_release_is_read() -> None:
    book = OrderBook()
    book.order(order("a"))
    document = book.to_json()
    for younger in ("source", "phase", "priority", "reason"):
        del document["limits"][0][younger]
    assert OrderBook.from_json(document).limits == book.limits


def test_a_time_without_an_offset_is_refused() -> None:
    with pytest.raises(LimitError, match="no offset"):
        OrderBook().order(order(end=NOW.replace(tzinfo=None)))


def test_an_end_is_reported_once_and_in_order_of_time() -> None:
    book = OrderBook()
    book.order(order("late", end=NOW + HOUR))
    book.order(order("early", end=NOW + HOUR / 2))
    book.order(order("for ever"))
    assert book.expire(NOW) == ()
    ended = book.expire(NOW + HOUR)
    assert [limit.limit_id for limit in ended] == ["early", "late"]
    assert book.expire(NOW + HOUR) == ()
    assert [limit.limit_id for limit in book.limits] == ["for ever"]


def test_a_limit_survives_a_kill_and_one_that_ended_meanwhile_is_reported() -> None:
    book = OrderBook()
    book.order(order("short", end=NOW + HOUR))
    book.order(order("long", end=NOW + 9 * HOUR))
    again = killed(book)
    assert [limit.limit_id for limit in again.expire(NOW + 2 * HOUR)] == ["short"]
    assert [x.limit_id for x in again.active(NOW + 2 * HOUR)] == ["long"]


def test_a_limit_that_starts_later_does_not_hold_yet() -> None:
    book = OrderBook()
    book.order(order(start=NOW + HOUR))
    assert book.active(NOW) == ()
    assert len(book.active(NOW + HOUR)) == 1


times = st.integers(0, 10_000).map(lambda hours: NOW + hours * HOUR)


@given(
    st.lists(
        st.builds(
            lambda i, w, d, s, end: order(i, limit_w=w, direction=d, scope=s, end=end),
            st.text(min_size=1),
            st.integers(0, 10**6),
            st.sampled_from(Direction),
            st.sampled_from(Scope),
            st.none() | times,
        )
    )
)
def test_a_book_comes_back_from_json_as_it_was(limits: list[PowerLimit]) -> None:
    book = OrderBook()
    for limit in limits:
        book.order(limit)
    assert killed(book).limits == book.limits


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"version": 2, "limits": []},
        {"version": 1, "limits": [{}]},
        {"version": 1, "limits": 7},
        {"version": 1, "limits": [None]},
        {"version": 1, "limits": [{**OrderBook().to_json(), "limit_w": -1}]},
    ],
)
def test_what_is_no_book_is_refused_with_a_sentence(document: dict[str, Any]) -> None:
    with pytest.raises(LimitError, match="the stored orders"):
        OrderBook.from_json(document)


def test_an_infinite_stored_limit_is_refused_with_a_sentence() -> None:
    book = OrderBook()
    book.order(order("a"))
    document = book.to_json()
    document["limits"][0]["limit_w"] = float("inf")
    with pytest.raises(LimitError, match="the stored orders"):
        OrderBook.from_json(document)
