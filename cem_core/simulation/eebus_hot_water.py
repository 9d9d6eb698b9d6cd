"""A heat pump's hot water, as who configures and monitors it sees it.

Source: EEBUS UC TS CDT 1.0.0 and MDT 1.0.0, the actor DHW Circuit.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from cem_core.eebus.datagram import Address, Datagram
from cem_core.eebus.device import Entity, Feature, Function, Role, UseCase
from cem_core.eebus.hot_water import CELSIUS, CONFIGURES, ENTITY, MONITORS, SCOPE
from cem_core.eebus.json_form import Tree
from cem_core.eebus.layout import CEM
from cem_core.eebus.peer import Told
from cem_core.eebus.values import items, number, scaled

_ENTITY: Final = (*CEM, 2)
_SETPOINT: Final = Address(_ENTITY, 1)
_HVAC: Final = Address(_ENTITY, 2)
_MEASUREMENT: Final = Address(_ENTITY, 3)
_SETPOINTS: Final = "setpointListData"
_MEASUREMENTS: Final = "measurementListData"


@dataclass(slots=True, kw_only=True)
class HotWaterCircuit:
    """Two set temperatures, each of an operation mode, and the mode that it is in."""

    water_c: float = 48.0
    mode: int = 1
    set_c: dict[int, float] = field(default_factory=lambda: {1: 50.0, 2: 40.0})
    least_c: float = 35.0
    most_c: float = 60.0

    @property
    def entity(self) -> Entity:
        """The circuit as a part of the heat pump."""
        return Entity(address=_ENTITY, type=ENTITY)

    def features(self) -> tuple[Feature, ...]:
        """Return the servers."""
        served = {
            (_SETPOINT, "Setpoint"): (
                Function(name="setpointDescriptionListData", read=self._described),
                Function(name="setpointConstraintsListData", read=self._bounds),
                Function(name=_SETPOINTS, read=self._set, write=self._write),
            ),
            (_HVAC, "HVAC"): (
                Function(name="hvacSystemFunctionListData", read=self._function),
                Function(
                    name="hvacSystemFunctionSetPointRelationListData",
                    read=self._relations,
                ),
            ),
            (_MEASUREMENT, "Measurement"): (
                Function(name="measurementDescriptionListData", read=_measures),
                Function(name=_MEASUREMENTS, read=self._measured),
            ),
        }
        return tuple(
            Feature(address=address, type=kind, role=Role.SERVER, functions=functions)
            for (address, kind), functions in served.items()
        )

    def use_cases(self) -> tuple[UseCase, ...]:
        """Return both use cases."""
        return tuple(
            UseCase(entity=_ENTITY, actor=ENTITY, name=name, scenarios=(1,))
            for name in (CONFIGURES, MONITORS)
        )

    def told(self) -> tuple[Told, ...]:
        """Return what is notified."""
        return (
            Told(
                address=_SETPOINT,
                function=_SETPOINTS,
                stamp=lambda: tuple(self.set_c.items()),
            ),
            Told(
                address=_HVAC,
                function="hvacSystemFunctionListData",
                stamp=lambda: self.mode,
            ),
            Told(
                address=_MEASUREMENT, function=_MEASUREMENTS, stamp=lambda: self.water_c
            ),
        )

    def _described(self) -> Tree:
        return {
            "setpointDescriptionData": [
                {
                    "setpointId": name,
                    "setpointType": "valueAbsolute",
                    "unit": CELSIUS,
                    "scopeType": SCOPE,
                }
                for name in self.set_c
            ]
        }

    def _bounds(self) -> Tree:
        ends = {
            "setpointRangeMin": scaled(self.least_c),
            "setpointRangeMax": scaled(self.most_c),
        }
        return {
            "setpointConstraintsData": [{"setpointId": n, **ends} for n in self.set_c]
        }

    def _set(self) -> Tree:
        return {
            "setpointData": [
                {"setpointId": name, "value": scaled(value_c)}
                for name, value_c in self.set_c.items()
            ]
        }

    def _write(self, datagram: Datagram) -> str | None:
        for each in items(datagram.data, "setpointData"):
            name, value_c = each.get("setpointId"), number(each.get("value"))
            if name not in self.set_c:
                return "no such setpoint"
            if not self.least_c <= value_c <= self.most_c:
                return "out of range"
            self.set_c[name] = value_c
        return None

    def _function(self) -> Tree:
        said: Mapping[str, Any] = {
            "systemFunctionId": 0,
            "currentOperationModeId": self.mode,
        }
        return {"hvacSystemFunctionData": [said]}

    def _relations(self) -> Tree:
        return {
            "hvacSystemFunctionSetpointRelationData": [
                {"systemFunctionId": 0, "operationModeId": name, "setpointId": [name]}
                for name in self.set_c
            ]
        }

    def _measured(self) -> Tree:
        value = {
            "measurementId": 7,
            "valueType": "value",
            "value": scaled(self.water_c),
        }
        return {"measurementData": [value]}


def _measures() -> Tree:
    said = {
        "measurementId": 7,
        "measurementType": "temperature",
        "unit": CELSIUS,
        "scopeType": SCOPE,
    }
    return {"measurementDescriptionData": [said]}
