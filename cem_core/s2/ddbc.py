"""Demand-driven based control: a demand that must be met, by one way or another.

A hybrid heat pump has to heat the house now, with current or with gas: what can be
chosen is which of its actuators does it.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import product
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
from s2python.generated.gen_s2 import (
    ID,
    DDBCAverageDemandRateForecastElement,
    NumberRange,
)
from s2python.message import S2Message

from cem_core.s2.control import Instruction, NewId, Order
from cem_core.s2.messages import S2Error, identifier
from cem_core.s2.modes import Actuator, Choice, Mode
from cem_core.s2.paths import lengths, ways
from cem_core.s2.power import Span, electric_w, span

_KW: Final = 1000.0
_COMBINATIONS: Final = 5_000  # of modes of the actuators that are looked at
_MET: Final = 1e-6  # of a demand that counts as met
_HOUR: Final = timedelta(hours=1)
_HOLDS_KWH: Final = 0.001  # nothing, but a plan wants a store to have a size
_MUST: Final = 10.0  # currency per kWh


class DemandDriven:
    """A device whose demand is met in every choice, if it can be."""

    control_type: ClassVar[ControlType] = ControlType.DEMAND_DRIVEN_BASED_CONTROL

    def __init__(self, new_id: NewId = uuid4) -> None:
        """Know nothing yet."""
        self._new_id = new_id
        self._system: DDBCSystemDescription | None = None
        self._actuators: dict[UUID, Actuator] = {}
        self._choices: tuple[Choice, ...] = ()
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
        known = self._actuators
        self._system = message
        self._actuators = {}
        for each in message.actuators:
            name = identifier(each.id)
            self._actuators[name] = Actuator(
                name, ways(each.transitions), lengths(each.timers)
            )
            before = known.get(name)
            if before is not None:
                modes = {mode.id for mode in _modes_of(each)}
                self._actuators[name].inherit(before, modes)
        self._choices = ()

    def _actuator_is(self, message: DDBCActuatorStatus) -> None:
        mode = identifier(message.active_operation_mode_id)
        actuator = self._actuator(message.actuator_id)
        previous = message.previous_operation_mode_id
        actuator.now_in(
            mode,
            message.operation_mode_factor,
            before=None if previous is None else identifier(previous),
            begun=message.transition_timestamp,
        )

    def _timer_is(self, message: DDBCTimerStatus) -> None:
        actuator = self._actuator(message.actuator_id)
        actuator.tell_timer(identifier(message.timer_id), message.finished_at)

    def _foretells(self, message: DDBCAverageDemandRateForecast) -> None:
        self._forecast = message

    _takers: ClassVar[dict[type, Callable[[DemandDriven, Any], None]]] = {
        DDBCSystemDescription: _describe,
        DDBCActuatorStatus: _actuator_is,
        DDBCTimerStatus: _timer_is,
        DDBCAverageDemandRateForecast: _foretells,
    }

    def _actuator(self, name: UUID) -> Actuator:
        found = self._actuators.get(name)
        if found is None:
            raise S2Error(f"actuator {name} is not described")
        return found

    def revoke(self, kind: RevokableObjects, subject: str) -> bool:
        """Forget the description; see `Control`."""
        if kind is not RevokableObjects.DDBC_SystemDescription or self._system is None:
            return False
        if str(self._system.message_id) != subject:
            return False
        self._system, self._actuators, self._choices = None, {}, ()
        self._forecast = None
        return True

    def power_w(self, now: datetime) -> Span | None:
        """Return what meeting the demand can draw; see `Control`."""
        found = self._combinations(now, abnormal=False)
        powers = [sum(choice.power_w for choice in each) for each in found]
        return Span(min(powers), max(powers)) if powers else None

    def instruct(self, order: Order, now: datetime) -> Sequence[Instruction]:
        """Return an instruction for each actuator that has to change."""
        found = self._combinations(now, abnormal=order.limited)
        if not found:
            raise S2Error("it has not described its actuators")

        def key(choices: tuple[Choice, ...]) -> tuple[bool, float]:
            power_w = sum(choice.power_w for choice in choices)
            return order.limited and power_w > order.power_w, abs(
                power_w - order.power_w
            )

        instructions, choices = [], []
        for choice in min(found, key=key):
            told = self._actuators[choice.actuator].go(
                choice, self._modes(choice.actuator), now, abnormal=order.limited
            )
            choices.append(told or choice)
            if told is not None:
                instructions.append(
                    DDBCInstruction(
                        message_id=self._new_id(),
                        id=ID(str(self._new_id())),
                        actuator_id=told.actuator,
                        operation_mode_id=told.mode.id,
                        operation_mode_factor=told.factor,
                        execution_time=now,
                        abnormal_condition=order.limited,
                    )
                )
        self._choices = tuple(choices)
        return instructions

    def _combinations(
        self, now: datetime, *, abnormal: bool
    ) -> list[tuple[Choice, ...]]:
        """Return the choices that meet the demand, else those that come nearest."""
        if self._system is None:
            return []
        options = self._options(now, abnormal=abnormal)
        return _meeting(options, span(self._system.present_demand_rate).high)

    def _options(
        self, now: datetime | None, *, abnormal: bool
    ) -> list[list[tuple[UUID, Mode]]]:
        """Return the modes of each actuator that can be reached, None: all of them."""
        if self._system is None:
            return []
        options = []
        for each in self._system.actuators:
            name = identifier(each.id)
            modes = _modes_of(each)
            if now is None:
                usual = [mode for mode in modes if not mode.abnormal_only]
            else:
                usual = list(
                    self._actuators[name].reachable(modes, now, abnormal=abnormal)
                )
            options.append([(name, mode) for mode in usual])
        return options

    def _modes(self, actuator: UUID) -> list[Mode]:
        described = () if self._system is None else self._system.actuators
        return next(
            (_modes_of(each) for each in described if identifier(each.id) == actuator),
            [],
        )

    def refused(self) -> None:
        """Stay where it was; see `Control`."""
        for actuator in self._actuators.values():
            actuator.stayed()

    def expects_w(self) -> float | None:
        """Return what was instructed; see `Control`."""
        if not self._choices:
            return None
        return sum(choice.power_w for choice in self._choices)

    def described(self, now: datetime) -> dict[str, Any] | None:
        """Return what meeting the demand can draw.

        Where it is foretold, a store that holds nothing: what is wanted is drawn when
        it is wanted, or met by the other actuators, at what they cost more.
        """
        powers = self.power_w(now)
        if powers is None:
            return None
        wanted = [power_kw for _, _, power_kw in self.demand_kw()]
        if not any(wanted):
            return {"min_power_kw": powers.low / _KW, "max_power_kw": powers.high / _KW}
        return {
            "kind": "storage",
            "capacity_kwh": _HOLDS_KWH,
            "initial_energy_kwh": 0.0,
            "max_power_kw": max(*wanted, powers.high / _KW),
            "missing_price_per_kwh": self._other_way_per_kwh(),
        }

    def demand_kw(self) -> Sequence[tuple[datetime, datetime, float]]:
        """Return what meeting the foretold demand draws at most, from when until when."""
        if self._forecast is None or self._system is None:
            return ()
        begin, found = self._forecast.start_time, []
        options = self._options(None, abnormal=False)
        for element in self._forecast.elements:
            end = begin + _lasts(element)
            ways_to_meet = _meeting(options, element.demand_rate_expected)
            most_w = max(map(_power_w, ways_to_meet), default=0.0)
            found.append((begin, end, most_w / _KW))
            begin = end
        return found

    def _other_way_per_kwh(self) -> float:
        """Return what it costs more to draw a kWh less, of what is foretold.

        Where all of it has to be drawn, more than any price.
        """
        saved_wh = dearer = 0.0
        forecast = self._forecast
        options = self._options(None, abnormal=False)
        for element in () if forecast is None else forecast.elements:
            hours = _lasts(element) / _HOUR
            ways_to_meet = _meeting(options, element.demand_rate_expected)
            if not ways_to_meet:
                continue
            # Of ways that draw the same, the cheapest.
            most = max(ways_to_meet, key=lambda way: (_power_w(way), -_per_s(way)))
            least = min(ways_to_meet, key=lambda way: (_power_w(way), _per_s(way)))
            saved_wh += (_power_w(most) - _power_w(least)) * hours
            more = _per_s(least) - _per_s(most)
            dearer += more * hours * _HOUR.total_seconds()
        if saved_wh <= 0:
            return _MUST
        return max(0.0, dearer / (saved_wh / _KW))


def _modes_of(actuator: DDBCActuatorDescription) -> list[Mode]:
    return [
        Mode(
            id=identifier(mode.id),
            power_w=electric_w(mode.power_ranges),
            rate=span(mode.supply_range[0]),
            abnormal_only=mode.abnormal_condition_only,
            cost_per_s=_middle(mode.running_costs),
        )
        for mode in actuator.operation_modes
    ]


def _lasts(element: DDBCAverageDemandRateForecastElement) -> timedelta:
    return timedelta(milliseconds=element.duration.root)


def _power_w(choices: tuple[Choice, ...]) -> float:
    return sum(choice.power_w for choice in choices)


def _per_s(choices: tuple[Choice, ...]) -> float:
    return sum(choice.mode.cost_per_s for choice in choices)


def _middle(costs: NumberRange | None) -> float:
    """Return what a second costs; the standard's range says how sure that is."""
    return 0.0 if costs is None else (costs.start_of_range + costs.end_of_range) / 2


def _meeting(
    options: Sequence[Sequence[tuple[UUID, Mode]]], demand: float
) -> list[tuple[Choice, ...]]:
    """Return the choices that meet the demand, else those that come nearest."""
    found = []
    for tried, modes_of in enumerate(product(*options)):
        if tried >= _COMBINATIONS:
            break
        found.append(_meet(modes_of, demand))
    if not options or not found:
        return []
    missing = [_missing(choices, demand) for choices in found]
    least = min(missing) + _MET
    return [c for c, m in zip(found, missing, strict=True) if m <= least]


def _meet(modes: Sequence[tuple[UUID, Mode]], demand: float) -> tuple[Choice, ...]:
    """Return the modes, each with what of the demand the others leave it."""
    left = demand - sum(mode.rate.low for _, mode in modes)
    found = []
    for name, mode in modes:
        share = min(max(left, 0.0), mode.rate.high - mode.rate.low)
        left -= share
        found.append(Choice(name, mode, mode.rate.factor(mode.rate.low + share)))
    return tuple(found)


def _missing(choices: tuple[Choice, ...], demand: float) -> float:
    return max(0.0, demand - sum(choice.rate for choice in choices))
