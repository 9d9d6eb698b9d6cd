from datetime import UTC, datetime, timedelta

import pytest

from custom_components.cem.charging_session import ChargingSession, Stay

NOW = datetime(2026, 1, 15, 18, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def played(session: ChargingSession, *spans: tuple[int, int, bool]) -> datetime:
    """Play minutes at a power, offered or not; return when they end."""
    time = NOW
    for minutes, power_w, offered in spans:
        for _ in range(minutes):
            session.count(time, power_w=power_w, connected=True, offered=offered)
            time += MINUTE
    return time


def left(session: ChargingSession, time: datetime) -> Stay | None:
    return session.count(time, power_w=0, connected=False)


def test_a_car_that_stops_by_itself_is_full() -> None:
    session = ChargingSession()
    stay = left(session, played(session, (60, 6000, True), (30, 0, True)))
    assert stay is not None
    assert stay.full
    assert stay.arrive == NOW
    assert stay.energy_wh == pytest.approx(6000, rel=0.03)
    assert session.arrived is None
    assert session.energy_wh == 0


@pytest.mark.parametrize(
    "spans",
    [
        ((60, 6000, True),),  # it left while charging
        ((60, 6000, True), (60, 0, False)),  # the plan stopped it
        ((60, 0, True),),  # it never began
    ],
)
def test_a_car_that_was_stopped_or_left_may_have_needed_more(
    spans: tuple[tuple[int, int, bool], ...],
) -> None:
    session = ChargingSession()
    stay = left(session, played(session, *spans))
    assert stay is not None
    assert not stay.full


def test_a_car_goes_on_where_it_was_before_a_restart() -> None:
    before = ChargingSession()
    time = played(before, (60, 6000, True))
    document = before.as_json()
    assert document is not None
    after = ChargingSession()
    after.restore(document)
    after.count(time, power_w=6000, connected=True)
    stay = left(after, time + MINUTE)
    assert stay is not None
    assert stay.arrive == NOW
    gone = ChargingSession()
    gone.restore(document)
    assert left(gone, time) is None  # nobody saw when it left


def test_a_car_whose_power_is_not_measured_teaches_nothing() -> None:
    session = ChargingSession()
    assert session.as_json() is None
    session.count(NOW, power_w=None, connected=True)
    assert session.count(NOW + MINUTE, power_w=None, connected=False) is None
