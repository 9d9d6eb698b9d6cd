"""What sentences ask for again and again is worked out once."""

import numpy as np
import pytest

from optimizer.align import align, horizon_of
from optimizer.optimize import Options, solved
from optimizer.outcome import Outcome
from optimizer.read_home import home_from_json
from optimizer.series import table
from optimizer.structures import Structures
from tests.optimizer.homes import BATTERY, CAR, at, home, series


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    stay = {"arrive": at(0), "depart": at(6), "energy_kwh": 30}
    capacity = {"integration_minutes": 30, "price_per_kw": 4, "peak_so_far_kw": 1}
    given = home_from_json(
        home(
            BATTERY,
            {**CAR, "sessions": [stay]},
            minutes=15,
            tariff={"capacity": capacity},
        )
    )
    rows = table(series([0.2 + 0.01 * (t % 5) for t in range(32)], minutes=15))
    horizon = horizon_of(given, rows)
    columns = align(given, rows, horizon)
    found, _ = solved(given, horizon, columns, Options(), Structures())
    return found


def test_values_prices_and_worths_are_the_same_objects_and_nobody_changes_them(
    outcome: Outcome,
) -> None:
    charge = outcome.block("battery").charge
    for ask in (
        lambda: outcome.values(charge),
        lambda: outcome.price_at("battery"),
        lambda: outcome.stored_value("battery"),
    ):
        assert ask() is ask()
        with pytest.raises(ValueError, match="read-only"):
            ask()[0] = 1.0


def test_values_are_those_of_the_variables_that_were_asked_for(
    outcome: Outcome,
) -> None:
    charge, discharge = (
        outcome.block("battery").charge,
        outcome.block("battery").discharge,
    )
    some = {t: charge[t] for t in range(4)}
    assert np.array_equal(outcome.values(some)[:4], outcome.values(charge)[:4])
    assert not outcome.values(some)[4:].any()
    assert not np.array_equal(outcome.values(charge), outcome.values(discharge))


def test_peaks_are_found_by_the_steps_that_they_have(outcome: Outcome) -> None:
    assert len(outcome.priced_peaks) > 1
    for start in range(32):
        for stop in range(start + 1, 33):
            found = outcome.priced_peaks_in(slice(start, stop))
            assert found == [
                peak
                for peak in outcome.priced_peaks
                if any(start <= t < stop for t in peak.steps)
            ]
