"""We as Controllable System: what a control box reads and writes of our limits.

Source: EEBUS UC TS LPC and LPP 1.0.0, scenarios 1 (limit), 2 (failsafe values) and 4
(nominal maxima); a CEM names its contractual maxima (LPC-TS-039).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from cem_core.eebus.clock import Clock
from cem_core.eebus.datagram import Datagram
from cem_core.eebus.device import Feature, Function, Role, UseCase
from cem_core.eebus.error import EebusError
from cem_core.eebus.json_form import Tree
from cem_core.eebus.layout import CEM, CONFIGURATION, CONNECTION, LIMITS
from cem_core.eebus.values import (
    duration,
    items,
    number,
    scaled,
    seconds,
    seconds_until,
)
from cem_core.limits.limitation import (
    SHORTEST_FAILSAFE_S,
    FailsafeWrite,
    Limitation,
    LimitationSettings,
    LimitWrite,
    Refusal,
)
from cem_core.model import Direction

LIMIT_LIST: Final = "loadControlLimitListData"
KEY_LIST: Final = "deviceConfigurationKeyValueListData"
_NAMES: Final = {Direction.IMPORT: "Consumption", Direction.EXPORT: "Production"}
_ID: Final = {Direction.IMPORT: 0, Direction.EXPORT: 1}
_FAILSAFE_KEY: Final = {Direction.IMPORT: 0, Direction.EXPORT: 2}
_DURATION_KEY: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A write of the control box, for the record: what, and how it was answered."""

    direction: Direction
    written: LimitWrite | FailsafeWrite
    refusal: Refusal | None


