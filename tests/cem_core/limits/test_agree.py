from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from cem_core.limits.agree import agree
from cem_core.model import Direction, LimitSource, PowerLimit, Scope

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
END = NOON + timedelta(hours=2)
LIMIT = PowerLimit(
    limit_id="dso",
    source=LimitSource.ORDER,
    issuer="dso",
    direction=Direction.IMPORT,
    scope=Scope.CONTROLLABLE,
    limit_w=4200,
    start=NOON,
    end=END,
)


def test_the_order_in_which_limits_come_does_not_matter() -> None:
    other = replace(LIMIT, limit_id="other")
    assert agree([LIMIT, other], [other, LIMIT])
    assert agree([], [])


def test_an_end_that_trembles_is_the_same_end() -> None:
    assert agree([LIMIT], [replace(LIMIT, end=END + timedelta(seconds=1))])


@pytest.mark.parametrize(
    "other",
    [
        replace(LIMIT, limit_w=4201),
        replace(LIMIT, direction=Direction.EXPORT),
        replace(LIMIT, scope=Scope.CONNECTION),
        replace(LIMIT, phase=1),
        replace(LIMIT, start=None),
        replace(LIMIT, end=None),
        replace(LIMIT, end=NOON + timedelta(hours=3)),
        replace(LIMIT, limit_id="other"),
    ],
)
def test_what_holds_otherwise_is_another_limit(other: PowerLimit) -> None:
    assert not agree([LIMIT], [other])
    assert not agree([other], [LIMIT])
    assert not agree([LIMIT], [])
