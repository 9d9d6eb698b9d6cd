"""What a power means to a loadpoint: it holds it then, and draws no more."""

from dataclasses import replace
from typing import Any

from hypothesis import given, strategies as st
import pytest

from cem_core.evcc.loadpoint import ChargeMode, Loadpoint, loadpoint
from cem_core.evcc.steering import Charger, Setting, held, held_w
from tests.cem_core.evcc.served import Evcc

CHARGER = Charger(
    max_current_a=16, phases=3, configured=None, own_mode=ChargeMode.MIN_PV
)


def at(**said: Any) -> Loadpoint:
    return loadpoint([Evcc(**said).loadpoint], 1)


def taken(said: dict[str, Any], settings: tuple[Setting, ...]) -> Loadpoint:
    """Return the loadpoint after evcc took ``settings``; it raises what it refuses."""
    evcc = Evcc(**said)
    for setting in settings:
        evcc._take(setting.key, setting.value)
    return loadpoint([evcc.loadpoint], 1)


@pytest.mark.parametrize(
    ("said", "power_w", "told"),
    [
        ({}, 6900, ["maxcurrent 10", "mode now"]),
        ({"mode": "now"}, 11040, []),
        # Less is looked at once where something is told that evcc looks at.
        ({"mode": "now"}, 6900, ["maxcurrent 10", "phases 0"]),
        ({"mode": "now", "maxCurrent": 8}, 6900, ["maxcurrent 10"]),
        ({"mode": "now"}, 7000, ["maxcurrent 10.1", "phases 0"]),
        ({"mode": "now"}, 4100, ["mode off"]),  # below 6 A
        ({"mode": "now"}, 0, ["mode off"]),
        ({"mode": "off"}, 0, []),
        ({"mode": "now", "minCurrent": 8}, 5000, ["mode off"]),
        ({"mode": "now", "maxCurrent": 10}, None, ["maxcurrent 16", "mode minpv"]),
        ({"mode": "minpv"}, None, []),
        # It cannot switch, and its number of phases is not known: nothing to tell.
        ({"mode": "now", "chargerPhases1p3p": False}, 6900, ["maxcurrent 10"]),
    ],
)
def test_what_is_told(
    said: dict[str, Any], power_w: float | None, told: list[str]
) -> None:
    now = at(**said)
    settings = tuple(held(now, CHARGER, power_w).settings(now))
    assert [f"{s.key} {s.value}" for s in settings] == told


def test_phases_are_switched_where_that_is_ours_and_given_back() -> None:
    one = replace(CHARGER, phases=1, configured=1)
    now = at(mode="now")
    told = list(held(now, one, 2300).settings(now))
    assert told == [Setting("maxcurrent", "10"), Setting("phases", "1")]
    now = at(mode="now", phasesConfigured=1, maxCurrent=10)
    assert held(now, one, 2300).is_kept(now)
    back = list(held(now, one, None).settings(now))
    assert Setting("phases", "0") in back
    unable = at(mode="now", chargerPhases1p3p=False, phasesConfigured=3)
    assert held(unable, one, 2300).phases_configured is None


def test_all_of_it_is_told_to_one_that_is_to_be_sure() -> None:
    now = at(mode="now", maxCurrent=10)
    told = [s.key for s in held(now, CHARGER, 6900).settings(now, all_of_it=True)]
    assert told == ["maxcurrent", "mode"]


@given(
    mode=st.sampled_from(ChargeMode),
    most_a=st.integers(6, 32),
    least_a=st.integers(6, 10),
    phases=st.sampled_from((1, 3)),
    switches=st.booleans(),
    configured=st.sampled_from((None, 1, 3)),
    power_w=st.none() | st.integers(0, 25_000),
)
def test_what_was_taken_is_kept_and_draws_no_more_than_ordered(  # noqa: PLR0917
    mode: ChargeMode,
    most_a: int,
    least_a: int,
    phases: int,
    switches: bool,
    configured: int | None,
    power_w: int | None,
) -> None:
    said: dict[str, Any] = {
        "mode": mode,
        "maxCurrent": max(most_a, least_a),
        "minCurrent": least_a,
        "chargerPhases1p3p": switches,
        "phasesConfigured": 0 if switches else 3,
    }
    charger = replace(CHARGER, phases=phases, configured=configured)
    now = at(**said)
    target = held(now, charger, power_w)
    after = taken(said, tuple(target.settings(now)))
    assert target.is_kept(after)
    if power_w is None:
        assert after.mode is CHARGER.own_mode
    else:
        drawn_w = held_w(after, phases)
        assert drawn_w is not None
        assert drawn_w <= power_w + 0.5
