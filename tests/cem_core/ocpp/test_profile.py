"""Charging profiles."""

from datetime import UTC, datetime, timedelta
from typing import Final

from hypothesis import given, strategies as st
import pytest

from cem_core.ocpp.profile import (
    LEAST_A,
    Allowance,
    Wiring,
    period,
    profile_16,
    profile_201,
    short_id,
)

_NOW: Final = datetime(2026, 1, 15, 12, tzinfo=UTC)
_LASTS: Final = timedelta(minutes=10)


@given(
    power_w=st.one_of(st.none(), st.floats(0, 50_000)),
    phases=st.sampled_from([1, 3]),
    most_a=st.integers(60, 630).map(lambda tenths: tenths / 10),
)
def test_never_more_than_allowed_and_never_between_nothing_and_6_a(
    power_w: float | None, phases: int, most_a: float
) -> None:
    allowance = Allowance(power_w=power_w, phases=phases)
    current_a = allowance.ampere(most_a)
    assert current_a == 0 or LEAST_A <= current_a <= most_a
    if power_w is not None:
        assert current_a * phases * 230 <= power_w + 1e-3


def test_a_station_that_wants_powers_gets_powers() -> None:
    wiring = Wiring(in_ampere=False, says_phases=False)
    found = period(Allowance(power_w=7000.0), wiring)
    assert found == {"start_period": 0, "limit": 6969.0}


def test_what_stays_has_no_end_and_what_is_short_has() -> None:
    stays = profile_16(Allowance(power_w=4140.0), Wiring())
    short = profile_16(Allowance(power_w=0.0), Wiring(), now=_NOW, lasts=_LASTS)
    assert stays["stack_level"] < short["stack_level"]
    assert "duration" not in stays["charging_schedule"]
    assert short["charging_schedule"]["duration"] == 600
    assert short["charging_schedule"]["start_schedule"] == "2026-01-15T12:00:00Z"
    assert short["valid_to"] == "2026-01-15T12:10:00Z"


@pytest.mark.parametrize("transaction", [None, 7])
def test_a_profile_of_a_session_names_it(transaction: int | None) -> None:
    found = profile_16(
        Allowance(power_w=0.0),
        Wiring(),
        now=_NOW,
        lasts=_LASTS,
        transaction=transaction,
    )
    assert found.get("transaction_id") == transaction
    purpose = "TxDefaultProfile" if transaction is None else "TxProfile"
    assert found["charging_profile_purpose"] == purpose


def test_the_schedule_of_the_newer_version_is_one_of_a_list() -> None:
    found = profile_201(
        Allowance(power_w=0.0), Wiring(), now=_NOW, lasts=_LASTS, transaction="t-1"
    )
    (schedule,) = found["charging_schedule"]
    assert schedule["id"] == found["id"] == short_id(0)
    assert found["transaction_id"] == "t-1"
