"""The tariff of HOME.yaml: every field read, every mistake named."""

from datetime import date, datetime
from typing import Any

import pytest

from cem_core.tariff import BillingWindow, CapacityTariff, PeakLevel, PeaksSoFar
from cem_core.tariff.capacity_presets import CAPACITY_PRESETS
from optimizer.document import InputError
from optimizer.home_tariff import CapacityCharge, Tariff
from optimizer.read_home import home_from_json, home_from_tree
from optimizer.schema import home_schema
from optimizer.yaml_document import parse
from tests.optimizer.homes import home

TEXT = """\
schema: 1
time_zone: Europe/Oslo
tariff:
  currency: NOK
  holidays: [2026-12-25]
  capacity:
    integration_minutes: 60
    top: 3
    distinct_days: true
    window: year
    steps: [{up_to_kw: 2, price: 83}, {up_to_kw: 5, price: 147}]
    floor_kw: 1.5
    peaks_so_far_kw: [4.5, 3]
    first_day_peak_kw: 2
    masks:
      - {months: [11, 12, 1-3], weekdays: [mon-fri], hours: [6, 7-20], weight: 1}
      - {weekdays: [6, 7], weight: 0.5}
"""


def capacity(**fields: object) -> CapacityCharge:
    (found,) = home_from_json(home(tariff={"capacity": fields})).tariff.capacity
    return found


def test_every_field_of_the_capacity_tariff_is_read() -> None:
    found = home_from_tree(parse(TEXT)).tariff
    assert found.holidays == (date(2026, 12, 25),)
    (charge,) = found.capacity
    tariff = charge.tariff
    assert (tariff.integration_minutes, tariff.top) == (60, 3)
    assert tariff.distinct_days
    assert tariff.window is BillingWindow.YEAR
    assert tariff.levels[1] == PeakLevel(up_to_kw=5, price=147)
    assert tariff.floor_kw == 1.5
    assert charge.so_far == PeaksSoFar(peaks_kw=(4.5, 3.0), first_day_kw=2.0)
    weekday = datetime(2026, 2, 3, 6)  # noqa: DTZ001 - a Tuesday on the local clock
    assert tariff.weight(weekday) == 1
    assert tariff.weight(weekday.replace(hour=20)) == 0
    assert tariff.weight(weekday.replace(month=5, day=5)) == 0
    assert tariff.weight(weekday.replace(day=7)) == 0.5


def test_a_price_without_a_period_is_named_with_its_line() -> None:
    text = """\
schema: 1
time_zone: Europe/Oslo
tariff:
  import:
    supply:
      preset: belgium_day_night
      prices:
        day: 0.3
        night: 0.2
        dusk: 0.1
"""
    with pytest.raises(InputError, match=r"line 10: tariff\.import\.supply\.prices\.d"):
        home_from_tree(parse(text))


def test_several_charges_stand_in_a_list() -> None:
    peaks = [{"price_per_kw": 2}, {"price_per_kw": 3, "masks": [{"months": "11-3"}]}]
    found = home_from_json(home(tariff={"capacity": peaks})).tariff.capacity
    assert [charge.price_per_kw for charge in found] == [2, 3]
    assert not home_from_json(home(tariff={"capacity": None})).tariff.capacity
    with pytest.raises(InputError, match=r"tariff\.capacity\[1\]: missing: price_per"):
        home_from_json(home(tariff={"capacity": [{"price_per_kw": 2}, {}]}))


def test_one_span_needs_no_brackets() -> None:
    mask = capacity(price_per_kw=1, masks=[{"hours": "6-20", "months": 7}]).masks[0]
    assert (
        mask
        == capacity(price_per_kw=1, masks=[{"hours": ["6-20"], "months": [7]}]).masks[0]
    )


@pytest.mark.parametrize("name", CAPACITY_PRESETS)
def test_a_preset_is_the_tariff_of_its_operator(name: str) -> None:
    preset = CAPACITY_PRESETS[name]
    contract = {preset.needs: 3.5} if preset.needs else {}
    expected = {
        f: contract.get(f, getattr(preset.tariff, f))
        for f in CapacityTariff.__dataclass_fields__
    }
    assert capacity(preset=name, **contract).tariff == CapacityTariff(**expected)


