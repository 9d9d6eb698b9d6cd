"""OpenADR 3's capacity types."""

from datetime import timedelta
import math

import pytest

from cem_core.limits import OrderBook
from cem_core.limits.openadr_capacity import capacity_limits
from cem_core.model import Direction, LimitSource, PowerLimit, Priority, Scope
from tests.cem_core.limits.test_arbitrate import NOW

HOUR = timedelta(hours=1)


def limits(units: str | None = "KW", **values: float) -> tuple[PowerLimit, ...]:
    return capacity_limits(
        values, units=units, issuer="VTN", event_id="7", start=NOW, end=NOW + HOUR
    )


def test_a_capacity_limit_is_an_obligation_at_the_connection() -> None:
    (limit,) = limits(IMPORT_CAPACITY_LIMIT=4.2, PRICE=0.3)
    assert (limit.limit_w, limit.direction, limit.scope) == (
        4200,
        Direction.IMPORT,
        Scope.CONNECTION,
    )
    assert (limit.priority, limit.source) == (Priority.OBLIGATION, LimitSource.OPENADR)
    assert (limit.start, limit.end) == (NOW, NOW + HOUR)


def test_zero_is_a_limit() -> None:
    (limit,) = limits(EXPORT_CAPACITY_LIMIT=0)
    assert (limit.limit_w, limit.direction) == (0, Direction.EXPORT)


def test_a_reservation_is_granted_on_top_of_the_subscription() -> None:
    (limit,) = limits(IMPORT_CAPACITY_SUBSCRIPTION=5, IMPORT_CAPACITY_RESERVATION=1.5)
    assert (limit.limit_w, limit.priority) == (6500, Priority.CONTRACT)
    assert limits(IMPORT_CAPACITY_RESERVATION=1.5) == ()


def test_all_of_one_interval_are_kept_apart_and_over_a_restart() -> None:
    found = limits(
        IMPORT_CAPACITY_LIMIT=4,
        IMPORT_CAPACITY_SUBSCRIPTION=5,
        EXPORT_CAPACITY_LIMIT=3,
        EXPORT_CAPACITY_SUBSCRIPTION=2,
    )
    book = OrderBook()
    for limit in found:
        book.order(limit)
    assert len(book.limits) == 4
    assert OrderBook.from_json(book.to_json()).limits == book.limits


@pytest.mark.parametrize(("units", "limit_w"), [("W", 4), ("kW", 4000)])
def test_the_unit_is_the_events(units: str, limit_w: int) -> None:
    (limit,) = limits(units, IMPORT_CAPACITY_LIMIT=4)
    assert limit.limit_w == limit_w


@pytest.mark.parametrize("units", [None, "", "KWH", "AMPS"])
def test_a_unit_is_never_guessed(units: str | None) -> None:
    with pytest.raises(ValueError, match="event 7: units"):
        limits(units, IMPORT_CAPACITY_LIMIT=4)


@pytest.mark.parametrize("value", [-1, math.nan, math.inf, 1e9])
def test_nonsense_is_no_limit(value: float) -> None:
    with pytest.raises(ValueError, match="cannot be a limit"):
        limits(IMPORT_CAPACITY_LIMIT=value)
