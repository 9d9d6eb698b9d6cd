"""What a roof usually gives, by where it is and by season."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st
import pytest

from cem_core.insight.typical_sun import Place, typical_sun_kw

HOUR = timedelta(hours=1)
SOLSTICE = datetime(2026, 6, 21, tzinfo=UTC)
WINTER = datetime(2026, 12, 21, tzinfo=UTC)
AMSTERDAM = Place(latitude=52.37, longitude=4.9)


def test_a_year_and_its_seasons_are_those_of_the_place() -> None:
    year = typical_sun_kw(AMSTERDAM, 1.0, datetime(2026, 1, 1, tzinfo=UTC), HOUR, 8760)
    assert 800 < year.sum() < 1000  # kWh of each kW
    summer = typical_sun_kw(AMSTERDAM, 1.0, SOLSTICE, HOUR, 24)
    winter = typical_sun_kw(AMSTERDAM, 1.0, WINTER, HOUR, 24)
    assert summer.sum() > 5 * winter.sum()
    # Rise and set as almanacs have them, less what the air bends: on 21 June 3:18 and
    # 20:06 UTC, on 21 December 7:48 and 15:28.
    assert [hour for hour in range(24) if summer[hour] > 0] == list(range(3, 20))
    assert [hour for hour in range(24) if winter[hour] > 0] == list(range(8, 16))


def test_the_poles_have_no_night_or_no_day() -> None:
    north = Place(latitude=80, longitude=0)
    assert (typical_sun_kw(north, 1.0, SOLSTICE, HOUR, 24) > 0).all()
    assert not typical_sun_kw(north, 1.0, WINTER, HOUR, 24).any()
    south = Place(latitude=-33, longitude=151)
    assert (
        typical_sun_kw(south, 1.0, WINTER, HOUR, 24).sum()
        > typical_sun_kw(south, 1.0, SOLSTICE, HOUR, 24).sum()
    )


@given(
    st.floats(-90, 90),
    st.floats(-180, 180),
    st.floats(0, 100),
    st.integers(0, 400),
    st.sampled_from([5, 15, 60]),
)
def test_it_lies_between_nothing_and_the_peak(
    latitude: float, longitude: float, peak_kw: float, day: int, minutes: int
) -> None:
    place = Place(latitude=latitude, longitude=longitude)
    start, step = WINTER + timedelta(days=day), timedelta(minutes=minutes)
    found = typical_sun_kw(place, peak_kw, start, step, timedelta(days=1) // step)
    assert ((found >= 0) & (found <= peak_kw)).all()
    # The same day in hours has the same energy.
    hours = typical_sun_kw(place, peak_kw, start, HOUR, 24).sum()
    assert found.sum() * minutes / 60 == pytest.approx(hours, rel=0.02, abs=1e-3)