def test_a_field_beside_a_preset_goes_first() -> None:
    found = capacity(preset="norway", top=1, price_per_kw=30)
    assert found.top == 1
    assert found.distinct_days
    assert found.price_per_kw == 30
    assert not found.steps
    assert capacity(preset="norway", price_per_kw=None).steps


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, "tariff.capacity: missing: price_per_kw, steps or a preset"),
        ({"price_per_kw": 1, "steps": [{"up_to_kw": 2, "price": 3}]}, "steps: stands"),
        ({"preset": "mars"}, "'mars' is not allowed; allowed are belgium_flanders,"),
        ({"preset": "sweden_falkenberg"}, "sweden_falkenberg needs price_per_kw, wh"),
        ({"preset": "spain"}, "tariff.capacity.preset: spain needs floor_kw"),
        ({"integration_minutes": 20}, "must be 5 or 10 or 15 or 30 or 60, not 20"),
        ({"top": 0}, "top: must be at least 1"),
        ({"top": 1.5}, "top: must be a whole number"),
        ({"window": "week"}, "'week' is not allowed; allowed are month, year"),
        ({"price_per_kw": -1}, "price_per_kw: must be at least 0"),
        ({"peaks_so_far_kw": [1, -1]}, "peaks_so_far_kw[1]: must be at least 0"),
        (
            {"price_per_kw": 1, "peaks_so_far_kw": [1], "peak_so_far_kw": 1},
            "peak_so_far_kw: is the short form of peaks_so_far_kw: give one",
        ),
        (
            {"price_per_kw": 1, "window": "year", "months_averaged": 12},
            "months_averaged: needs window: month",
        ),
        (
            {"steps": [{"up_to_kw": 2, "price": 3}], "months_averaged": 12},
            "months_averaged: needs price_per_kw",
        ),
        (
            {"steps": [{"up_to_kw": 2, "price": 3}, {"up_to_kw": 2, "price": 4}]},
            "steps[1].up_to_kw: must be above 2",
        ),
        (
            {"steps": [{"up_to_kw": 2, "price": 3}, {"up_to_kw": 4, "price": 1}]},
            "steps[1].price: must not be below 3",
        ),
        ({"masks": [{"hours": [24]}]}, "masks[0].hours[0]: 24 is no hour; write 0 to"),
        (
            {"masks": [{"hours": 6.5}]},
            "masks[0].hours: must be a number or a span, not 6.5",
        ),
        ({"masks": [{"hours": [6.5]}]}, "hours[0]: must be a number or a span, not 6"),
        ({"masks": [{"weekdays": "payday"}]}, "weekdays: 'payday' is no day of the w"),
        ({"masks": [{"months": [True]}]}, "months[0]: must be a number or a span"),
        ({"masks": [{"weight": -1}]}, "weight: must be at least 0"),
    ],
)
def test_each_mistake_is_named(fields: dict[str, Any], expected: str) -> None:
    with pytest.raises(InputError) as refused:
        capacity(**fields)
    assert expected in str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("2026-12-25", "25 Dec", "line 5: tariff.holidays[0]: '25 Dec' is no date"),
        ("2026-12-25", "1", "line 5: tariff.holidays[0]: must be a date, not 1"),
        ("window: year", "window: day", "line 10: tariff.capacity.window: 'day' is no"),
        ("7-20", "7-25", "line 16: tariff.capacity.masks[0].hours[1]: '7-25' is no h"),
        ("price: 147", "price: 14", "line 11: tariff.capacity.steps[1].price: must n"),
        ("top: 3", "topp: 3", "line 8: tariff.capacity.topp: unknown field; allowed"),
    ],
)
def test_a_mistake_is_named_with_its_line(old: str, new: str, expected: str) -> None:
    with pytest.raises(InputError) as refused:
        home_from_tree(parse(TEXT.replace(old, new, 1)))
    assert expected in str(refused.value)


def test_the_schema_names_every_field_with_its_default() -> None:
    tariff = home_schema()["properties"]["tariff"]["properties"]
    one, several, none = tariff["capacity"]["anyOf"]
    assert several == {"type": "array", "items": one}
    assert none == {"type": "null"}
    fields = one["properties"]
    assert fields.keys() == CapacityCharge.__dataclass_fields__.keys()
    assert len(tariff) == len(Tariff.__dataclass_fields__)
    assert fields["integration_minutes"]["default"] == 15
    assert fields["window"]["enum"] == ["month", "year"]
    assert fields["preset"]["anyOf"][0]["enum"] == list(CAPACITY_PRESETS)
    hours = fields["masks"]["items"]["properties"]["hours"]
    assert {"type": ["integer", "string"]} in hours["anyOf"]
