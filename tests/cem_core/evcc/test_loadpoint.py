"""What evcc says of a loadpoint is taken, and nonsense is not."""

from contextlib import suppress
from typing import Any

from hypothesis import given, strategies as st
import pytest

from cem_core.evcc.error import EvccError
from cem_core.evcc.loadpoint import ChargeMode, loadpoint
from tests.cem_core.evcc.served import Evcc

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inside: (
        st.lists(inside, max_size=3)
        | st.dictionaries(st.text(max_size=5), inside, max_size=3)
    ),
    max_leaves=8,
)


def said(**changes: Any) -> list[dict[str, Any]]:
    return [Evcc(**changes).loadpoint]


def test_a_loadpoint_is_read() -> None:
    found = loadpoint(said(chargePower=4140.5, vehicleSoc=62.5, phasesActive=1), 1)
    assert found.title == "Carport"
    assert found.mode is ChargeMode.PV
    assert (found.min_current_a, found.max_current_a) == (6, 16)
    assert (found.phases_configured, found.phases_active) == (0, 1)
    assert found.switches_phases
    assert found.connected
    assert found.power_w == 4140.5
    assert found.state_of_charge == 0.625


@pytest.mark.parametrize("percent", [None, 0, 0.0, 101, -1, True, "62"])
def test_a_state_of_charge_that_evcc_does_not_know_is_none(percent: object) -> None:
    assert loadpoint(said(vehicleSoc=percent), 1).state_of_charge is None


@pytest.mark.parametrize(
    ("found", "number", "cause"),
    [
        ({}, 1, "no list of loadpoints"),
        ([], 1, "evcc has 0 loadpoints: there is no 1"),
        (said(), 2, "there is no 2"),
        (said(), 0, "there is no 0"),
        ([[]], 1, "no object"),
        (said(mode=""), 1, "mode '' is not known"),
        (said(mode="later"), 1, "mode 'later' is not known"),
        (said(maxCurrent="16"), 1, "maxCurrent is no number"),
        (said(minCurrent=None), 1, "minCurrent is no number"),
        (said(phasesConfigured=10**400), 1, "phasesConfigured is no number"),
        (said(phasesConfigured=float("nan")), 1, "phasesConfigured is no number"),
    ],
)
def test_what_evcc_must_say_is_missed(found: object, number: int, cause: str) -> None:
    with pytest.raises(EvccError, match=cause):
        loadpoint(found, number)


@given(
    key=st.sampled_from(sorted(Evcc().loadpoint)),
    value=json_values,
)
def test_any_value_is_taken_or_refused_in_words(key: str, value: object) -> None:
    with suppress(EvccError):
        found = loadpoint(said(**{key: value}), 1)
        assert found.state_of_charge is None or 0 < found.state_of_charge <= 1
