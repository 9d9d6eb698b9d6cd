import pytest

from optimizer.document import InputError
from optimizer.read_home import home_from_json
from tests.optimizer.homes import Json, at, home, plan, series
from tests.optimizer.judge import judge


def dishwasher(earliest: float, latest: float, **fields: object) -> Json:
    return {
        "id": "dishwasher",
        "kind": "appliance",
        "profile_kw": [2.0, 0.5],
        "profile_step_minutes": 60,
        "earliest_start": at(earliest),
        "latest_end": at(latest),
        **fields,
    }


def test_it_runs_once_uninterrupted_at_the_cheapest_time() -> None:
    result = plan(home(dishwasher(0, 5)), series([0.3, 0.1, 0.4, 0.2, 0.1]))
    run = result["devices"]["dishwasher"]
    assert run["power_kw"] == pytest.approx([0, 0, 0, 2, 0.5]) or run["start"] == at(1)
    assert run["start"] == at(1) if 0.1 * 2 + 0.4 / 2 < 0.2 * 2 + 0.1 / 2 else at(3)
    assert sum(run["power_kw"]) == pytest.approx(2.5)


def test_the_window_is_kept() -> None:
    result = plan(home(dishwasher(2, 4)), series([0.1, 0.1, 0.9, 0.9, 0.1]))
    assert result["devices"]["dishwasher"]["start"] == at(2)


def test_a_profile_finer_than_the_step_is_averaged() -> None:
    quarters = dishwasher(
        0, 2, profile_kw=[2.0, 0.0, 0.0, 2.0, 1.0], profile_step_minutes=15
    )
    result = plan(home(quarters), series([0.1, 0.3]))
    assert result["devices"]["dishwasher"]["power_kw"] == pytest.approx([1, 0.25])


def test_a_profile_coarser_than_the_step_is_held() -> None:
    result = plan(home(dishwasher(0, 2), minutes=30), series([0.1, 0.3]))
    power = result["devices"]["dishwasher"]["power_kw"]
    assert power == pytest.approx([2, 2, 0.5, 0.5])


def test_a_run_that_fits_only_after_the_horizon_is_left_to_a_later_plan() -> None:
    result = plan(home(dishwasher(1, 8)), series([0.1, 0.3]))
    assert result["status"] == "optimal"
    assert result["devices"]["dishwasher"]["start"] is None


def test_a_run_that_cannot_be_had_any_more_is_relaxed() -> None:
    result = plan(home(dishwasher(-3, 1)), series([0.1, 0.3]))
    assert result["status"] == "relaxed"
    assert result["relaxed"][0]["constraint"] == "dishwasher run by 13:00"
    assert result["relaxed"][0]["by"] == pytest.approx(2.5)


def test_a_window_shorter_than_the_run_is_relaxed() -> None:
    result = plan(home(dishwasher(1, 2)), series([0.1, 0.3, 0.2]))
    assert result["status"] == "relaxed"
    (entry,) = result["relaxed"]
    assert (entry["constraint"], entry["unit"]) == ("dishwasher run by 14:00", "kWh")
    assert entry["by"] == pytest.approx(2.5)


def test_a_limit_comes_before_the_run() -> None:
    given = home(dishwasher(0, 4), grid={"import_limit_kw": 2})
    result = plan(given, series([0.1] * 4))
    assert result["status"] == "relaxed"
    assert result["devices"]["dishwasher"]["power_kw"] == [0] * 4


@pytest.mark.parametrize(("value", "start"), [(0.2, None), (0.3, at(1))])
def test_an_optional_run_is_had_where_it_is_worth_its_price(
    value: float, start: str | None
) -> None:
    given = home(dishwasher(0, 3, value=value))
    rows = series([0.3, 0.1, 0.1])
    result = plan(given, rows)
    # The cheapest run costs 0.25.
    assert result["devices"]["dishwasher"]["start"] == start
    assert result["status"] == "optimal"
    judge(given, rows, result)


def test_an_optional_run_that_fits_nowhere_is_no_relaxation() -> None:
    result = plan(home(dishwasher(-3, 1, value=5)), series([0.1, 0.3]))
    assert result["status"] == "optimal"
    assert result["devices"]["dishwasher"]["start"] is None


NIGHT = {"start": at(2), "end": at(4)}


@pytest.mark.parametrize(("price", "start"), [(0.03, at(1)), (0.06, at(2))])
def test_a_preferred_window_is_worth_its_price(price: float, start: str) -> None:
    """From 0 or 1 the run costs 0.25, with 2.5 or 2 kWh outside; from 2 0.35."""
    fields = {"preferred": [NIGHT], "outside_price_per_kwh": price}
    given = home(dishwasher(0, 4, **fields))
    rows = series([0.1, 0.1, 0.1, 0.3])
    result = plan(given, rows)
    assert result["devices"]["dishwasher"]["start"] == start
    judge(given, rows, result)


def test_only_what_is_drawn_outside_has_a_price() -> None:
    """From 1 the 2 kW are outside and the 0.5 kW are not."""
    fields = {"preferred": [NIGHT], "outside_price_per_kwh": 0.1}
    given = home(dishwasher(1, 3, **fields))
    rows = series([0.1] * 4)
    result = plan(given, rows)
    assert result["cost"]["comfort"] == pytest.approx(0.2)
    judge(given, rows, result)


def test_a_preferred_window_without_a_price_decides_between_equals() -> None:
    given = home(dishwasher(0, 4, preferred=[NIGHT]))
    assert plan(given, series([0.2] * 4))["devices"]["dishwasher"]["start"] == at(2)
    dearer = series([0.2, 0.2, 0.21, 0.2])
    assert plan(given, dearer)["devices"]["dishwasher"]["start"] == at(0)


def test_at_equal_cost_it_runs_sooner() -> None:
    result = plan(home(dishwasher(1, 6)), series([0.2] * 6))
    assert result["devices"]["dishwasher"]["start"] == at(1)


def test_a_preference_that_says_nothing_is_refused() -> None:
    for fields, text in (
        ({"outside_price_per_kwh": 0.1}, "needs preferred windows"),
        ({"preferred": [{"start": at(2), "end": at(1)}]}, "must be after start"),
    ):
        with pytest.raises(InputError, match=text):
            home_from_json(home(dishwasher(0, 4, **fields)))
