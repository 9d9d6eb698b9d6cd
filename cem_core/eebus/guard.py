"""We as Energy Guard and Monitoring Appliance of a wallbox, a heat pump or another.

The device is found by its use cases, else by its features. On connecting it is told
a limit at once, if only that there is none: without one within 60 s of a heartbeat
it would have to stay at its failsafe limit (LPC-913).

Source: EEBUS UC TS LPC, LPP and MPC 1.0.0.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from cem_core.eebus.controllable import KEY_LIST, LIMIT_LIST
from cem_core.eebus.datagram import Address, ErrorNumber
from cem_core.eebus.error import EebusError
from cem_core.eebus.json_form import Tree
from cem_core.eebus.layout import (
    PEER_CONFIGURATION,
    PEER_CONNECTION,
    PEER_LIMITS,
    PEER_MEASUREMENT,
)
from cem_core.eebus.remote import Remote
from cem_core.eebus.session import Answered, Heard, Out, Session
from cem_core.eebus.values import duration, items, number, scaled
from cem_core.limits.limitation import SHORTEST_FAILSAFE_S
from cem_core.model import Direction

_LIMIT_DESCRIPTIONS: Final = "loadControlLimitDescriptionListData"
_KEY_DESCRIPTIONS: Final = "deviceConfigurationKeyValueDescriptionListData"
_MEASUREMENT_DESCRIPTIONS: Final = "measurementDescriptionListData"
_MEASUREMENTS: Final = "measurementListData"
_PARAMETERS: Final = "electricalConnectionParameterDescriptionListData"
_FOLLOWED: Final = {
    # feature type: our client, whether we write, what is read in this order
    "LoadControl": (PEER_LIMITS, True, (_LIMIT_DESCRIPTIONS, LIMIT_LIST)),
    "DeviceConfiguration": (PEER_CONFIGURATION, True, (_KEY_DESCRIPTIONS, KEY_LIST)),
    "ElectricalConnection": (PEER_CONNECTION, False, (_PARAMETERS,)),
    "Measurement": (
        PEER_MEASUREMENT,
        False,
        (_MEASUREMENT_DESCRIPTIONS, _MEASUREMENTS),
    ),
}
_DIRECTIONS: Final = {"consume": Direction.IMPORT, "produce": Direction.EXPORT}
_FAILSAFE_KEYS: Final = {
    "failsafeConsumptionActivePowerLimit": Direction.IMPORT,
    "failsafeProductionActivePowerLimit": Direction.EXPORT,
}
_DURATION_KEY: Final = "failsafeDurationMinimum"
_MOST: Final = 256
RETRY_S: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What a device measures; positive power is consumed. None: unknown."""

    power_w: float | None = None
    phase_power_w: tuple[float | None, float | None, float | None] = (None, None, None)
    current_a: tuple[float | None, float | None, float | None] = (None, None, None)
    voltage_v: tuple[float | None, float | None, float | None] = (None, None, None)
    consumed_wh: float | None = None
    produced_wh: float | None = None
    frequency_hz: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """The device's own word on a limit: whether it is active, and at what power."""

    active: bool
    value_w: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Failsafe:
    """What a device is to keep to when it no longer hears of us, and how long.

    Limits are magnitudes in W; the use cases allow durations of 2 h to 24 h.
    """

    limit_w: Mapping[Direction, float] = field(default_factory=dict)
    duration_s: float = SHORTEST_FAILSAFE_S


@dataclass(slots=True, kw_only=True)
class _Server:
    """One feature of the device that is followed."""

    address: Address
    type: str
    described: dict[int, Tree] = field(default_factory=dict)


