from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from cem_core.model import Direction, LimitSource, PowerLimit, Priority, Scope

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def limit(
    limit_w: int = 0, start: datetime | None = None, end: datetime | None = None
) -> PowerLimit:
    return PowerLimit(
        limit_id="dim",
        source=LimitSource.ORDER,
        issuer="operator",
        direction=Direction.IMPORT,
        scope=Scope.CONNECTION,
        limit_w=limit_w,
        start=start,
        end=end,
    )


def test_zero_is_a_limit_and_less_is_none() -> None:
    assert limit(0).limit_w == 0
    with pytest.raises(ValueError, match="-1 W is negative"):
        limit(-1)


@pytest.mark.parametrize("phase", [0, 4])
def test_there_are_three_phases(phase: int) -> None:
    with pytest.raises(ValueError, match="is not 1, 2 or 3"):
        replace(limit(0), phase=phase)


@pytest.mark.parametrize(
    ("source", "priority", "is_order", "reaches_all"),
    [
        (LimitSource.CONTRACT, Priority.CONTRACT, False, False),
        (LimitSource.CONTRACT, Priority.OBLIGATION, False, False),
        (LimitSource.METER, Priority.CONTRACT, False, True),
        (LimitSource.RELAY, Priority.OBLIGATION, True, True),
        (LimitSource.MQTT, Priority.MARKET, True, False),
    ],
)
def test_whom_a_limit_reaches(
    source: LimitSource, priority: Priority, is_order: bool, reaches_all: bool
) -> None:
    found = replace(limit(0), source=source, priority=priority)
    assert (found.is_order, found.reaches_all) == (is_order, reaches_all)


def test_a_limit_cannot_end_before_it_starts() -> None:
    with pytest.raises(ValueError, match="ends before it starts"):
        limit(start=NOON, end=NOON)


def test_without_an_end_it_holds_until_it_is_changed() -> None:
    assert limit(start=NOON).in_force(NOON + 10_000 * HOUR)
    assert not limit(start=NOON).in_force(NOON - HOUR)
    assert not limit(end=NOON).in_force(NOON)
