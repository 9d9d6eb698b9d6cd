"""Whether the connection point shows the orders to a device without a meter."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import median

from pyarrow import parquet
import pytest

from cem_core.devices.meter_step import MeterStep, Verdict

HOUSE = (
    Path(__file__).resolve().parents[4]
    / "shared/data/series/nilm/tracebase_houseA_days01-14_1s.parquet"
)
_EVERY_S = 900
_LAG_S = 8


@dataclass
class Lived:
    """What became of the verdict, second by second."""

    watch: MeterStep
    after_s: list[float] = field(default_factory=list)
    seconds: dict[Verdict, int] = field(
        default_factory=lambda: dict.fromkeys(Verdict, 0)
    )
    first_s: dict[Verdict, int] = field(default_factory=dict)


def lived(
    load_w: Iterable[float],
    *,
    most_w: int,
    follows: bool,
    both_ways: bool = True,
    disturbed: bool = False,
    deaf_after_s: int | None = None,
) -> Lived:
    """Order 0 and ``most_w`` in turn each quarter of an hour, after one of quiet."""
    made = Lived(MeterStep(both_ways=both_ways))
    drawn_w = 0
    for second, house_w in enumerate(load_w):
        ordered_w = most_w if second // _EVERY_S % 2 else 0
        since_s = second % _EVERY_S
        deaf = deaf_after_s is not None and second >= deaf_after_s
        if follows and not deaf and since_s >= _LAG_S:
            drawn_w = ordered_w
        followed = made.watch.update(
            second,
            ordered_w,
            house_w + drawn_w,
            disturbed=disturbed and since_s < _LAG_S,
        )
        if followed is not None:
            made.after_s.append(followed.after_s)
        verdict = made.watch.verdict
        made.seconds[verdict] += 1
        made.first_s.setdefault(verdict, second)
    return made


def house(hours: int, seed: int) -> Iterator[float]:
    """Yield a house with a fridge, a kettle and what hums."""
    random, kettle_until = Random(seed), 0  # noqa: S311 - a house's noise, no secret
    for second in range(hours * 3600):
        if random.random() < 1 / 4000:
            kettle_until = second + 150
        yield (
            200
            + random.gauss(0, 15)
            + (90 if second % 2400 < 800 else 0)
            + (2000 if second < kettle_until else 0)
        )


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("both_ways", [True, False])
def test_what_follows_is_seen(seed: int, both_ways: bool) -> None:
    made = lived(house(5, seed), most_w=3000, follows=True, both_ways=both_ways)
    assert made.watch.verdict is Verdict.SEEN
    assert made.seconds[Verdict.NOT_SEEN] == 0
    assert (made.watch.percent or 0) >= 80
    assert abs(median(made.after_s) - _LAG_S) <= 1


@pytest.mark.parametrize("seed", range(3))
def test_a_battery_that_does_not_follow_is_found(seed: int) -> None:
    made = lived(house(5, seed), most_w=-3000, follows=False)
    assert made.watch.verdict is Verdict.NOT_SEEN
    assert made.seconds[Verdict.SEEN] == 0
    assert made.first_s[Verdict.NOT_SEEN] <= 3 * 3600


def test_a_car_that_never_draws_is_not_accused() -> None:
    made = lived(house(5, 1), most_w=3000, follows=False, both_ways=False)
    assert made.seconds == {Verdict.SEEN: 0, Verdict.NOT_SEEN: 0, Verdict.UNSURE: 18000}
    assert made.watch.percent is None


def test_a_battery_that_stops_following_is_found_out() -> None:
    made = lived(house(8, 2), most_w=3000, follows=True, deaf_after_s=3 * 3600 + 60)
    assert made.first_s[Verdict.SEEN] < 3 * 3600
    assert made.watch.verdict is Verdict.NOT_SEEN


def test_a_step_that_drowns_in_the_house_is_not_judged() -> None:
    random = Random(4)  # noqa: S311 - a house's noise, no secret
    load_w = (random.choice((0, 1500)) for _ in range(4 * 3600))
    made = lived(load_w, most_w=400, follows=False)
    assert made.watch.verdict is Verdict.UNSURE


def test_orders_beside_those_to_other_devices_are_not_judged() -> None:
    made = lived(house(4, 1), most_w=3000, follows=False, disturbed=True)
    assert made.watch.verdict is Verdict.UNSURE


def test_a_silent_meter_tells_nothing() -> None:
    watch = MeterStep(both_ways=True)
    for second in range(4 * 3600):
        watch.update(second, 3000 * (second // _EVERY_S % 2), None)
    assert watch.verdict is Verdict.UNSURE


@pytest.mark.shared
@pytest.mark.timeout(300)
@pytest.mark.parametrize("most_w", [1400, 3000])
def test_false_alarms_in_a_recorded_house(most_w: int) -> None:
    """Two weeks at 1 s: no follower is accused, no other is acquitted."""
    load_w = parquet.read_table(HOUSE, columns=["aggregate"])["aggregate"].to_pylist()
    good = lived(load_w, most_w=-most_w, follows=True)
    assert good.seconds[Verdict.NOT_SEEN] == 0
    assert good.seconds[Verdict.SEEN] >= 0.95 * len(load_w)
    bad = lived(load_w, most_w=-most_w, follows=False)
    assert bad.seconds[Verdict.SEEN] == 0
    assert bad.seconds[Verdict.NOT_SEEN] >= 0.95 * len(load_w)
