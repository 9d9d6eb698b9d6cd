"""A thousand crossings and ten thousand telegrams that do not cross, in no time."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
import random

import pytest

from cem_core.dispatch import DispatchSettings
from cem_core.limits import Contract, Level, NearLimit, NoticeCause, OrderBook
from cem_core.limits.trip_rules import TripRule, trip_watch
from cem_core.model import (
    Device,
    DeviceKind,
    DeviceState,
    Direction,
    LimitSource,
    PhaseReading,
    PowerLimit,
    Reading,
    Scope,
)
from custom_components.cem.fast_loop import FastLoop

START = datetime(2026, 1, 1, tzinfo=UTC)
LIMIT_W = 10_000
CROSSINGS = 1000
TELEGRAMS = 10_000
FIVE_MINUTES_S = 300

DEVICES = (
    Device(
        device_id="heat_pump",
        name="Heat pump",
        kind=DeviceKind.HEAT_PUMP,
        rated_power_w=2500,
        floor_w=500,
        shed_rank=2,
    ),
    Device(
        device_id="battery",
        name="Battery",
        kind=DeviceKind.BATTERY,
        rated_power_w=5000,
        rated_discharge_w=5000,
        shed_rank=1,
    ),
    Device(
        device_id="charger",
        name="Charger",
        kind=DeviceKind.EV_CHARGER,
        rated_power_w=11_000,
        min_power_w=4140,
        shed_rank=0,
    ),
    Device(device_id="roof", name="Roof", kind=DeviceKind.SOLAR, rated_power_w=6000),
)


class Meter:
    """Sends telegrams to a fast loop, each at its own second."""

    def __init__(
        self, rule: TripRule = TripRule.NONE, devices: Sequence[Device] = ()
    ) -> None:
        self.loop = FastLoop(
            Contract(import_w=LIMIT_W, export_w=LIMIT_W),
            DispatchSettings(),
            trip=trip_watch(rule, LIMIT_W, date(2026, 11, 26)),
        )
        self.devices = devices
        self.states: dict[str, DeviceState] = {}
        self.at_s = 0.0
        self.orders = OrderBook()

    def send(
        self,
        power_w: int,
        after_s: float = 1.0,
        *,
        adps: bool | None = None,
        phases: tuple[PhaseReading, ...] = (),
    ) -> tuple[NearLimit, ...]:
        """Return the notices of one telegram."""
        self.at_s += after_s
        reading = Reading(
            format="p1",
            import_power_w=max(power_w, 0),
            export_power_w=max(-power_w, 0),
            limit_warning=adps,
            phases=phases,
        )
        _, notices = self.loop.run(
            reading,
            now=START + timedelta(seconds=self.at_s),
            monotonic_s=self.at_s,
            orders=self.orders,
            plan=None,
            devices=self.devices,
            states=self.states,
        )
        return notices


def test_a_thousand_crossings_are_a_thousand_notices_with_their_telegrams() -> None:
    meter, random_ = Meter(), random.Random(3)  # noqa: S311 - no secret
    for _ in range(CROSSINGS):
        power_w = random_.randint(8000, 12_000)
        level = Level.WARNING if power_w >= 9500 else Level.CAUTION
        (notice,) = meter.send(power_w, after_s=FIVE_MINUTES_S + random_.random())
        assert (notice.level, notice.power_w) == (level, power_w)
        (cleared,) = meter.send(random_.randint(-5000, 7499))
        assert not cleared.near


def test_crossings_within_five_minutes_are_one_notice_a_level() -> None:
    meter = Meter()
    told = [
        notice
        for power_w in (8500, 9700, 3000) * 99
        for notice in meter.send(power_w)
        if notice.near
    ]
    assert [x.level for x in told] == [Level.CAUTION, Level.WARNING]


def test_ten_thousand_telegrams_that_do_not_cross_tell_nothing() -> None:
    meter, random_ = Meter(TripRule.LINKY), random.Random(4)  # noqa: S311 - no secret
    for _ in range(TELEGRAMS):
        assert meter.send(random_.randint(-7999, 7999), after_s=0.1) == ()


def test_a_phase_with_a_limit_of_its_own_is_told_by_itself() -> None:
    meter = Meter()
    meter.orders.order(
        PowerLimit(
            limit_id="phase 2",
            source=LimitSource.ORDER,
            issuer="operator",
            direction=Direction.IMPORT,
            scope=Scope.CONNECTION,
            limit_w=4000,
            phase=2,
        )
    )
    phases = tuple(
        PhaseReading(phase=phase, import_power_w=power_w, export_power_w=0)
        for phase, power_w in ((1, 500), (2, 3900))
    )
    (notice,) = meter.send(4400, phases=phases)
    assert (notice.limit.phase, notice.power_w) == (2, 3900)
    assert meter.send(4400) == ()  # not measured now: no all-clear
    (cleared,) = meter.send(
        500, phases=(*phases[:1], PhaseReading(phase=2, import_power_w=0))
    )
    assert not cleared.near


def test_adps_is_told_with_its_telegram() -> None:
    meter = Meter()
    meter.send(9600, adps=False)
    (notice,) = meter.send(9600, adps=True)
    assert notice.cause is NoticeCause.METER


@pytest.mark.parametrize(
    ("rule", "power_w", "trip_s"),
    [
        (TripRule.LINKY, 20_000, 68.3),
        (TripRule.ITALY, 12_000, 182 * 60),
        (TripRule.ITALY, 14_000, 120),
        (TripRule.SPAIN, 11_000, 30),
        (TripRule.BREAKER_B, 14_500, 293),
    ],
)
def test_the_notice_says_when_it_trips(
    rule: TripRule, power_w: int, trip_s: float
) -> None:
    meter = Meter(rule)
    assert meter.send(500) == ()
    (notice,) = meter.send(power_w)
    # The second before the telegram counts already.
    assert notice.trip_s == pytest.approx(trip_s - 1, abs=1.0)


def test_a_growing_excess_is_told_again_as_it_trips_sooner() -> None:
    meter = Meter(TripRule.ITALY)
    meter.send(500)
    (first,) = meter.send(12_000)
    (sooner,) = meter.send(14_000)
    assert first.trip_s == 182 * 60 - 1
    assert sooner.trip_s is not None
    assert sooner.trip_s < 121
    assert sooner.cause is NoticeCause.TRIP
    assert all(meter.send(14_000) == () for _ in range(60))


def test_the_notice_names_who_would_help_in_the_users_order() -> None:
    meter = Meter(devices=DEVICES)
    powers_w = {"heat_pump": 2000, "battery": 1500, "charger": 4140, "roof": 900}
    meter.states = {
        device.device_id: DeviceState(
            device_id=device.device_id,
            time=START,
            power_w=powers_w[device.device_id],
            enabled=device.device_id != "heat_pump",
        )
        for device in DEVICES
    }
    meter.send(500)
    (notice,) = meter.send(9700)
    assert [(x.device_id, x.power_w, x.commanded) for x in notice.helping] == [
        ("charger", 4140, True),
        ("battery", 1500, True),
        ("heat_pump", 1500, False),
    ]
    meter.send(-500, after_s=400)
    (notice,) = meter.send(-9700)
    assert [x.device_id for x in notice.helping] == ["roof"]
