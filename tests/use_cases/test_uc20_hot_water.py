"""UC20: hot water is planned, and its cycle against legionella is never held back.

A tank with physics, the fast loop on it every minute, and the plan of each day from
the optimiser: what the water does is what the next decision sees.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from cem_core.devices.hot_cycle import HotCycle, HotCycleLog
from cem_core.dispatch import DispatchSettings, Memory, dispatch
from cem_core.limits import arbitrate
from cem_core.model import (
    Action,
    Cause,
    Device,
    DeviceKind,
    DevicePlan,
    DeviceState,
    Direction,
    LimitSource,
    Plan,
    PlanStatus,
    PlanStep,
    PowerLimit,
    Protection,
    Reading,
    Scope,
)
from cem_core.model.plan_json import plan_from_json
from custom_components.cem.heat_protection import takes
from tests.optimizer.homes import NOON, home, plan, series

MINUTE: Final = timedelta(minutes=1)
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
TANK: Final = {"volume": 200, "max_power": 2}
KWH_PER_K: Final = 200 * 4.186 / 3600
LOSS_KW_PER_K: Final = 0.002
ROOM_C: Final = 20.0
CYCLE: Final = HotCycle(temperature_c=60, every=2 * DAY)
CHEAP: Final = range(14, 17)  # hours after noon: at night
BOILER: Final = Device(
    device_id="boiler",
    name="Boiler",
    kind=DeviceKind.WATER_HEATER,
    rated_power_w=2000,
    min_power_w=2000,
    step_w=2000,
)


def prices() -> list[float]:
    return [0.10 if hour in CHEAP else 0.40 for hour in range(24)]


def optimal(water_c: float, log: HotCycleLog, day: int) -> Plan:
    """Return the plan of a day, whose hours are those of the first one."""
    by = log.by(CYCLE) - day * DAY
    tank: dict[str, Any] = {
        "volume_l": 200,
        "initial_c": water_c,
        "min_c": 40,
        "max_c": 62,
        "loss_kw_per_k": LOSS_KW_PER_K,
        "draw_series": "draw_kw",
        "legionella": {"temperature_c": 60, "by": by.isoformat()},
    }
    boiler = {
        "id": "boiler",
        "kind": "water_heater",
        "min_power_kw": 1,
        "max_power_kw": 2,
        "tank": tank,
    }
    draw = [1.0 if hour in (8, 19) else 0.0 for hour in range(24)]
    document = plan(home(boiler), series(prices(), draw_kw=draw))
    found = plan_from_json(document, created_at=NOON)
    return replace(
        found,
        created_at=NOON + day * DAY,
        edges=tuple(edge + day * DAY for edge in found.edges),
    )


def always_off(water_c: float, log: HotCycleLog, day: int) -> Plan:
    """Return a plan that never heats."""
    del water_c, log
    begin = NOON + day * DAY
    step = PlanStep(action=Action.OFF, power_w=0)
    return Plan(
        created_at=begin,
        edges=(begin, begin + DAY),
        status=PlanStatus.OPTIMAL,
        devices={"boiler": DevicePlan(steps=(step,))},
    )


@dataclass
class Cellar:
    """The tank and the fast loop that commands it."""

    planned: Callable[[float, HotCycleLog, int], Plan]
    limits: Sequence[PowerLimit] = ()
    water_c: float = 50.0
    log: HotCycleLog = field(default_factory=lambda: HotCycleLog(done_at=NOON))
    done: list[datetime] = field(default_factory=list)
    costs: float = 0.0
    held_back: list[datetime] = field(default_factory=list)
    powers_w: dict[datetime, int] = field(default_factory=dict)

    def run(self, days: int) -> Cellar:
        memory, power_w, made = Memory(), 0, self.planned(self.water_c, self.log, 0)
        for minute in range(days * 24 * 60):
            now = NOON + minute * MINUTE
            if minute % (24 * 60) == 0:
                made = self.planned(self.water_c, self.log, minute // (24 * 60))
            before = self.log
            lasts = takes(TANK, CYCLE, self.water_c)
            self.log = before.seen(CYCLE, self.water_c, now, lasts)
            if self.log.done_at != before.done_at:
                self.done.append(self.log.done_at)
            due = self.log.is_due(CYCLE, now)
            found = dispatch(
                now=now,
                monotonic_s=minute * 60.0,
                reading=Reading(
                    format="dsmr", import_power_w=300 + power_w, export_power_w=0
                ),
                limits=arbitrate(self.limits, now),
                plan=made,
                devices=(BOILER,),
                states={
                    "boiler": DeviceState(
                        device_id="boiler",
                        time=now,
                        power_w=power_w,
                        protection=Protection.HOT_CYCLE if due else None,
                    )
                },
                settings=DispatchSettings(plan_stale_after=DAY),
                memory=memory,
            )
            memory, (order,) = found.memory, found.setpoints
            if due and order.cause is not Cause.HOT_CYCLE:
                self.held_back.append(now)
            power_w = self._heat(order.power_w, now)
        return self

    def _heat(self, order_w: int | None, now: datetime) -> int:
        """Let a minute pass: the thermostat of the tank is set to 63 °C."""
        wanted = order_w is None or order_w > 0
        power_w = 2000 if wanted and self.water_c < 63 else 0
        hour = (now - NOON) % DAY // HOUR
        drawn_kw = 1.0 if hour in (8, 19) else 0.0
        lost_kw = LOSS_KW_PER_K * (self.water_c - ROOM_C) + drawn_kw
        self.water_c += (power_w / 1000 - lost_kw) / 60 / KWH_PER_K
        self.costs += power_w / 1000 / 60 * prices()[hour]
        self.powers_w[now] = power_w
        return power_w


def locked(begin: datetime, end: datetime) -> PowerLimit:
    return PowerLimit(
        limit_id="control box",
        source=LimitSource.CONTROL_BOX,
        issuer="grid operator",
        direction=Direction.IMPORT,
        scope=Scope.CONTROLLABLE,
        limit_w=0,
        start=begin,
        end=end,
    )


def test_the_plan_has_each_cycle_in_time_when_it_is_cheap() -> None:
    cellar = Cellar(optimal).run(5)

    assert len(cellar.done) >= 2
    gaps = zip([NOON, *cellar.done], cellar.done, strict=False)
    assert all(later - sooner <= CYCLE.every for sooner, later in gaps)
    assert not cellar.held_back
    assert all((each - NOON) % DAY // HOUR in CHEAP for each in cellar.done)


def test_a_plan_that_never_heats_does_not_keep_a_cycle_from_being_in_time() -> None:
    cellar = Cellar(always_off).run(5)

    assert len(cellar.done) == 2
    assert cellar.done[0] <= NOON + CYCLE.every
    assert not cellar.held_back


def test_an_operator_postpones_a_cycle_that_runs_and_nothing_else_does() -> None:
    (began,) = (
        next(now for now, power_w in free.powers_w.items() if power_w)
        for free in [Cellar(always_off).run(2)]
    )
    begin, end = began + HOUR, began + 5 * HOUR
    cellar = Cellar(always_off, [locked(begin, end)]).run(3)

    assert cellar.held_back
    assert begin <= cellar.held_back[0]
    assert cellar.held_back[-1] <= end + 3 * MINUTE
    assert all(
        not cellar.powers_w[now]
        for now in cellar.powers_w
        if begin + MINUTE <= now < end
    )
    assert end < cellar.done[0] <= end + 6 * HOUR
