"""`tariff.import` and `tariff.export`: read, checked, and the prices of a plan."""

from itertools import product
from random import Random
from typing import Any

import pytest

from cem_core.tariff import EnergyBlock, block_charge, blocks_left
from cem_core.tariff.calendar_presets import CALENDAR_PRESETS
from optimizer.document import InputError
from optimizer.read_home import home_from_json
from optimizer.schema import home_schema
from tests.optimizer.homes import BATTERY, CAR, Json, at, home, plan, series

DAY_NIGHT = {"preset": "belgium_day_night", "prices": {"day": 0.3, "night": 0.2}}


def with_tariff(
    *devices: Json, bought: Json | None = None, sold: Json | None = None
) -> Json:
    return home(*devices, tariff={"import": bought, "export": sold})


def without(rows: Json, *columns: str) -> Json:
    return {name: values for name, values in rows.items() if name not in columns}


def test_with_calendars_series_needs_no_price_columns() -> None:
    rows = without(series([0.0] * 12), "import_price", "export_price")
    given = with_tariff(
        bought={"supply": DAY_NIGHT, "vat_share": 0.06},
        sold={"surcharge_per_kwh": 0.04},
    )
    result = plan(given, rows)
    # From Thursday noon; night begins at 22.
    assert result["prices"]["import"] == pytest.approx([0.318] * 10 + [0.212] * 2)
    assert result["prices"]["export"] == pytest.approx([0.04] * 12)
    assert result["cost"]["energy"] == pytest.approx(10 * 0.318 + 2 * 0.212)


def test_a_dynamic_price_is_made_of_its_components() -> None:
    rows = series([9.0, 9.0], spot=[0.1, -0.1], co2=[0.2, 0.4])
    bought: Json = {
        "spot_series": "spot",
        "spot_factor": 1.05,
        "surcharge_per_kwh": 0.01,
        "tax_per_kwh": 0.05,
        "co2_series": "co2",
        "co2_price_per_kg": 0.1,
        "vat_share": 0.21,
    }
    sold = {"spot_series": "spot", "surcharge_per_kwh": -0.01}
    result = plan(with_tariff(bought=bought, sold=sold), rows)
    assert result["prices"]["import"] == pytest.approx(
        [1.21 * (0.105 + 0.06 + 0.02), 1.21 * (-0.105 + 0.06 + 0.04)]
    )
    assert result["prices"]["export"] == pytest.approx([0.09, -0.11])


def test_net_metering_sells_at_the_import_price_until_it_ends() -> None:
    rows = without(series([0.3] * 24), "export_price")
    sold = {"surcharge_per_kwh": 0.05, "net_metering_until": "2026-01-16"}
    result = plan(with_tariff(sold=sold), rows)
    assert result["prices"]["export"] == pytest.approx([0.3] * 12 + [0.05] * 12)


def test_a_fixed_feed_in_tariff_stops_below_zero() -> None:
    rows = series([0.3] * 3, spot=[0.1, -0.01, 0.0])
    sheet = {"periods": [{"name": "all"}], "prices": {"all": 0.08}}
    sold: Json = {
        "spot_series": "spot",
        "spot_factor": 0,
        "supply": sheet,
        "paid_at_negative_spot": False,
    }
    result = plan(with_tariff(sold=sold), rows)
    assert result["prices"]["export"] == pytest.approx([0.08, 0, 0.08])


def test_tempo_takes_its_colours_as_data() -> None:
    prices = {
        f"{colour}_{part}": n / 10 + (part == "peak") / 100
        for n, colour in enumerate(("blue", "white", "red"), start=1)
        for part in ("peak", "off_peak")
    }
    sheet = {
        "preset": "france_tempo",
        "prices": prices,
        "days": {"red": ["2026-01-15"]},
    }
    rows = without(series([0.0] * 24), "import_price")
    result = plan(with_tariff(bought={"supply": sheet}), rows)
    # Red until 6 the next morning: its nights are off-peak.
    assert result["prices"]["import"] == pytest.approx(
        [0.31] * 10 + [0.30] * 8 + [0.11] * 6
    )


