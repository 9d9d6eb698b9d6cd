import pytest

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
