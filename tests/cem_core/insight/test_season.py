"""The season by the weather: whole days, and no change back and forth."""

import pytest

from cem_core.insight.season import Season, SeasonWatch, season

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