def test_the_car_charges_when_the_calendar_is_cheap() -> None:
    session = {"arrive": at(8), "depart": at(14), "energy_kwh": 8}
    car = {**CAR, "max_power_kw": 4, "sessions": [session]}
    rows = without(series([0.0] * 14), "import_price")
    result = plan(with_tariff(car, bought={"supply": DAY_NIGHT}), rows)
    assert sum(result["devices"]["car"]["power_kw"][:10]) == 0


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ({}, "tariff.import: says no price: give spot_series, supply, network"),
        ({"supply": {"prices": {}}}, "tariff.import.supply: missing: periods or a pr"),
        (
            {"supply": {"preset": "belgium_day_night"}},
            "tariff.import.supply.prices: missing: currency per kWh by period",
        ),
        (
            {"supply": {"preset": "belgium_day_night", "prices": {"day": 0.3}}},
            "tariff.import.supply.prices: missing: night",
        ),
        (
            {"supply": {**DAY_NIGHT, "prices": {"day": 1, "night": 1, "dusk": 1}}},
            "prices.dusk: 'dusk' is no period; the periods are day, night",
        ),
        (
            {"supply": {**DAY_NIGHT, "prices": {"day": "x", "night": 1}}},
            "tariff.import.supply.prices.day: must be a number, not 'x'",
        ),
        (
            {"supply": {**DAY_NIGHT, "days": {"red": ["2026-01-01"]}}},
            "tariff.import.supply.days.red: no period is for 'red' days",
        ),
        (
            {"supply": {**DAY_NIGHT, "days": {"red": ["1 May"]}}},
            "tariff.import.supply.days.red[0]: '1 May' is no date",
        ),
        (
            {"supply": {**DAY_NIGHT, "yearly_holidays": ["13-1"]}},
            "yearly_holidays[0]: '13-1' is no day of a year; write it as 12-25",
        ),
        (
            {"supply": DAY_NIGHT, "co2_price_per_kg": 0.1},
            "tariff.import.co2_price_per_kg: needs co2_series",
        ),
        ({"supply": DAY_NIGHT, "vat_share": 21}, "vat_share: must be at most 1"),
        ({"supply": DAY_NIGHT, "import": 1}, "import: unknown field; allowed are spot"),
        (
            {
                "supply": DAY_NIGHT,
                "blocks": [{"price_per_kwh": 1}, {"price_per_kwh": 2}],
            },
            "tariff.import.blocks[0].up_to_kwh: only the last block has no end",
        ),
        (
            {
                "supply": DAY_NIGHT,
                "blocks": [
                    {"up_to_kwh": 9, "price_per_kwh": 1},
                    {"up_to_kwh": 9, "price_per_kwh": 2},
                ],
            },
            "tariff.import.blocks[1].up_to_kwh: must be above 9",
        ),
    ],
)
def test_each_mistake_is_named(block: dict[str, Any], expected: str) -> None:
    with pytest.raises(InputError) as refused:
        home_from_json(with_tariff(bought=block))
    assert expected in str(refused.value)


def test_below_zero_needs_the_market_price() -> None:
    with pytest.raises(InputError, match="paid_at_negative_spot: needs spot_series"):
        home_from_json(with_tariff(sold={"paid_at_negative_spot": False}))


def test_one_date_has_one_kind() -> None:
    day = ["2026-01-15"]
    sheet = {"preset": "france_tempo", "prices": {}, "days": {"red": day, "blue": day}}
    with pytest.raises(InputError, match=r"supply\.days: 2026-01-15 is of two kinds"):
        home_from_json(with_tariff(bought={"supply": sheet}))


