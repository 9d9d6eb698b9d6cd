"""UC22: twenty sockets behind one line; who charges when, and the line is kept."""

import csv
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Final

import pytest

from cem_core.dispatch.charging_queue import QueueSettings
from cem_core.model import Direction, LimitsInForce, LimitSource, PowerLimit, Scope
from tests.cem_core.dispatch.test_week_of_sessions import week
from tests.use_cases.charging_park import LEAST_W, MOST_W, Park, Stay

SITE_W: Final = 40_000
DAY: Final = Path(__file__).parent / "sessions_of_a_day.csv"
MIDNIGHT: Final = datetime(2019, 3, 4, tzinfo=UTC)


def recorded_day() -> list[Stay]:
    """Return a day of recorded arrivals; see the file's first lines for the source."""
    with DAY.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        return [
            Stay(
                socket=row["socket"],
                arrive=datetime.fromisoformat(row["arrive"]),
                depart=datetime.fromisoformat(row["depart"]),
                needed_wh=float(row["needed_wh"]),
            )
            for row in rows
        ]


def busy(count: int, *, hours: float, needed_wh: float) -> list[Stay]:
    """Return cars that all come at once and leave one after the other."""
    return [
        Stay(
            socket=f"{number:02}",
            arrive=MIDNIGHT,
            depart=MIDNIGHT + timedelta(hours=hours + number / 4),
            needed_wh=needed_wh,
        )
        for number in range(count)
    ]


def test_a_day_of_recorded_sessions_is_met_within_the_line() -> None:
    stays = recorded_day()
    park = Park(stays=stays, site_w=SITE_W, step=timedelta(minutes=1))
    park.run(MIDNIGHT, MIDNIGHT + timedelta(hours=38))

    assert len(stays) == 60
    assert max(park.drawn_w) <= SITE_W
    assert sum(stay.met for stay in stays) >= 0.98 * len(stays)


@pytest.mark.shared
@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", range(3))
def test_a_week_of_recorded_sessions_is(seed: int) -> None:
    stays = [
        Stay(f"{each.socket:02}", each.arrive, each.depart, each.needed_wh)
        for each in week(seed)
    ]
    park = Park(stays=stays, site_w=SITE_W, step=timedelta(minutes=1))
    park.run(MIDNIGHT, max(stay.depart for stay in stays))

    assert max(park.drawn_w) <= SITE_W
    assert sum(stay.met for stay in stays) >= 0.98 * len(stays)


def test_second_by_second_the_line_is_kept_and_no_relay_flaps() -> None:
    stays = busy(20, hours=1, needed_wh=8_000)
    park = Park(stays=stays, site_w=SITE_W, step=timedelta(seconds=1))
    park.run(MIDNIGHT, MIDNIGHT + timedelta(hours=1))

    assert max(park.drawn_w) <= SITE_W
    assert sum(park.drawn_w[60:1800]) >= 0.97 * 1740 * SITE_W, "what is free is used"
    for stay in stays:
        powers = [each[stay.socket] for each in park.powers_w]
        assert all(not power or power >= LEAST_W for power in powers[:1800])
        switched = [
            at for at, (a, b) in enumerate(pairwise(powers)) if bool(a) != bool(b)
        ]
        assert all(b - a >= 300 for a, b in pairwise(switched)), (stay, switched)


def test_none_waits_for_longer_than_its_turn_comes() -> None:
    stays = busy(20, hours=12, needed_wh=60_000)
    park = Park(stays=stays, site_w=SITE_W, step=timedelta(seconds=20))
    park.run(MIDNIGHT, MIDNIGHT + timedelta(hours=5))

    settings = QueueSettings()
    longest = settings.longest_wait + 3 * settings.turn
    for stay in stays:
        waited = most = 0
        for each in park.powers_w:
            waited = 0 if each[stay.socket] else waited + 1
            most = max(most, waited)
        assert most * park.step <= longest, stay


def test_a_limit_of_the_operator_is_kept_within_ten_seconds() -> None:
    limit = PowerLimit(
        limit_id="dso",
        source=LimitSource.ORDER,
        issuer="dso",
        direction=Direction.IMPORT,
        scope=Scope.CONNECTION,
        limit_w=15_000,
    )

    def limits(now: datetime) -> LimitsInForce:
        if now < MIDNIGHT + timedelta(minutes=5):
            return LimitsInForce()
        return LimitsInForce(
            strictest={(limit.direction, limit.scope): limit},
            reaching_all={(limit.direction, limit.scope): limit},
        )

    stays = busy(8, hours=2, needed_wh=10_000)
    park = Park(
        stays=stays, site_w=SITE_W, step=timedelta(seconds=1), limits=limits
    ).run(MIDNIGHT, MIDNIGHT + timedelta(minutes=20))

    assert max(park.drawn_w[290:300]) > 35_000
    assert max(park.drawn_w[310:]) <= 15_000
    first, *_, last = stays
    assert first.charged_wh > 4 * last.charged_wh, "who leaves first comes first"


def test_a_charger_that_is_away_counts_with_its_rated_power() -> None:
    stays = busy(8, hours=2, needed_wh=10_000)
    park = Park(
        stays=stays,
        site_w=SITE_W,
        step=timedelta(seconds=1),
        offline=frozenset({"00"}),
    ).run(MIDNIGHT, MIDNIGHT + timedelta(minutes=5))

    others = [sum(each.values()) - each["00"] for each in park.powers_w]
    assert max(others) <= SITE_W - MOST_W
    assert park.powers_w[-1]["00"] == LEAST_W, "it keeps its default profile"


def test_cars_that_need_nothing_more_get_what_is_left() -> None:
    needy, content = busy(2, hours=2, needed_wh=10_000)
    content.said_wh = 0.0
    park = Park(stays=[needy, content], site_w=8_500, step=timedelta(seconds=1))
    last = park.run(MIDNIGHT, MIDNIGHT + timedelta(minutes=1)).powers_w[-1]

    assert last["00"] == MOST_W
    assert last["01"] == 0, "less than 6 A is left"
    park.site_w = 11_000
    last = park.run(MIDNIGHT, MIDNIGHT + timedelta(minutes=1)).powers_w[-1]
    assert last["00"] == MOST_W
    assert last["01"] >= LEAST_W
