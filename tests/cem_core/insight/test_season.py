"""The season by the weather: whole days, and no change back and forth."""

import pytest

from cem_core.insight.season import House, Season, SeasonWatch, overheats, season

HEATING, COOLING, NONE = Season


@pytest.mark.parametrize(
    ("mean_c", "before", "found"),
    [
        (14.9, NONE, HEATING),
        (15.0, NONE, NONE),
        (16.9, HEATING, HEATING),
        (17.0, HEATING, NONE),
        (22.0, NONE, NONE),
        (22.1, NONE, COOLING),
        (20.1, COOLING, COOLING),
        (20.0, COOLING, NONE),
        (-10, COOLING, HEATING),
        (30, HEATING, COOLING),
    ],
)
def test_limits_have_a_band(mean_c: float, before: Season, found: Season) -> None:
    assert season(mean_c, before) is found


def test_one_warm_day_ends_no_heating_and_a_missing_one_changes_nothing() -> None:
    watch = SeasonWatch()
    assert not watch.look([10, 10, 25])
    assert (watch.season, watch.mean_c) == (HEATING, 15.0)
    assert not watch.look([25, None, 25])
    assert watch.mean_c == 15.0
    assert watch.look([18, 18, 18])
    assert watch.season is NONE


def test_a_year_of_days_changes_the_season_few_times() -> None:
    watch, changes = SeasonWatch(), 0
    swing = [3, -2, 1, -3, 2, -1]  # K from day to day: 2.7 K between means of three
    days = [11 - 9 * (abs(day - 182) / 91 - 1) + swing[day % 6] for day in range(365)]
    for day in range(3, 365):
        changes += watch.look(days[day - 3 : day])
    assert changes == 2  # off in spring, on in autumn


HOUSE = House(
    indoor_c=22.0,
    resistance_k_per_kw=5.0,
    capacitance_kwh_per_k=8.0,
    lowest_c=20.0,
    highest_c=24.0,
)


def ahead(
    outdoor_c: list[float], gains_kw: float = 0.5, *, cooled: bool = False
) -> bool:
    return overheats(HOUSE, outdoor_c, [gains_kw] * len(outdoor_c), 1.0, cooled=cooled)


def test_rooms_that_are_left_alone_get_too_warm_or_not() -> None:
    assert ahead([15.0] * 10 + [33.0] * 14)
    assert not ahead([18.0] * 24)
    # A cold night before: they have to be heated first.
    assert not ahead([-5.0] * 12 + [33.0] * 12)


def test_the_sun_of_a_cool_day_is_let_out_by_a_window() -> None:
    assert not ahead([12.0] * 24, gains_kw=6.0)


def test_half_a_kelvin_keeps_it_from_changing() -> None:
    # 24 °C is where these rooms end: within the band either way.
    almost = [22.5] * 200
    calm = overheats(HOUSE, almost, [0.3] * 200, 1.0, cooled=False)
    assert (calm, overheats(HOUSE, almost, [0.3] * 200, 1.0, cooled=True)) == (
        False,
        True,
    )
