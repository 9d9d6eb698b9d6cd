"""Profiles: what they do to rooms, and when they are over."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st
import pytest

from cem_core.model.profile import VACATION_C, Profile, ProfileChoice

NOW = datetime(2026, 1, 15, 18, tzinfo=UTC)


@pytest.mark.parametrize(
    ("profile", "band"),
    [
        (Profile.HOME, (20, 22)),
        (Profile.GUEST_CAR, (20, 22)),
        (Profile.AWAY, (18, 22)),
        (Profile.VACATION, (15, 22)),
        (Profile.PARTY, (21, 22)),
    ],
)
def test_rooms_of_a_profile(profile: Profile, band: tuple[float, float]) -> None:
    assert profile.room_c(20, 22) == band


@given(
    profile=st.sampled_from(Profile),
    lowest_c=st.floats(5, 29),
    width_k=st.floats(0.5, 10),
)
def test_no_profile_lowers_below_damp_or_goes_beyond_the_band(
    profile: Profile, lowest_c: float, width_k: float
) -> None:
    low, high = profile.room_c(lowest_c, lowest_c + width_k)
    assert low < high == lowest_c + width_k
    assert low >= min(lowest_c, VACATION_C)


def test_a_profile_ends_on_its_second() -> None:
    until = NOW + timedelta(hours=2)
    choice = ProfileChoice(profile=Profile.VACATION, until=until)
    assert choice.at(until - timedelta(seconds=1)) is Profile.VACATION
    assert choice.at(until) is Profile.HOME
    assert ProfileChoice(profile=Profile.PARTY).at(until) is Profile.PARTY


@pytest.mark.parametrize("until", [None, NOW])
def test_a_choice_survives_the_store(until: datetime | None) -> None:
    choice = ProfileChoice(profile=Profile.AWAY, until=until)
    assert ProfileChoice.from_json(choice.to_json()) == choice


@given(st.sampled_from(Profile), st.floats(15, 27), st.floats(0.1, 5))
def test_cooling_is_heating_in_a_mirror(
    profile: Profile, lowest_c: float, width_k: float
) -> None:
    """Turned round at 21.5 °C, between 15 and 28, the bands are the same."""
    highest_c = min(lowest_c + width_k, 28.0)
    low, high = profile.cooled_c(lowest_c, highest_c)
    mirrored = profile.room_c(43.0 - highest_c, 43.0 - lowest_c)
    assert (43.0 - high, 43.0 - low) == pytest.approx(mirrored)
