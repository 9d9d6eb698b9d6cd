"""Sockets behind one line, with cars that come, charge and leave, run by dispatch."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from cem_core.dispatch import DispatchSettings, Memory, dispatch
from cem_core.model import (
    CarNeed,
    Device,
    DeviceKind,
    DeviceState,
    LimitsInForce,
    Reading,
)

LEAST_W: Final = 1380
MOST_W: Final = 7360


@dataclass(slots=True)
class Stay:
    """One car at a socket, and what it got."""

    socket: str
    arrive: datetime
    depart: datetime
    needed_wh: float
    charged_wh: float = 0.0
    said_wh: float | None = None  # what it says that it needs, if that is not true

    @property
    def missing_wh(self) -> float:
        """What it still has to get."""
        return max(0.0, self.needed_wh - self.charged_wh)

    @property
    def met(self) -> bool:
        """Tell whether it got what it needed, to the percent."""
        return self.charged_wh >= 0.99 * self.needed_wh


@dataclass(slots=True, kw_only=True)
class Park:
    """The sockets, each followed within ``step``; the meter tells each step."""

    stays: Sequence[Stay]
    site_w: int
    step: timedelta
    limits: Callable[[datetime], LimitsInForce] = lambda _: LimitsInForce()
    offline: frozenset[str] = frozenset()
    drawn_w: list[int] = field(default_factory=list)
    powers_w: list[dict[str, int]] = field(default_factory=list)

    def run(self, start: datetime, end: datetime) -> Park:
        """Play from ``start`` to ``end``; sockets are full and off at the start."""
        settings = DispatchSettings(site_w=self.site_w)
        sockets = sorted({stay.socket for stay in self.stays})
        devices = tuple(
            Device(
                device_id=name,
                name=name,
                kind=DeviceKind.EV_CHARGER,
                rated_power_w=MOST_W,
                min_power_w=LEAST_W,
                step_w=230,
            )
            for name in sockets
        )
        told, powers, memory = dict.fromkeys(sockets, 0), {}, Memory()
        hours, now = self.step / timedelta(hours=1), start
        while now < end:
            here = {s.socket: s for s in self.stays if s.arrive <= now < s.depart}
            powers = {
                name: self._draws(name, here.get(name), told[name], hours)
                for name in sockets
            }
            for name, stay in here.items():
                stay.charged_wh += powers[name] * hours
            self.drawn_w.append(sum(powers.values()))
            self.powers_w.append(powers)
            now += self.step
            made = dispatch(
                now=now,
                monotonic_s=(now - start).total_seconds(),
                reading=Reading(
                    format="dsmr", timestamp=now, import_power_w=self.drawn_w[-1]
                ),
                limits=self.limits(now),
                plan=None,
                devices=devices,
                states={
                    name: self._state(name, here.get(name), powers[name], told, now)
                    for name in sockets
                },
                settings=settings,
                memory=memory,
            )
            memory = made.memory
            told |= {
                order.device_id: order.power_w
                for order in made.setpoints
                if order.power_w is not None and order.device_id not in self.offline
            }
        return self

    def _draws(self, name: str, stay: Stay | None, told_w: int, hours: float) -> int:
        if stay is None or (name in self.offline):
            return LEAST_W if stay is not None else 0  # its own default profile
        return round(min(told_w, stay.missing_wh / hours))

    def _state(
        self,
        name: str,
        stay: Stay | None,
        power_w: int,
        told: dict[str, int],
        now: datetime,
    ) -> DeviceState:
        need = None
        if stay is not None:
            need = CarNeed(
                arrived_at=stay.arrive,
                departs_at=stay.depart,
                needed_wh=stay.missing_wh if stay.said_wh is None else stay.said_wh,
            )
        return DeviceState(
            device_id=name,
            time=now,
            available=name not in self.offline,
            power_w=power_w,
            setpoint_w=told[name],
            connected=stay is not None,
            need=need,
        )
