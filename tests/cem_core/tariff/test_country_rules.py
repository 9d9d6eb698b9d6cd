"""Rules of countries: each has a source, and holds from its day on."""

from datetime import date

import pytest

from cem_core.tariff.capacity_presets import CAPACITY_PRESETS
from cem_core.tariff.country_rules import (
    COUNTRY_RULES,
    Connection,
    Dated,
    FeedInRule,
    PeakCharge,
    SteerableRule,
    TripByFilter,
    TripByTolerance,
    rules_in_force,
)

TODAY = date(2026, 11, 26)
ALL = [(country, each) for country, rules in COUNTRY_RULES.items() for each in rules]


@pytest.mark.parametrize(("country", "dated"), ALL)
def test_each_rule_names_its_country_and_source(country: str, dated: Dated) -> None:
    assert len(country) == 2
    assert country == country.upper()
    assert len(dated.source) > 10


def test_a_rule_holds_from_its_day_on_and_elsewhere_not_at_all() -> None:
    assert rules_in_force("DE", SteerableRule, date(2023, 12, 31)) == []
    assert len(rules_in_force("DE", SteerableRule, date(2024, 1, 1))) == 1
    assert rules_in_force("FR", SteerableRule, TODAY) == []
    assert rules_in_force("XX", SteerableRule, TODAY) == []


def test_what_is_only_announced_does_not_hold_however_late(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rule = Connection(phases=3, fuse_a=80, meter_limits=False)
    announced = Dated(rule=rule, valid_from=None, source="a draft")
    monkeypatch.setitem(COUNTRY_RULES, "XX", (announced,))
    assert rules_in_force("XX", Connection, date.max) == []


def test_swedens_operators_that_took_the_charge_back_are_not_named() -> None:
    (charge,) = rules_in_force("SE", PeakCharge, TODAY)
    assert "sweden_ellevio" not in charge.presets
    assert "sweden_sollentuna" in charge.presets


def test_the_newer_of_two_rules_of_one_name_replaces_the_older(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    older, newer = (
        Connection(phases=3, fuse_a=a, meter_limits=False) for a in (63, 80)
    )
    rules = (
        Dated(rule=newer, valid_from=date(2030, 1, 1), source="announced"),
        Dated(rule=older, valid_from=date(2020, 1, 1), source="in force"),
    )
    monkeypatch.setitem(COUNTRY_RULES, "XX", rules)
    assert rules_in_force("XX", Connection, TODAY) == [older]
    assert rules_in_force("XX", Connection, date(2030, 1, 1)) == [newer]


def test_peaks_are_named_by_presets_that_exist_and_follow_their_models() -> None:
    for country in ("BE", "ES", "NO", "SE"):
        for charge in rules_in_force(country, PeakCharge, TODAY):
            assert set(charge.presets) <= CAPACITY_PRESETS.keys()
    flanders = CAPACITY_PRESETS["belgium_flanders"].tariff
    assert (flanders.integration_minutes, flanders.floor_kw) == (15, 2.5)
    assert flanders.months_averaged == 12
    norway = CAPACITY_PRESETS["norway"].tariff
    assert (norway.integration_minutes, norway.top) == (60, 3)
    assert norway.distinct_days


def test_italy_looks_at_minutes_2_92_and_182() -> None:
    (trip,) = rules_in_force("IT", TripByTolerance, TODAY)
    assert trip.checked_at_min == (2, 92, 182)
    # 3 kW: 3.3 kW for ever; the two sources differ, and the lower one is used.
    assert 3 * trip.available_share == pytest.approx(3.3)
    assert trip.over_share < trip.other_over_share


def test_linky_cuts_1_4_times_the_power_after_230_s_from_half_load() -> None:
    (trip,) = rules_in_force("FR", TripByFilter, TODAY)
    filtered, seconds = 0.5**2, 0
    while filtered <= trip.cut_at**2:
        filtered = trip.past * filtered + (1 - trip.past) * 1.4**2
        seconds += 1
    assert seconds == pytest.approx(230, abs=2)


def test_feed_in_is_capped_by_the_plants_date() -> None:
    caps = {cap.name: cap for cap in rules_in_force("DE", FeedInRule, TODAY)}
    assert {cap.share for cap in caps.values()} == {0.6, 0.7}
    new, old = caps["feed-in 60 %"], caps["feed-in 70 %"]
    assert new.commissioned_from == date(2025, 2, 25)
    assert old.commissioned_before == date(2023, 1, 1)
