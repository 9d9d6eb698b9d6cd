"""The engine against a second one, written minute by minute and without its code."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cem_core.tariff import (
    BillingWindow,
    CapacityTariff,
    PeakLevel,
    PeakMask,
    PeaksSoFar,
    TimeGrid,
    capacity_cost,
    integration_periods,
    weigh,
)
from cem_core.tariff.calendar import when

BRUSSELS = ZoneInfo("Europe/Brussels")
STARTS = (
    "2026-01-15T11:00+00:00",
    "2026-03-28T12:30+00:00",  # the clock is changed in the night that follows
    "2026-10-24T13:15+00:00",
    "2026-12-31T10:10+00:00",
)
LEVELS = [(2, 83), (5, 147), (10, 244)]
MASKS: list[dict[str, Any]] = [
    {"months": {11, 12, 1, 2, 3}, "weekdays": {1, 2, 3, 4, 5}, "hours": set(range(6, 20)), "weight": 1.0},
    {"months": set(range(1, 13)), "weekdays": {6, 7}, "hours": set(range(24)), "weight": 0.5},
]  # fmt: skip


def drawn(random: Random) -> dict[str, Any]:
    """Return a tariff in plain terms."""
    return {
        "minutes": random.choice([5, 15, 30, 60]),
        "top": random.choice([1, 2, 3, 5]),
        "days": random.random() < 0.5,
        "window": random.choice(["month", "year"]),
        "floor": random.choice([0, 2.5]),
        "masks": random.choice([[], MASKS, MASKS[:1]]),
        "levels": random.choice([[], LEVELS]),
        "price": 4.0,
        "so_far": random.choice([[], [3.0], [4.0, 2.0, 6.0, 1.0]]),
    }


def in_minutes(
    given: dict[str, Any], start: datetime, step: int, powers: list[float]
) -> float:
    """Return the cost of ``powers`` by the words of the tariff."""
    slots: dict[Any, list[float]] = defaultdict(list)
    for minute in range(step * len(powers)):
        local = (start + timedelta(minutes=minute)).astimezone(BRUSSELS)
        slot = local.replace(minute=local.minute // given["minutes"] * given["minutes"])
        slots[slot.isoformat()].append(powers[minute // step])
    values: dict[Any, dict[Any, float]] = defaultdict(dict)
    for name, minutes in slots.items():
        local = datetime.fromisoformat(name)
        value = weight(given, local) * sum(minutes) / len(minutes)
        window = (local.year, local.month if given["window"] == "month" else 0)
        key = local.date() if given["days"] else name
        values[window][key] = max(values[window].get(key, 0.0), value)
    cost = 0.0
    for place, window in enumerate(sorted(values)):
        known = given["so_far"] if place == 0 else []
        with_plan = bill(given, [*values[window].values(), *known])
        cost += with_plan - bill(given, known)
    return cost


def weight(given: dict[str, Any], local: datetime) -> float:
    if not given["masks"]:
        return 1.0
    for mask in given["masks"]:
        if (
            local.month in mask["months"]
            and local.isoweekday() in mask["weekdays"]
            and local.hour in mask["hours"]
        ):
            return float(mask["weight"])
    return 0.0


def bill(given: dict[str, Any], values: list[float]) -> float:
    highest = sorted(values)[-given["top"] :]
    peak = max(sum(highest) / len(highest) if highest else 0.0, given["floor"])
    if not given["levels"]:
        return float(given["price"] * peak)
    inside = [price for end, price in given["levels"] if peak <= end + 1e-6]
    return float(inside[0] if inside else given["levels"][-1][1])


def engine(given: dict[str, Any]) -> CapacityTariff:
    return CapacityTariff(
        integration_minutes=given["minutes"],
        top=given["top"],
        distinct_days=given["days"],
        window=BillingWindow(given["window"]),
        price_per_kw=given["price"],
        levels=tuple(PeakLevel(up_to_kw=e, price=p) for e, p in given["levels"]),
        floor_kw=given["floor"],
        masks=tuple(
            PeakMask(
                when=when(
                    months=",".join(map(str, mask["months"])),
                    weekdays=",".join(map(str, mask["weekdays"])),
                    hours=",".join(map(str, mask["hours"])),
                ),
                weight=mask["weight"],
            )
            for mask in given["masks"]
        ),
    )


@pytest.mark.parametrize("seed", range(80))
def test_two_engines_bill_the_same(seed: int) -> None:
    random = Random(seed)  # noqa: S311 - a repeatable draw
    given, step = drawn(random), random.choice([5, 10, 15, 60])
    start = datetime.fromisoformat(random.choice(STARTS)).astimezone(UTC)
    hours = random.choice([3, 30, 80])
    powers = [random.choice([0.0, 1.5, 3, 6, 11]) for _ in range(hours * 60 // step)]
    tariff = engine(given)
    grid = TimeGrid.equal(
        start=start, step=timedelta(minutes=step), steps=len(powers), zone=BRUSSELS
    )
    periods = integration_periods(grid, given["minutes"])
    so_far = PeaksSoFar(peaks_kw=tuple(given["so_far"]))
    cost = capacity_cost(tariff, weigh(tariff, periods), powers, so_far)
    assert cost == pytest.approx(in_minutes(given, start, step, powers), abs=1e-9)