class ControllableSystem:
    """The limitation machines of one control box behind SPINE's functions.

    ``settings`` holds the directions that are offered; ``kept`` the failsafe values
    of an earlier run.
    """

    def __init__(
        self,
        clock: Clock,
        settings: Mapping[Direction, LimitationSettings],
        kept: Mapping[Direction, FailsafeWrite] | None = None,
    ) -> None:
        """Start every machine in Init."""
        self._clock = clock
        self._written: list[Written] = []
        now_s = clock.monotonic_s()
        self._machines = {
            direction: Limitation.started(now_s, each, (kept or {}).get(direction))
            for direction, each in settings.items()
        }

    def machines(self) -> Mapping[Direction, Limitation]:
        """Return the machines as they stand now."""
        now_s = self._clock.monotonic_s()
        self._machines = {d: m.at(now_s) for d, m in self._machines.items()}
        return self._machines

    def heartbeat(self) -> None:
        """Take a heartbeat of the control box."""
        now_s = self._clock.monotonic_s()
        self._machines = {d: m.heartbeat(now_s) for d, m in self._machines.items()}

    @property
    def has_written(self) -> bool:
        """Whether `take_written` has anything to say."""
        return bool(self._written)

    def take_written(self) -> list[Written]:
        """Return what was written since this was last asked."""
        written, self._written = self._written, []
        return written

    def kept(self) -> Mapping[Direction, FailsafeWrite]:
        """Return the failsafe values, to be kept over a restart."""
        return {
            direction: FailsafeWrite(
                limit_w=machine.failsafe_limit_w,
                duration_s=machine.failsafe_duration_s,
            )
            for direction, machine in self._machines.items()
        }

    def features(self) -> tuple[Feature, ...]:
        """Return the servers of the use cases."""
        descriptions = "loadControlLimitDescriptionListData"
        keys = "deviceConfigurationKeyValueDescriptionListData"
        maxima = "electricalConnectionCharacteristicListData"
        limits = (
            Function(name=descriptions, read=self._limit_descriptions),
            Function(name=LIMIT_LIST, read=self._limits, write=self._write_limits),
        )
        configuration = (
            Function(name=keys, read=self._key_descriptions),
            Function(name=KEY_LIST, read=self._keys, write=self._write_keys),
        )
        connection = (Function(name=maxima, read=self._maxima),)
        return tuple(
            Feature(address=address, type=kind, role=Role.SERVER, functions=functions)
            for address, kind, functions in (
                (LIMITS, "LoadControl", limits),
                (CONFIGURATION, "DeviceConfiguration", configuration),
                (CONNECTION, "ElectricalConnection", connection),
            )
        )

    def use_cases(self) -> tuple[UseCase, ...]:
        """Return the use cases of the directions that are offered."""
        return tuple(
            UseCase(
                entity=CEM,
                actor="ControllableSystem",
                name=f"limitationOfPower{_NAMES[direction]}",
                scenarios=(1, 2, 3, 4),
            )
            for direction in self._machines
        )

    def _limit_descriptions(self) -> Tree:
        directions = {Direction.IMPORT: "consume", Direction.EXPORT: "produce"}
        return {
            "loadControlLimitDescriptionData": [
                {
                    "limitId": _ID[direction],
                    "limitType": "signDependentAbsValueLimit",
                    "limitCategory": "obligation",
                    "limitDirection": directions[direction],
                    "measurementId": 0,  # without meaning; some boxes need it there
                    "unit": "W",
                    "scopeType": "activePowerLimit",
                }
                for direction in self._machines
            ]
        }

    def _limits(self) -> Tree:
        now_s = self._clock.monotonic_s()
        found = []
        for direction, machine in self.machines().items():
            limit: Tree = {
                "limitId": _ID[direction],
                "isLimitChangeable": True,
                "isLimitActive": machine.active,
            }
            if machine.ends_s is not None:
                limit["timePeriod"] = {"endTime": duration(machine.ends_s - now_s)}
            sign = 1 if direction is Direction.IMPORT else -1
            limit["value"] = scaled(sign * machine.value_w)
            found.append(limit)
        return {"loadControlLimitData": found}

    def _write_limits(self, datagram: Datagram) -> str | None:
        """Take a write, whole or not at all."""
        written = self._limit_writes(datagram)
        now_s = self._clock.monotonic_s()
        done = {
            direction: self._machines[direction].write(now_s, each)
            for direction, each in written.items()
        }
        refusals = {d: why for d, (_, why) in done.items() if why is not None}
        for direction, (machine, refusal) in done.items():
            if refusal is not None or not refusals:
                self._machines[direction] = machine
            self._written.append(
                Written(
                    direction=direction, written=written[direction], refusal=refusal
                )
            )
        return next(iter(refusals.values()), None)

    def _limit_writes(self, datagram: Datagram) -> Mapping[Direction, LimitWrite]:
        by_id = {_ID[direction]: direction for direction in self._machines}
        found: dict[Direction, LimitWrite] = {}
        for deleted in (each for each in datagram.filters if each.delete):
            direction = by_id.get(_id(deleted.selectors, "limitId"))
            if direction is None or "timePeriod" not in deleted.elements:
                raise EebusError("only the time period of a limit can be deleted")
            found[direction] = LimitWrite(delete_duration=True)
        for item in items(datagram.data, "loadControlLimitData"):
            direction = by_id.get(_id(item, "limitId"))
            if direction is None:
                raise EebusError(f"there is no limit {item.get('limitId')!r}")
            found[direction] = self._limit_write(
                item, found.get(direction, LimitWrite())
            )
        if not found:
            raise EebusError("a write without a limit")
        return found

    def _limit_write(self, item: Tree, deleted: LimitWrite) -> LimitWrite:
        active = item.get("isLimitActive")
        if active is not None and not isinstance(active, bool):
            raise EebusError(f"isLimitActive {active!r} is neither true nor false")
        period = item.get("timePeriod") or {}
        if not isinstance(period, Mapping) or "startTime" in period:
            raise EebusError("a time period has an end and no start")
        end = period.get("endTime")
        return replace(
            deleted,
            value_w=None if "value" not in item else number(item["value"]),
            active=active,
            duration_s=None if end is None else seconds_until(end, self._clock.utc()),
        )

    def _key_descriptions(self) -> Tree:
        found = [
            {
                "keyId": _FAILSAFE_KEY[direction],
                "keyName": f"failsafe{_NAMES[direction]}ActivePowerLimit",
                "valueType": "scaledNumber",
                "unit": "W",
            }
            for direction in self._machines
        ]
        lasting = {
            "keyId": _DURATION_KEY,
            "keyName": "failsafeDurationMinimum",
            "valueType": "duration",
        }
        return {"deviceConfigurationKeyValueDescriptionData": [*found, lasting]}

    def _keys(self) -> Tree:
        found = [
            {
                "keyId": _FAILSAFE_KEY[direction],
                "value": {"scaledNumber": scaled(machine.failsafe_limit_w)},
                "isValueChangeable": True,
            }
            for direction, machine in self._machines.items()
        ]
        lasting_s = max(
            (machine.failsafe_duration_s for machine in self._machines.values()),
            default=SHORTEST_FAILSAFE_S,
        )
        lasting = {
            "keyId": _DURATION_KEY,
            "value": {"duration": duration(lasting_s)},
            "isValueChangeable": True,
        }
        return {"deviceConfigurationKeyValueData": [*found, lasting]}

    def _write_keys(self, datagram: Datagram) -> str | None:
        """Take the failsafe values; their duration is one for both directions."""
        written = self._failsafe_writes(items_of_keys(datagram))
        now_s = self._clock.monotonic_s()
        refusals: list[Refusal] = []
        for direction, each in written.items():
            machine, refusal = self._machines[direction].write_failsafe(now_s, each)
            self._machines[direction] = machine
            if refusal is not None:
                refusals.append(refusal)
            self._written.append(
                Written(direction=direction, written=each, refusal=refusal)
            )
        only_duration = all(each.limit_w is None for each in written.values())
        if only_duration and len(refusals) < len(written):
            # The other direction may still wait for its first limit.
            waits = all(why is Refusal.NO_LIMIT_YET for why in refusals)
            return None if waits else refusals[0]
        return refusals[0] if refusals else None

    def _failsafe_writes(
        self, given: list[dict[str, Any]]
    ) -> Mapping[Direction, FailsafeWrite]:
        by_key = {_FAILSAFE_KEY[direction]: direction for direction in self._machines}
        found: dict[Direction, FailsafeWrite] = {}
        for item in given:
            key, value = _id(item, "keyId"), item.get("value")
            if not isinstance(value, Mapping):
                raise EebusError(f"key {key} without a value")
            if key == _DURATION_KEY:
                lasting_s = seconds(value.get("duration"))
                for direction in self._machines:
                    before = found.get(direction, FailsafeWrite())
                    found[direction] = replace(before, duration_s=lasting_s)
            elif key in by_key:
                before = found.get(by_key[key], FailsafeWrite())
                limit_w = number(value.get("scaledNumber"))
                found[by_key[key]] = replace(before, limit_w=limit_w)
            else:
                raise EebusError(f"there is no key {key}")
        return found

    def _maxima(self) -> Tree:
        return {
            "electricalConnectionCharacteristicData": [
                {
                    "electricalConnectionId": 0,
                    "parameterId": 0,
                    "characteristicId": _ID[direction],
                    "characteristicContext": "entity",
                    "characteristicType": f"contractual{_NAMES[direction]}NominalMax",
                    "value": scaled(machine.settings.nominal_max_w),
                    "unit": "W",
                }
                for direction, machine in self._machines.items()
            ]
        }


def items_of_keys(datagram: Datagram) -> list[dict[str, Any]]:
    """Return the keys that ``datagram`` writes. Raises `EebusError`."""
    found = items(datagram.data, "deviceConfigurationKeyValueData")
    if not found or any(each.delete for each in datagram.filters):
        raise EebusError("keys can be written, not deleted")
    return found


def _id(tree: Mapping[str, Any], name: str) -> int:
    found = tree.get(name)
    return found if isinstance(found, int) and not isinstance(found, bool) else -1