class Guard:
    """What is known of one device, and what it is to keep to.

    ``plugged`` is whether a charge point shows a car; None: it has shown none yet, as
    those do that never tell. ``failsafe`` is written into it on connecting, and again until it is taken: a
    device that waits for its first limit refuses it.
    """

    def __init__(
        self, session: Session, failsafe: Failsafe, *, keeps_limit: bool = False
    ) -> None:
        """Follow the peer of ``session``.

        ``keeps_limit``: it is not told on connecting that there is no limit.
        """
        self._keeps_limit = keeps_limit
        self._session = session
        self._failsafe = failsafe
        self._servers: list[_Server] = []
        self._wished_w: dict[Direction, float | None] = {}
        self._writes: dict[int, Direction] = {}
        self._retries: dict[Direction, float] = {}
        self._failsafe_writes: set[int] = set()
        self._failsafe_retry_s = float("inf")
        self._phases: dict[int, str] = {}
        self.plugged: bool | None = None
        self.measured = Measured()
        self.ordered: dict[Direction, Ordered] = {}
        self.refused: dict[Direction, str] = {}
        self.failsafe_refused: str | None = "not written yet"

    @property
    def directions(self) -> frozenset[Direction]:
        """What the device can be limited in."""
        return frozenset(direction for direction, *_ in self._limits())

    @property
    def waiting(self) -> bool:
        """Whether a limit of ours is not answered yet."""
        return bool(self._writes)

    def waits(self, direction: Direction) -> bool:
        """Tell whether a limit of ours in ``direction`` is not answered yet."""
        return direction in self._writes.values()

    def holds(self, direction: Direction, limit_w: float | None) -> bool:
        """Tell whether the device itself says that it is limited to ``limit_w``."""
        said = self.ordered.get(direction)
        if limit_w is None:
            return said is not None and not said.active
        return said is not None and said.active and said.value_w == limit_w

    def discovered(self, found: Remote, now_s: float) -> list[Out]:
        """Begin to follow what the device consists of."""
        if "EV" in found.entities.values():
            self.plugged = True
        elif self.plugged:
            self.plugged = False
        out: list[Out] = []
        known = {server.address for server in self._servers}
        for kind, (client, writes, functions) in _FOLLOWED.items():
            for feature in found.servers(kind):
                if feature.address in known or len(self._servers) >= _MOST:
                    continue
                self._servers.append(_Server(address=feature.address, type=kind))
                address = feature.address
                out += self._session.subscribe(now_s, client, address, kind)
                if writes:
                    out += self._session.bind(now_s, client, address, kind)
                for function in functions:
                    out += self._session.read(now_s, client, address, function)
        return out

    def limit(
        self, direction: Direction, limit_w: float | None, now_s: float
    ) -> list[Out]:
        """Order ``limit_w``, a magnitude; None: no limit."""
        self._wished_w[direction] = limit_w
        return self._write_limits(now_s, {direction})

    def heard(self, heard: Heard, now_s: float) -> list[Out]:
        """Take data of the device. Raises `EebusError`."""
        server = next((s for s in self._servers if s.address == heard.source), None)
        if server is None:
            return []
        match heard.function:
            case "loadControlLimitDescriptionListData":
                self._describe(
                    server, heard, "loadControlLimitDescriptionData", "limitId"
                )
                told = self._wished_w if self._keeps_limit else self.directions
                return self._write_limits(now_s, told)
            case "loadControlLimitListData":
                self._hear_limits(server, heard.data)
            case "deviceConfigurationKeyValueDescriptionListData":
                name = "deviceConfigurationKeyValueDescriptionData"
                self._describe(server, heard, name, "keyId")
                return self._write_failsafe(server, now_s)
            case "measurementDescriptionListData":
                name = "measurementDescriptionData"
                self._describe(server, heard, name, "measurementId")
            case "electricalConnectionParameterDescriptionListData":
                self._hear_phases(heard.data)
            case "measurementListData":
                self._hear_measurements(server, heard.data)
            case _:
                pass
        return []

    def answered(self, answered: Answered, now_s: float) -> None:
        """Note how a limit of ours was taken; one that was refused is repeated."""
        taken = answered.number == ErrorNumber.OK
        why = answered.description or f"error {answered.number}"
        if answered.counter in self._failsafe_writes:
            self._failsafe_writes.discard(answered.counter)
            self.failsafe_refused = None if taken else why
            if not taken:
                self._failsafe_retry_s = now_s + RETRY_S
        direction = self._writes.pop(answered.counter, None)
        if direction is None:
            return
        if taken:
            self.refused.pop(direction, None)
        else:
            self.refused[direction] = why
            self._retries[direction] = now_s + RETRY_S

    def tick(self, now_s: float) -> list[Out]:
        """Repeat what is due."""
        due = {d for d, due_s in self._retries.items() if due_s <= now_s}
        out = self._write_limits(now_s, due) if due else []
        if now_s >= self._failsafe_retry_s:
            self._failsafe_retry_s = float("inf")
            for server in self._servers:
                out += self._write_failsafe(server, now_s)
        return out

    def _limits(self) -> Iterable[tuple[Direction, _Server, int]]:
        for server in self._servers:
            for limit_id, said in server.described.items():
                direction = _DIRECTIONS.get(str(said.get("limitDirection")))
                obliges = said.get("limitCategory") == "obligation"
                active_power = said.get("scopeType") == "activePowerLimit"
                if direction is not None and obliges and active_power:
                    yield direction, server, limit_id

    def _write_limits(self, now_s: float, directions: Iterable[Direction]) -> list[Out]:
        out: list[Out] = []
        for direction, server, limit_id in self._limits():
            if direction not in directions:
                continue
            self._retries.pop(direction, None)
            wished_w = self._wished_w.get(direction)
            sign = 1 if direction is Direction.IMPORT else -1
            limit = {
                "limitId": limit_id,
                "isLimitActive": wished_w is not None,
                "value": scaled(sign * self._value_w(direction, wished_w)),
            }
            counter, more = self._session.write(
                now_s,
                PEER_LIMITS,
                server.address,
                LIMIT_LIST,
                {"loadControlLimitData": [limit]},
            )
            self._writes[counter] = direction
            out += more
        return out

    def _value_w(self, direction: Direction, wished_w: float | None) -> float:
        if wished_w is not None:
            return wished_w
        said = self.ordered.get(direction)
        if said is not None:
            return said.value_w
        return self._failsafe.limit_w.get(direction, 0.0)

    def _write_failsafe(self, server: _Server, now_s: float) -> list[Out]:
        found: list[Tree] = []
        for key, said in server.described.items():
            direction = _FAILSAFE_KEYS.get(str(said.get("keyName")))
            if direction is not None and direction in self._failsafe.limit_w:
                value = {"scaledNumber": scaled(self._failsafe.limit_w[direction])}
                found.append({"keyId": key, "value": value})
            elif said.get("keyName") == _DURATION_KEY:
                lasting = duration(self._failsafe.duration_s)
                found.append({"keyId": key, "value": {"duration": lasting}})
        if not found:
            return []
        counter, out = self._session.write(
            now_s,
            PEER_CONFIGURATION,
            server.address,
            KEY_LIST,
            {"deviceConfigurationKeyValueData": found},
        )
        self._failsafe_writes.add(counter)
        return out

    def _describe(self, server: _Server, heard: Heard, name: str, key: str) -> None:
        found = {_id(item, key): item for item in items(heard.data, name)[:_MOST]}
        server.described = {**server.described, **found} if heard.partial else found

    def _hear_limits(self, server: _Server, data: Tree) -> None:
        directions = {i: d for d, owner, i in self._limits() if owner is server}
        for item in items(data, "loadControlLimitData"):
            direction = directions.get(_id(item, "limitId"))
            if direction is None:
                continue
            before = self.ordered.get(direction, Ordered(active=False, value_w=0.0))
            if "isLimitActive" in item:
                before = replace(before, active=item["isLimitActive"] is True)
            if "value" in item:
                before = replace(before, value_w=abs(number(item["value"])))
            self.ordered[direction] = before

    def _hear_phases(self, data: Tree) -> None:
        for item in items(data, "electricalConnectionParameterDescriptionData")[:_MOST]:
            phases = item.get("acMeasuredPhases")
            if "measurementId" in item and isinstance(phases, str):
                self._phases[_id(item, "measurementId")] = phases

    def _hear_measurements(self, server: _Server, data: Tree) -> None:
        for item in items(data, "measurementData"):
            said = server.described.get(_id(item, "measurementId"))
            good = item.get("valueState", "normal") == "normal" and "value" in item
            if said is not None:
                value = number(item["value"]) if good else None
                self._measure(
                    str(said.get("scopeType")), _id(item, "measurementId"), value
                )

    def _measure(self, scope: str, measurement: int, value: float | None) -> None:
        whole = {
            "acPowerTotal": "power_w",
            "acEnergyConsumed": "consumed_wh",
            "acEnergyProduced": "produced_wh",
            "acFrequency": "frequency_hz",
        }
        by_phase = {
            "acPower": "phase_power_w",
            "acCurrent": "current_a",
            "acVoltage": "voltage_v",
        }
        changed: dict[str, Any] = {}
        if scope in whole:
            changed[whole[scope]] = value
        elif scope in by_phase and self._phases.get(measurement) in {"a", "b", "c"}:
            name = by_phase[scope]
            phases = list(getattr(self.measured, name))
            phases["abc".index(self._phases[measurement])] = value
            changed[name] = tuple(phases)
        self.measured = replace(self.measured, **changed)


def _id(tree: Mapping[str, Any], name: str) -> int:
    found = tree.get(name)
    if not isinstance(found, int) or isinstance(found, bool):
        raise EebusError(f"{name} {found!r} is no number")
    return found