def test_an_hour_without_a_price_is_named() -> None:
    sheet = {"periods": [{"name": "noon", "hours": "12-14"}], "prices": {"noon": 1}}
    with pytest.raises(
        InputError,
        match=r"tariff.import: no period holds at 2026-01-15T14:00:00\+01:00",
    ):
        plan(with_tariff(bought={"supply": sheet}), series([0.0] * 4))


def test_a_missing_column_is_named_with_who_needs_it() -> None:
    given = with_tariff(bought={"spot_series": "spot"})
    with pytest.raises(InputError, match=r"no column spot, which tariff\.import needs"):
        plan(given, series([0.1]))


def test_the_schema_has_both_blocks() -> None:
    tariff = home_schema()["properties"]["tariff"]["properties"]
    supply = tariff["import"]["anyOf"][0]["properties"]["supply"]["anyOf"][0]
    assert supply["required"] == ["prices"]
    prices = supply["properties"]["prices"]
    assert prices["additionalProperties"] == {"type": "number"}
    assert supply["properties"]["preset"]["anyOf"][0]["enum"] == list(CALENDAR_PRESETS)
    assert "net_metering_until" in tariff["export"]["anyOf"][0]["properties"]


BLOCKS: list[list[tuple[float | None, float]]] = [
    [(2, 0.1), (5, 0.3), (None, 0.6)],
    [(2, 0.5), (5, 0.2), (None, 0.1)],
    [(2, 0.2), (5, 0.6), (7, 0.1)],
]


@pytest.mark.parametrize("seed", range(12))
def test_block_prices_are_those_of_the_cheapest_runs(seed: int) -> None:
    """Try every start of two appliances, over the end of a month too."""
    random = Random(seed)  # noqa: S311 - a repeatable draw
    steps = 8
    run: Json = {
        "kind": "appliance",
        "profile_kw": [2.0, 0.5],
        "profile_step_minutes": 60,
        "earliest_start": at(16 * 24 + 8),
        "latest_end": at(16 * 24 + 8 + steps),
    }
    blocks, so_far = random.choice(BLOCKS), random.choice([0, 1, 6])
    bought: Json = {
        "spot_series": "spot",
        "blocks": [{"up_to_kwh": end, "price_per_kwh": price} for end, price in blocks],
        "imported_so_far_kwh": so_far,
    }
    load = [random.choice([0.0, 0.4, 1]) for _ in range(steps)]
    spot = [round(random.uniform(0.05, 0.3), 2) for _ in range(steps)]
    rows = series(spot, load_kw=load, spot=spot)
    rows["time"] = [at(16 * 24 + 8 + t) for t in range(steps)]  # 31 January, 20:00
    given = with_tariff({**run, "id": "a"}, {**run, "id": "b"}, bought=bought)
    result = plan(given, rows, gap=0)
    engine = [EnergyBlock(up_to_kwh=end, price_per_kwh=p) for end, p in blocks]
    costs = []
    for starts in product(range(steps - 1), repeat=2):
        kw = list(load)
        for start in starts:
            kw[start] += 2.0
            kw[start + 1] += 0.5
        time_cost = sum(p * each for p, each in zip(spot, kw, strict=True))
        january = block_charge(blocks_left(engine, so_far), sum(kw[:4]))
        costs.append(time_cost + january + block_charge(engine, sum(kw[4:])))
    assert result["objective"] == pytest.approx(min(costs), abs=1e-6)


def test_a_battery_fills_up_within_the_cheap_block() -> None:
    bought: Json = {
        "spot_series": "spot",
        "blocks": [
            {"up_to_kwh": 4, "price_per_kwh": 0.1},
            {"price_per_kwh": 0.9},
        ],
    }
    rows = series([0.1] * 4, load_kw=1.0, spot=[0.1, 0.1, 0.2, 0.2])
    result = plan(with_tariff(BATTERY, bought=bought), rows)
    assert result["cost"]["energy"] == pytest.approx(4 * 0.1 + 4 * 0.1)
