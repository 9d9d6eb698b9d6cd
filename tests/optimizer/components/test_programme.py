"""Programmes against every course that they can take, counted in minutes."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given, settings, strategies as st
import numpy as np
import pytest

from cem_core.model.what_if import What
from optimizer.alternative import alternative
from optimizer.document import InputError
from optimizer.read_home import home_from_json
from optimizer.series import table
from optimizer.what_if import WhatIf
from tests.optimizer.homes import Json, at, home, plan, series

STEPS, MINUTES, PROFILE = 8, 15, 5
END = STEPS * MINUTES
few = settings(max_examples=40, deadline=None, derandomize=True)
prices = st.lists(st.integers(-10, 80), min_size=STEPS, max_size=STEPS)
options = st.builds(
    lambda profile, interruptible, longest: {
        "profile_kw": [float(kw) for kw in profile],
        "interruptible": interruptible,
        "max_pause_minutes": longest,
    },
    st.lists(st.integers(0, 3), min_size=1, max_size=7),
    st.booleans(),
    st.sampled_from([0, 10, 30, 1440]),
)
sections = st.lists(st.lists(options, min_size=1, max_size=2), min_size=1, max_size=2)

type Run = tuple[tuple[int, int, float], ...]  # from and until which minute, and kW


def programme(found: Sequence[Sequence[Json]], **changes: Any) -> Json:
    return {
        "id": "washer",
        "kind": "programme",
        "profile_step_minutes": PROFILE,
        "earliest_start": at(0),
        "latest_end": at(END / 60),
        "sections": [
            {
                "id": f"section {place}",
                "options": [
                    {"id": f"option {number}", **option}
                    for number, option in enumerate(each)
                ],
            }
            for place, each in enumerate(found)
        ],
    } | changes


def resumes(came: int, longest: float) -> Iterator[int]:
    """Yield when it may go on: at once, or with a step that is soon enough."""
    yield came
    for minute in range(0, END, MINUTES):
        if came < minute <= came + longest:
            yield minute


def option_runs(option: Json, begin: int, done: int = 0) -> Iterator[Run]:
    """Yield the ways to run an option from a minute on."""
    left = option["profile_kw"][done:]
    if not left:
        yield ()
        return
    cut = MINUTES // PROFILE if option["interruptible"] else len(left)
    piece = left[:cut]
    pieces = tuple(
        (begin + n * PROFILE, begin + (n + 1) * PROFILE, kw)
        for n, kw in enumerate(piece)
    )
    end = begin + len(piece) * PROFILE
    if len(piece) == len(left):
        yield pieces
        return
    for minute in resumes(end, END):
        for rest in option_runs(option, minute, done + len(piece)):
            yield pieces + rest


def runs(found: Sequence[Sequence[Json]], came: int | None) -> Iterator[Run]:
    """Yield every course, from when what ran before ended; None: nothing ran."""
    if not found:
        yield ()
        return
    for option in found[0]:
        begins = (
            range(0, END, MINUTES)
            if came is None
            else resumes(came, option["max_pause_minutes"])
        )
        for begin in begins:
            for own in option_runs(option, begin):
                if own[-1][1] <= END:
                    for rest in runs(found[1:], own[-1][1]):
                        yield own + rest


def cost(run: Run, cents: Sequence[int]) -> float:
    total = 0.0
    for begin, end, kw in run:
        for minute in range(begin, end):
            total += kw / 60 * cents[minute // MINUTES] / 100
    return total


def rows_of(cents: Sequence[int]) -> Json:
    return series([c / 100 for c in cents], minutes=MINUTES, load_kw=0.0)


@few
@given(prices, sections, st.booleans())
def test_the_cheapest_course_is_taken(
    cents: list[int], found: list[list[Json]], begun: bool
) -> None:
    device = programme(found, begun=begun)
    result = plan(home(device, minutes=MINUTES), rows_of(cents), gap=1e-9)
    came = 0 if begun else None
    costs = [cost(run, cents) for run in runs(found, came)]
    assert bool(costs) == (result["status"] == "optimal")
    if costs:
        assert result["objective"] == pytest.approx(min(costs), abs=1e-6)


def washer(**changes: Any) -> Json:
    wash: list[Json] = [
        {"profile_kw": [2.0] * 6, "interruptible": True},
        {"profile_kw": [1.5] * 12},
    ]
    return programme([wash, [{"profile_kw": [0.6] * 3}]], **changes)


def test_it_is_paused_while_it_is_dear() -> None:
    result = plan(
        home(washer(), minutes=MINUTES), rows_of([50, 10, 50, 10, 50, 50, 50, 50])
    )
    found = result["devices"]["washer"]
    assert found["power_kw"] == pytest.approx([0, 2, 0, 2, 0.6, 0, 0, 0])
    assert found["order_kw"] == [None, None, 0, *[None] * 5]
    assert [each["option"] for each in found["sections"]] == ["option 0", "option 0"]
    starts = [datetime.fromisoformat(each["start"]) for each in found["sections"]]
    assert starts[1] - starts[0] == timedelta(minutes=45)
    assert datetime.fromisoformat(found["start"]) == starts[0]


def test_a_limit_is_kept_by_the_option_that_draws_less() -> None:
    limits = {"import_limit_kw": 1.6}
    result = plan(home(washer(), minutes=MINUTES, grid=limits), rows_of([10] * STEPS))
    found = result["devices"]["washer"]
    assert found["sections"][0]["option"] == "option 1"
    assert max(found["power_kw"]) == pytest.approx(1.5)


def test_what_was_paused_before_the_plan_is_paused_until_it_goes_on() -> None:
    rest = [[{"profile_kw": [2.0] * 3, "max_pause_minutes": 60}]]
    device = programme(rest, begun=True)
    result = plan(home(device, minutes=MINUTES), rows_of([50, 50, 10, *[50] * 5]))
    assert result["devices"]["washer"]["order_kw"] == [0, 0, *[None] * 6]


def test_a_run_without_enough_time_is_given_up() -> None:
    device = washer(latest_end=at(0.5))
    result = plan(home(device, minutes=MINUTES), rows_of([10] * STEPS))
    assert result["status"] == "relaxed"
    (entry,) = result["relaxed"]
    assert entry["key"] == "appliance_does_not_run"
    assert not any(result["devices"]["washer"]["power_kw"])


def test_a_run_that_a_later_plan_can_do_is_left_to_it() -> None:
    device = washer(earliest_start=at(1.5), latest_end=at(12))
    result = plan(home(device, minutes=MINUTES), rows_of([10] * STEPS))
    assert result["status"] == "optimal"
    assert result["devices"]["washer"]["start"] is None


def test_it_can_be_asked_what_another_start_costs() -> None:
    document = home(washer(), minutes=MINUTES)
    rows = table(rows_of([10, 20, 30, 40, 50, 60, 70, 80]))
    asked = WhatIf(
        device="washer", what=What.START, start=datetime.fromisoformat(at(0.5))
    )
    found = alternative(home_from_json(document), rows, asked)
    # Hot: 0.5 kWh in each of two steps and 0.15 in a third, 20 cents dearer each.
    assert found["more_cost"] == pytest.approx(0.2 * (0.5 + 0.5 + 0.15), abs=1e-4)
    late = replace(asked, start=datetime.fromisoformat(at(1.9)))
    with pytest.raises(InputError, match="washer cannot start then"):
        alternative(home_from_json(document), rows, late)


def test_in_longer_steps_it_draws_the_same() -> None:
    rows = series([0.3, 0.1, 0.3, 0.3], load_kw=0.0)
    device = washer(latest_end=at(4))
    found = plan(home(device), rows)["devices"]["washer"]
    assert np.sum(found["power_kw"]) == pytest.approx(2.0 * 0.5 + 0.6 * 0.25)


@pytest.mark.parametrize(
    ("changes", "where", "text"),
    [
        ({"latest_end": at(0)}, "latest_end", "must be after earliest_start"),
        ({"sections": []}, "sections", "at least one section"),
        (
            {"sections": [{"id": "a", "options": []}]},
            "sections[0].options",
            "at least one option",
        ),
        (
            {"sections": [{"id": "a", "options": [{"id": "b", "profile_kw": []}]}]},
            "sections[0].options[0].profile_kw",
            "at least one power",
        ),
    ],
)
def test_what_does_not_fit_is_named(changes: Json, where: str, text: str) -> None:
    with pytest.raises(InputError, match=text) as raised:
        plan(home(washer(**changes)), rows_of([10] * STEPS))
    assert where in str(raised.value)
