"""Demand-driven based control: a demand that must be met, by one way or another.

A hybrid heat pump has to heat the house now, with current or with gas: what can be
chosen is which of its actuators does it.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final
from uuid import UUID, uuid4

from s2python.common import ControlType, ReceptionStatusValues, RevokableObjects
from s2python.ddbc import (
    DDBCActuatorDescription,
    DDBCActuatorStatus,
    DDBCAverageDemandRateForecast,
    DDBCInstruction,
    DDBCSystemDescription,
    DDBCTimerStatus,
)
from s2python.generated.gen_s2 import ID
from s2python.message import S2Message

from cem_core.s2.actuators import Actuators
from cem_core.s2.control import Instruction, NewId, Order
from cem_core.s2.demand import Met, meeting, nearest
from cem_core.s2.levels import middle
from cem_core.s2.messages import S2Error, identifier
from cem_core.s2.modes import Mode
from cem_core.s2.power import Span, electric_w, span
from cem_core.s2.sources import source, together

_KW: Final = 1000.0
# Nothing: a plan wants a size, and the last seconds of a step may fill it at once.
_HOLDS_KWH: Final = 1e-5
_DEAR: Final = 10.0  # currency per kWh drawn: more than any price


class DemandDriven:
    """A device whose demand is met in every choice, if it can be."""

    control_type: ClassVar[ControlType] = ControlType.DEMAND_DRIVEN_BASED_CONTROL

    def __init__(self, new_id: NewId = uuid4) -> None:
        """Know nothing yet."""
        self._new_id = new_id
        self._system: DDBCSystemDescription | None = None
        self._modes: dict[UUID, list[Mode]] = {}
        self._actuators = Actuators()
        self._forecast: DDBCAverageDemandRateForecast | None = None

    def take(self, message: S2Message) -> bool:
        """Keep what ``message`` says; see `Control`."""
        taker = self._takers.get(type(message))
        if taker is None:
            return False
        if message.message_type != "DDBC.SystemDescription" and self._system is None:
            cause = f"{message.message_type} before DDBC.SystemDescription"
            raise S2Error(cause, ReceptionStatusValues.TEMPORARY_ERROR)
        taker(self, message)
        return True

    def _describe(self, message: DDBCSystemDescription) -> None:
        self._system = message
        self._modes = {identifier(a.id): _modes_of(a) for a in message.actuators}
        self._actuators.describe(message.actuators)

    def _actuator_is(self, message: DDBCActuatorStatus) -> None:
        self._actuators.is_in(message)

    def _timer_is(self, message: DDBCTimerStatus) -> None:
        self._actuators.timer_is(message)

    def _foretells(self, message: DDBCAverageDemandRateForecast) -> None:
        self._forecast = message

    _takers: ClassVar[dict[type, Callable[[DemandDriven, Any], None]]] = {
        DDBCSystemDescription: _describe,
        DDBCActuatorStatus: _actuator_is,
        DDBCTimerStatus: _timer_is,
        DDBCAverageDemandRateForecast: _foretells,
    }

    def revoke(self, kind: RevokableObjects, subject: str) -> bool:
        """Forget the description; see `Control`."""
        if kind is not RevokableObjects.DDBC_SystemDescription or self._system is None:
            return False
        if str(self._system.message_id) != subject:
            return False
        self._system, self._modes, self._forecast = None, {}, None
        self._actuators.forget()
        return True

    def power_w(self, now: datetime) -> Span | None:
        """Return what meeting the demand can draw; see `Control`."""
        found = self._meeting(now, abnormal=False)
        if not found:
            return None
        return Span(min(e.least_w for e in found), max(e.most_w for e in found))

    def instruct(self, order: Order, now: datetime) -> Sequence[Instruction]:
        """Return an instruction for each actuator that has to change."""
        found = self._meeting(now, abnormal=order.limited)
        if not found:
            raise S2Error("it has not described its actuators")
        wanted = nearest(found, order.power_w, at_most=order.limited)
        told = self._actuators.go(wanted, self._modes, now, abnormal=order.limited)
        return [
            DDBCInstruction(
                message_id=self._new_id(),
                id=ID(str(self._new_id())),
                actuator_id=choice.actuator,
                operation_mode_id=choice.mode.id,
                operation_mode_factor=choice.factor,
                execution_time=now,
                abnormal_condition=order.limited,
            )
            for choice in told
        ]

    def _meeting(self, now: datetime, *, abnormal: bool) -> list[Met]:
        """Return the ways to meet the demand that can be gone now."""
        if self._system is None:
            return []
        options = [
            (name, list(each.reachable(self._modes[name], now, abnormal=abnormal)))
            for name, each in self._actuators.items()
        ]
        return meeting(options, span(self._system.present_demand_rate).high)

    def refused(self) -> None:
        """Stay where it was; see `Control`."""
        self._actuators.stayed()

    def expects_w(self) -> float | None:
        """Return what was instructed; see `Control`."""
        return self._actuators.expects_w()

    def described(self, now: datetime) -> dict[str, Any] | None:
        """Return what meeting the demand can draw.

        Where it is foretold, a store that its actuators fill when something is taken
        out of it, each with its runs and rests and at what it costs. It holds nothing,
        but what the least supply of one is too much in an hour.
        """
        powers = self.power_w(now)
        if powers is None:
            return None
        fills = together(self._sources(now))
        wanted = [demand_kw for _, _, demand_kw in self.demand_kw() if demand_kw]
        if not fills or not wanted:
            return {"min_power_kw": powers.low / _KW, "max_power_kw": powers.high / _KW}
        ways = (fills, *fills.get("sources", ()))
        least_kw = max(way["min_power_kw"] * way["efficiency"] for way in ways)
        # Missing a demand costs more than the dearest way to meet the least of it.
        drawn = max(1 / way["efficiency"] for way in ways)
        hours = max(way.get("cost_per_hour", 0.0) for way in ways) / min(wanted)
        return {
            "kind": "storage",
            "capacity_kwh": max(_HOLDS_KWH, least_kw),
            "initial_energy_kwh": 0.0,
            "missing_price_per_kwh": _DEAR * drawn + hours,
            **fills,
        }

    def _sources(self, now: datetime) -> list[dict[str, Any]]:
        found = (
            source(self._modes[name], actuator, now, self._w_per_rate)
            for name, actuator in self._actuators.items()
        )
        fills = [each for each in found if each is not None]
        return sorted(fills, key=lambda each: -each["efficiency"])

    @property
    def _w_per_rate(self) -> float:
        """What a rate of 1 is in W of the store, whatever unit the demand has.

        The current of the strongest actuator for it; where none takes any, of W.
        """
        drawing = (
            mode
            for mode in _usual(self._modes.values())
            if mode.power_w.high > 0 and mode.rate.high > 0
        )
        strongest = max(drawing, key=lambda mode: mode.power_w.high, default=None)
        return (
            _KW if strongest is None else strongest.power_w.high / strongest.rate.high
        )

    def demand_kw(self) -> Sequence[tuple[datetime, datetime, float]]:
        """Return what is wanted, as current of the best actuator, from when until when."""
        if self._forecast is None or self._system is None:
            return ()
        begin, found = self._forecast.start_time, []
        for element in self._forecast.elements:
            end = begin + timedelta(milliseconds=element.duration.root)
            wanted_w = max(0.0, element.demand_rate_expected) * self._w_per_rate
            found.append((begin, end, wanted_w / _KW))
            begin = end
        return found


def _usual(actuators: Iterable[Sequence[Mode]]) -> Iterable[Mode]:
    return (mode for modes in actuators for mode in modes if not mode.abnormal_only)


def _modes_of(actuator: DDBCActuatorDescription) -> list[Mode]:
    return [
        Mode(
            id=identifier(mode.id),
            power_w=electric_w(mode.power_ranges),
            rate=span(mode.supply_range[0]),
            abnormal_only=mode.abnormal_condition_only,
            cost_per_s=middle(mode.running_costs),
        )
        for mode in actuator.operation_modes
    ]
