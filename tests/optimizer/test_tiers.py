"""Steps of unequal length: on the clock, with the energy of their own length."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import numpy as np
import pytest

from optimizer.align import horizon_of
from optimizer.document import InputError
from optimizer.home import Tier
from optimizer.horizon import Horizon
from optimizer.optimize import Options, optimize
from optimizer.read_home import home_from_json
from optimizer.report.text import plan_text
from optimizer.series import table
from optimizer.structures import Structures
from optimizer.tiers import edges
from tests.optimizer.homes import (
    BATTERY,
    CAR,
    HEAT_PUMP,
    NOON,
    ROOF,
    Json,
    at,
    home,
    plan,
    series,
)
from tests.optimizer.judge import judge
from tests.optimizer.test_any_home import any_home, balance, explained, plain

BRUSSELS = ZoneInfo("Europe/Brussels")
MINUTE = timedelta(minutes=1)
FINE: list[Json] = [
    {"step_minutes": 5, "until_minutes": 60},
    {"step_minutes": 15, "until_minutes": 150},
    {"step_minutes": 60},
]


def steps_of(tiers: list[Json], start: str, hours: float) -> Horizon:
    """Return the steps of a home with ``tiers`` from ``start`` on."""
    count = int(hours * 60 + 120)
    begin = datetime.fromisoformat(start).replace(minute=0, second=0)
    rows: Json = {
        "time": [(begin + n * MINUTE).isoformat() for n in range(count)],
        **dict.fromkeys(("import_price", "export_price", "load_kw"), [0.0] * count),
    }
    given_home = home(tiers=tiers, start=start)
    return horizon_of(home_from_json(given_home), table(rows))


def minutes_of(horizon: Horizon) -> list[float]:
    return [float(round(hours * 60, 9)) for hours in horizon.hours]


def tiers_of(*pairs: tuple[int, int | None]) -> list[Tier]:
    return [Tier(step_minutes=step, until_minutes=until) for step, until in pairs]


def test_a_coarser_tier_begins_at_a_multiple_of_its_own() -> None:
    horizon = steps_of(FINE, "2026-01-15T12:07:30+01:00", 4)
    local = [f"{horizon.local(edge):%H:%M:%S}" for edge in horizon.edges]
    assert local[:3] == ["12:07:30", "12:10:00", "12:15:00"]
    # 60 minutes later it is 13:07:30: five minutes until 13:15; then until 15:00.
    assert minutes_of(horizon)[:14] == [2.5, *[5] * 13]
    assert minutes_of(horizon)[14:21] == [15] * 7
    assert local[21:23] == ["15:00:00", "16:00:00"]
    assert minutes_of(horizon)[21:] == [60, 60, 60]


def test_a_start_within_a_step_leaves_what_is_left_of_it() -> None:
    equal = steps_of([{"step_minutes": 15}], "2026-01-15T12:07:30+01:00", 1)
    assert minutes_of(equal)[:2] == [7.5, 15]
    # Seconds before the next step are joined to it.
    late = steps_of([{"step_minutes": 15}], "2026-01-15T12:14:30+01:00", 1)
    assert minutes_of(late)[:2] == [15.5, 15]
    whole = steps_of([{"step_minutes": 15}], "2026-01-15T12:15:00+01:00", 1)
    assert minutes_of(whole)[0] == 15


@given(
    minute=st.integers(0, 60 * 24 * 365),
    seconds=st.integers(0, 59),
    until=st.tuples(st.integers(1, 90), st.integers(91, 400)),
    steps=st.sampled_from([(1, 5, 15), (5, 15, 60), (5, 30, 60), (15, 60, 120)]),
    zone=st.sampled_from(["Europe/Brussels", "Asia/Kathmandu", "America/St_Johns"]),
)
def test_every_step_ends_on_the_clock(
    minute: int,
    seconds: int,
    until: tuple[int, int],
    steps: tuple[int, int, int],
    zone: str,
) -> None:
    start = datetime(2026, 1, 1, second=seconds, tzinfo=UTC) + minute * MINUTE
    tiers = tiers_of(*zip(steps, (*until, None), strict=True))
    clock = ZoneInfo(zone)
    found = [edge for edge, _ in zip(edges(tiers, start, clock), range(90))]  # noqa: B905
    ends = [edge.astimezone(clock) for edge in found[1:]]
    assert all(end.second == 0 and end.minute % min(steps[0], 60) == 0 for end in ends)
    lengths = [(b - a) / MINUTE for a, b in pairwise(found)]
    assert set(lengths[1:]) <= set(steps)
    assert sorted(lengths[1:]) == lengths[1:]
    for step, end in zip(lengths[1:], ends[1:], strict=True):
        unit = min(step, 60)
        assert (end.minute - step) % unit == end.minute % unit == 0
    for at_least, tier in zip(until, steps[:-1], strict=True):
        last = max((n for n, x in enumerate(lengths) if x <= tier), default=0)
        if last + 1 < len(lengths):
            assert found[last + 1] - start >= timedelta(minutes=at_least)


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"])
def test_a_day_of_23_or_25_hours_keeps_the_clock(day: str) -> None:
    start = datetime.fromisoformat(f"{day}T00:20:00").replace(tzinfo=BRUSSELS)
    horizon = steps_of(FINE, start.isoformat(), 27)
    ends = [horizon.local(edge) for edge in horizon.edges[1:]]
    assert all(end.minute % 5 == 0 for end in ends)
    assert all(end.minute == 0 for end in ends[-20:])
    assert all(
        b - a in {5 * MINUTE, 15 * MINUTE, 60 * MINUTE}
        for a, b in pairwise(horizon.edges)
    )
    midnight = next(t for t, end in enumerate(ends) if end.day != start.day) + 1
    hours = 23 if day == "2026-03-29" else 25
    assert horizon.hours[:midnight].sum() == pytest.approx(hours - 1 / 3)


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"])
def test_a_plan_over_a_change_of_the_clock_keeps_its_physics(day: str) -> None:
    start = datetime.fromisoformat(f"{day}T00:00:00").replace(tzinfo=BRUSSELS)
    first = start.astimezone(UTC)
    rows = series([0.3, 0.1, 0.4] * 9, load_kw=[1.0, 2.0, 4.0] * 9, pv_kw=1.0)
    rows["time"] = [(first + timedelta(hours=n)).isoformat() for n in range(27)]
    begin = (first + timedelta(minutes=17)).isoformat()
    capacity = {"price_per_kw": 1.0, "integration_minutes": 60}
    given_home = home(
        {**BATTERY, "max_cycles_per_day": 1},
        ROOF,
        tiers=FINE,
        start=begin,
        tariff={"capacity": capacity},
    )
    result = plan(given_home, rows, gap=1e-6)
    judge(given_home, rows, result)
    imported = result["grid"]["import_kw"]
    by_hour: dict[datetime, float] = {}
    for time, kw, minutes in zip(
        result["times"], imported, result["minutes"], strict=True
    ):
        hour = datetime.fromisoformat(time).astimezone(UTC).replace(minute=0)
        by_hour[hour] = by_hour.get(hour, 0.0) + kw * minutes
    lengths = [43, *[60] * (len(by_hour) - 1)]
    peak_kw = max(e / n for e, n in zip(by_hour.values(), lengths, strict=True))
    assert result["cost"]["capacity"] == pytest.approx(peak_kw, abs=1e-5)


def test_the_table_of_hours_weighs_steps_by_length() -> None:
    rows = series([0.2] * 60, minutes=1, load_kw=[6.0] * 5 + [0.0] * 55)
    tiers = [{"step_minutes": 1, "until_minutes": 5}, {"step_minutes": 5}]
    text = plan_text(plan(home(tiers=tiers), rows))
    (line,) = [each for each in text.splitlines() if each.startswith("15 Jan 12:00")]
    assert line.split()[-2:] == ["0.50", "0.50"]


def test_equal_tiers_are_equal_steps() -> None:
    rows = series([0.3, 0.1, 0.2, 0.4] * 3, pv_kw=[0.0, 3.0] * 6)
    devices = [BATTERY, ROOF]
    plain_plan = plan(home(*devices, minutes=15), rows)
    tiered = plan(home(*devices, tiers=[{"step_minutes": 15}]), rows)
    several = plan(
        home(
            *devices,
            tiers=[{"step_minutes": 15, "until_minutes": 60}, {"step_minutes": 15}],
        ),
        rows,
    )
    for name in ("build_seconds", "solve_seconds"):
        del plain_plan[name], tiered[name], several[name]
    assert tiered == plain_plan
    assert several == plain_plan


def tiers_for(random: Random, minutes: int) -> list[Json]:
    """Return tiers of which the steps fit ``minutes`` of SERIES."""
    first = random.choice([m for m in (1, 5, 10, 15, 20) if not 60 % m])
    second = random.choice([m for m in (15, 20, 30, 60) if not m % first])
    until = random.choice([5, 20, 45, 2 * minutes])
    return [
        {"step_minutes": first, "until_minutes": until},
        {"step_minutes": second},
    ]


@pytest.mark.parametrize("seed", range(60))
def test_any_home_gets_a_plan_on_tiers(seed: int) -> None:
    random = Random(seed)  # noqa: S311 - a repeatable draw
    given_home, rows = any_home(random)
    minutes = given_home.pop("step_minutes")
    if given_home["tariff"]["netting_minutes"]:
        given_home["tariff"]["netting_minutes"] = None
    given_home |= {
        "tiers": tiers_for(random, minutes),
        "start": at(random.choice([0, 0.04])),
    }
    if minutes * len(rows["time"]) < 30:
        given_home["tiers"] = [{"step_minutes": 1}]
    if seed % 2:  # so that there are more that can keep everything
        given_home["limits"], given_home["grid"] = [], {}
    result = plan(given_home, rows)
    if result["status"] in {"optimal", "feasible"}:
        judge(given_home, rows, result, money=plain(given_home["tariff"]))
    balance(given_home, result)
    explained(result)


@pytest.mark.parametrize("seed", range(6))
def test_finer_steps_never_make_the_bill_worse(seed: int) -> None:
    random = Random(seed)  # noqa: S311 - a repeatable draw
    hours = 10
    rows = series(
        [round(random.uniform(-0.1, 0.5), 2) for _ in range(hours)],
        export_price=0.04,
        load_kw=[random.choice([0.4, 1.0, 4.0]) for _ in range(hours)],
        pv_kw=[random.choice([0.0, 5.0]) for _ in range(hours)],
    )
    session = {"arrive": at(1), "depart": at(8), "energy_kwh": 20}
    battery = {**BATTERY, "charge_efficiency": 0.95, "wear_per_kwh": 0.01}
    devices = [battery, ROOF, {**CAR, "sessions": [session]}]
    tariff = {"capacity": {"price_per_kw": 2.0, "peak_so_far_kw": 2.0}}
    costs = []
    for tiers in (
        [{"step_minutes": 60}],
        [{"step_minutes": 15, "until_minutes": 120}, {"step_minutes": 60}],
        [{"step_minutes": 5, "until_minutes": 60}, *FINE[1:]],
        [{"step_minutes": 5, "until_minutes": 240}, {"step_minutes": 15}],
    ):
        found = plan(home(*devices, tiers=tiers, tariff=tariff), rows, gap=1e-6)
        costs.append(found["objective"])
    assert all(fine <= coarse + 1e-4 for coarse, fine in pairwise(costs))


def test_energy_is_power_by_hours() -> None:
    rows = series([0.1, 0.5, 0.1, 0.5], load_kw=[2.0, 1.0, 3.0, 0.5])
    given_home = home(BATTERY, tiers=FINE, start=at(0.125))
    result = plan(given_home, rows)
    assert result["minutes"][0] == 2.5
    hours = np.array(result["minutes"]) / 60
    grid, device = result["grid"], result["devices"]["battery"]
    net = np.array(grid["import_kw"]) - np.array(grid["export_kw"])
    stored = np.array(device["charge_kw"]) - np.array(device["discharge_kw"])
    load_kwh = 0.875 * 2 + 1 + 3 + 0.5
    assert hours @ result["load_kw"] == pytest.approx(load_kwh)
    assert hours @ net == pytest.approx(load_kwh + hours @ stored)
    assert np.cumsum(hours * stored) == pytest.approx(device["energy_kwh"], abs=1e-5)


def test_while_the_open_step_gets_shorter_nothing_is_built_anew() -> None:
    rows = series(
        [0.3, 0.1, 0.2, 0.4] * 3,
        outdoor_temperature_c=3.0,
        cop=3.0,
        t_min_c=20.0,
        t_max_c=22.0,
    )
    run = {
        "id": "dishwasher",
        "kind": "appliance",
        "profile_kw": [2.0, 0.5, 1.0],
        "earliest_start": at(0),
        "latest_end": at(6),
    }
    car = {**CAR, "sessions": [{"arrive": at(0), "depart": at(9), "energy_kwh": 9}]}
    pump = {**HEAT_PUMP, "min_power_kw": 1, "min_on_minutes": 20}
    tariff = {"capacity": {"price_per_kw": 3.0}}
    structures = Structures()
    for second in (30, 70, 140, 200):
        start = (NOON + timedelta(seconds=second)).isoformat()
        given_home = home(
            BATTERY, run, car, pump, tiers=FINE, start=start, tariff=tariff
        )
        read = home_from_json(given_home)
        again = optimize(read, table(rows), Options(gap=1e-6), structures)
        assert again["minutes"][0] == pytest.approx(5 - second / 60, abs=1e-6)
        afresh = optimize(read, table(rows), Options(gap=1e-6))
        assert again["objective"] == pytest.approx(afresh["objective"], abs=1e-5)
        judge(given_home, rows, again)
    assert len(structures) <= 2  # a tighter one where the gap asks for it


def quarter_means(result: Json, open_kwh: float | None) -> list[float]:
    """Return the mean import of each quarter hour, from a plan's whole seconds."""
    begin = datetime.fromisoformat(result["times"][0]).timestamp()
    energy: dict[int, float] = {}
    seconds: dict[int, int] = {}
    second = round(begin)
    for kw, minutes in zip(result["grid"]["import_kw"], result["minutes"], strict=True):
        for _ in range(round(minutes * 60)):
            quarter = second // 900
            energy[quarter] = energy.get(quarter, 0.0) + kw / 3600
            seconds[quarter] = seconds.get(quarter, 0) + 1
            second += 1
    if open_kwh is not None:
        energy[round(begin) // 900] += open_kwh
        seconds[round(begin) // 900] = 900
    return [energy[n] * 3600 / seconds[n] for n in energy]


@pytest.mark.parametrize("open_kwh", [None, 0.0, 0.5])
@pytest.mark.parametrize(
    "tiers",
    [FINE, [{"step_minutes": 1, "until_minutes": 10}, *FINE[:1], {"step_minutes": 60}]],
)
def test_a_quarter_hour_counts_with_what_there_was_of_it(
    tiers: list[Json], open_kwh: float | None
) -> None:
    rows = series([0.3, 0.1, 0.2, 0.4, 0.1], load_kw=[1.0, 3.0, 2.0, 6.0, 0.5])
    capacity = {"price_per_kw": 5.0, "peak_so_far_kw": 1.0, "open_period_kwh": open_kwh}
    given_home = home(
        BATTERY, tiers=tiers, start=at(0.125), tariff={"capacity": capacity}
    )
    result = plan(given_home, rows, gap=1e-6)
    peak_kw = max(1.0, *quarter_means(result, open_kwh))
    assert result["cost"]["capacity"] == pytest.approx(5.0 * (peak_kw - 1.0), abs=1e-5)


def test_what_the_open_quarter_has_imported_raises_its_mean() -> None:
    rows = series([0.2, 0.2], load_kw=4.0)
    capacity = {"price_per_kw": 1.0, "open_period_kwh": 2.0}
    given_home = home(tiers=FINE, start=at(0.125), tariff={"capacity": capacity})
    # 2 kWh and 4 kW for 7.5 minutes: 2.5 kWh in a quarter of an hour.
    assert plan(given_home, rows)["cost"]["capacity"] == pytest.approx(10.0)


def test_three_highest_of_an_hour_are_three_of_its_quarters() -> None:
    rows = series([0.2, 0.2], load_kw=[6.0, 1.0])
    capacity = {"price_per_kw": 1.0, "top": 3}
    given_home = home(tiers=[{"step_minutes": 60}], tariff={"capacity": capacity})
    assert plan(given_home, rows)["cost"]["capacity"] == pytest.approx(6.0)


def test_netting_and_blocks_count_energy() -> None:
    rows = series([0.3, 0.2], load_kw=[2.0, 1.0], export_price=0.0, pv_kw=[4.0, 0.0])
    blocks = [
        {"up_to_kwh": 0.5, "price_per_kwh": 0.1},
        {"price_per_kwh": 0.4},
    ]
    tiers = [{"step_minutes": 5, "until_minutes": 60}, {"step_minutes": 60}]
    netted = home(ROOF, tiers=tiers, tariff={"netting_minutes": 60})
    assert plan(netted, rows)["cost"]["energy"] == pytest.approx(0.2)
    bought = {"spot_series": "import_price", "spot_factor": 0, "blocks": blocks}
    by_block = home(tiers=tiers, start=at(0.125), tariff={"import": bought})
    energy = plan(by_block, rows)["cost"]["energy"]
    assert energy == pytest.approx(0.5 * 0.1 + (0.875 * 2 + 1 - 0.5) * 0.4)


def test_a_run_across_tiers_keeps_its_energy() -> None:
    rows = series([0.5, 0.5, 0.1, 0.1, 0.5, 0.5])
    run = {
        "id": "washer",
        "kind": "appliance",
        "profile_kw": [2.0, 0.4, 1.2, 0.8, 3.0],
        "profile_step_minutes": 20,
        "earliest_start": at(1.25),
        "latest_end": at(5),
    }
    given_home = home(run, tiers=FINE)
    result = plan(given_home, rows)
    device = result["devices"]["washer"]
    hours = np.array(result["minutes"]) / 60
    assert hours @ device["power_kw"] == pytest.approx(7.4 / 3)
    assert datetime.fromisoformat(device["start"]) < datetime.fromisoformat(at(3))
    judge(given_home, rows, result)


def test_runs_and_starts_are_counted_in_minutes() -> None:
    steps = [0.9 if n % 2 else 0.05 for n in range(16)]
    rows = series(steps, minutes=15, load_kw=2.0)
    generator = {
        "id": "set",
        "kind": "generator",
        "min_power_kw": 1,
        "max_power_kw": 2,
        "fuel_cost_per_kwh": 0.3,
        "min_on_minutes": 25,
        "min_off_minutes": 10,
        "max_starts_per_hour": 1,
    }
    given_home = home(generator, tiers=FINE, start=at(0.05))
    result = plan(given_home, rows, gap=1e-6)
    assert max(result["devices"]["set"]["power_kw"]) > 1
    judge(given_home, rows, result)


@pytest.mark.parametrize(
    ("tiers", "said"),
    [
        ([{"step_minutes": 7}], "7 does not divide a day"),
        ([{"step_minutes": 5}, {"step_minutes": 15}], "until_minutes: is needed"),
        ([{"step_minutes": 5, "until_minutes": 5}], "the last tier goes on to the end"),
        (
            [{"step_minutes": 10, "until_minutes": 60}, {"step_minutes": 15}],
            "must be a multiple of 10",
        ),
        (
            [
                {"step_minutes": 5, "until_minutes": 60},
                {"step_minutes": 15, "until_minutes": 60},
                {"step_minutes": 60},
            ],
            r"tiers\[1\].until_minutes: must be above 60",
        ),
    ],
)
def test_tiers_that_do_not_fit_are_named(tiers: list[Json], said: str) -> None:
    with pytest.raises(InputError, match=said):
        home_from_json(home(tiers=tiers))


def test_steps_count_those_of_all_tiers() -> None:
    rows: dict[str, Any] = series([0.2] * 5)
    result = plan(home(tiers=FINE, steps=14), rows)
    assert result["minutes"] == [5] * 12 + [15] * 2
    with pytest.raises(InputError, match="40 steps"):
        plan(home(tiers=FINE, steps=40), rows)
