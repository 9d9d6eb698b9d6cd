"""What the CEM's own charging profiles come to at a station that is played."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st

from cem_core.ocpp.profile import Allowance, Wiring, profile_16, profile_201
from cem_core.simulation.charging_profiles import ChargingProfiles

NOW = datetime(2026, 4, 23, 12, tzinfo=UTC)
LASTS = timedelta(minutes=10)
WIRING = Wiring(most_a=16.0)
STAYS = profile_16(Allowance(power_w=4140.0), WIRING)


def at(profiles: ChargingProfiles, seconds: float) -> float | None:
    return profiles.current_a(
        NOW + timedelta(seconds=seconds), began=NOW - timedelta(hours=1), phases=3
    )


@given(st.integers(4140, 11_040), st.integers(0, 599))
def test_a_short_profile_holds_for_its_time_and_then_the_one_that_stays(
    power_w: int, seconds: int
) -> None:
    allowance = Allowance(power_w=float(power_w))
    profiles = ChargingProfiles()
    profiles.keep(STAYS)
    short = profile_16(allowance, WIRING, connector=1, now=NOW, lasts=LASTS)
    profiles.keep(short)
    assert at(profiles, seconds) == allowance.ampere(16.0)
    assert at(profiles, 600) == 6.0
    assert profiles.clear(101)
    assert at(profiles, seconds) == 6.0
    assert not profiles.clear(101)


def test_the_transaction_overrules_the_default_until_it_ends() -> None:
    profiles = ChargingProfiles()
    profiles.keep(STAYS)
    profiles.keep(
        profile_201(
            Allowance(power_w=6900.0),
            WIRING,
            connector=1,
            now=NOW,
            lasts=LASTS,
            transaction="one",
        )
    )
    assert at(profiles, 1) == 10.0
    profiles.session_over()
    assert at(profiles, 1) == 6.0


def test_a_schedule_in_watts_and_a_maximum_of_the_station() -> None:
    watts = Wiring(most_a=16.0, in_ampere=False)
    profiles = ChargingProfiles()
    assert at(profiles, 0) is None
    profiles.keep(profile_16(Allowance(power_w=6900.0), watts))
    assert at(profiles, 0) == 10.0
    most = profile_16(Allowance(power_w=4830.0), WIRING)
    profiles.keep(
        most
        | {"charging_profile_purpose": "ChargePointMaxProfile"}
        | {"charging_profile_id": 7}
    )
    assert at(profiles, 0) == 7.0
