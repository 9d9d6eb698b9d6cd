"""What is under way when a plan begins, and starts that take time.

Against every pattern of being on in six steps of an hour: what a pattern draws follows
from when it was switched on.
"""

from collections.abc import Sequence
from itertools import product

from hypothesis import given, settings, strategies as st
import numpy as np
import pytest

from tests.optimizer.homes import Json, at, home, plan, series

STEPS = 6
POWER_KW = 2.0
VALUE = 0.5
LOAD: Json = {
    "id": "pool",
    "kind": "flexible_load",
    "min_power_kw": POWER_KW,
    "max_power_kw": POWER_KW,
    "energy_kwh": 7,
    "windows": [{"start": at(0), "end": at(STEPS)}],
    "value_per_kwh": VALUE,
}
few = settings(max_examples=25, deadline=None, derandomize=True)
prices = st.lists(st.integers(-10, 80), min_size=STEPS, max_size=STEPS)


def shares(pattern: Sequence[int], *, before: bool, start_h: float) -> list[float]:
    """Return what of each hour it draws, where a start takes ``start_h``."""
    found, since = [], -np.inf if before else None
    for t, on in enumerate(pattern):
        since = (since if since is not None else t) if on else None
        lost = 1.0 if since is None else min(max(since + start_h - t, 0.0), 1.0)
        found.append(1.0 - lost)
    return found


def best(cents: Sequence[int], held_h: float, start_h: float, *, before: bool) -> float:
    """Return what the best pattern costs."""
    least = np.inf
    for pattern in product((0, 1), repeat=STEPS):
        if any(bool(on) != before for t, on in enumerate(pattern) if t < held_h):
            continue
        drawn = POWER_KW * np.array(shares(pattern, before=before, start_h=start_h))
        if drawn.sum() <= LOAD["energy_kwh"] + 1e-9:
            cost = drawn @ (np.array(cents) / 100) - VALUE * drawn.sum()
            least = min(least, float(cost))
    return least


@few
@given(
    prices,
    st.sampled_from([0, 1, 60, 90, 180]),
    st.sampled_from([0, 15, 60, 90]),
    st.booleans(),
)
def test_the_plan_is_the_best_of_what_is_possible(
    cents: list[int], held: int, start: float, before: bool
) -> None:
    device = LOAD | {
        "held_minutes": held,
        "start_minutes": start,
        "initially_on": before,
    }
    rows = series([c / 100 for c in cents], export_price=-1.0, load_kw=0.0)
    found = plan(home(device), rows, gap=1e-9)
    assert found["status"] == "optimal"
    expected = best(cents, held / 60, start / 60, before=before)
    assert found["objective"] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("before", [True, False])
def test_what_is_under_way_is_not_changed(before: bool) -> None:
    device = LOAD | {"held_minutes": 90, "initially_on": before}
    dear = [0.9, 0.9, 0.1, 0.1, 0.1, 0.9] if before else [0.1] * STEPS
    power_kw = plan(home(device), series(dear, load_kw=0.0))["devices"]["pool"][
        "power_kw"
    ]
    assert [kw > 0 for kw in power_kw[:2]] == [before, before]


def test_a_run_is_broken_off_only_where_it_cannot_go_on() -> None:
    device = LOAD | {"held_minutes": 120, "initially_on": True, "energy_kwh": 3}
    found = plan(home(device), series([0.1] * STEPS, load_kw=0.0))
    assert found["status"] == "relaxed"
    (entry,) = found["relaxed"]
    assert entry["key"] == "run_is_broken_off"
    assert entry["by"] == pytest.approx(2)


def test_it_is_ordered_to_run_while_it_starts() -> None:
    device = LOAD | {"start_minutes": 90, "energy_kwh": 3}
    rows = series([0.9, 0.9, 0.4, 0.1, 0.9, 0.9], load_kw=0.0)
    pool = plan(home(device), rows)["devices"]["pool"]
    assert pool["power_kw"] == pytest.approx([0, 0, 1, 2, 0, 0])
    assert pool["order_kw"] == pytest.approx([0, 2, 2, 2, 0, 0])
    assert pool["action"] == ["off", "run", "run", "run", "off", "off"]


def test_of_several_ranges_the_share_of_the_one_that_is_chosen_is_lost() -> None:
    ranges = [{"min_kw": 1, "max_kw": 1}, {"min_kw": 3, "max_kw": 4}]
    device = LOAD | {"min_power_kw": 1, "max_power_kw": 4, "power_ranges": ranges}
    device |= {"start_minutes": 15, "energy_kwh": 20}
    rows = series([0.1, 0.9, 0.1, 0.1, 0.9, 0.1], load_kw=0.0)
    pool = plan(home(device, grid={"import_limit_kw": 2.0}), rows)["devices"]["pool"]
    assert pool["power_kw"] == pytest.approx([0.75, 0, 0.75, 1, 0, 0.75])
