"""We as grid connection point: what a monitoring appliance reads of our meter.

Source: EEBUS UC TS MGCP 1.0.0, scenarios 2 to 7. Power is positive into the home.
"""

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cem_core.eebus.device import Feature, Function, Role, UseCase
from cem_core.eebus.json_form import Tree
from cem_core.eebus.layout import GRID_CONNECTION, GRID_MEASUREMENT, GRID_POINT
from cem_core.eebus.values import scaled, timestamp

MEASUREMENTS: Final = "measurementListData"
_PHASES: Final = ("a", "b", "c")


@dataclass(frozen=True, slots=True, kw_only=True)
class GridValues:
    """What the meter said last; None: it does not say. ``stale``: it is silent."""

    time: datetime
    stale: bool = False
    power_w: float | None = None
    export_energy_wh: float | None = None
    import_energy_wh: float | None = None
    current_a: tuple[float | None, float | None, float | None] = (None, None, None)
    voltage_v: tuple[float | None, float | None, float | None] = (None, None, None)
    frequency_hz: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Quantity:
    number: int
    type: str
    unit: str
    scope: str
    phases: str = ""
    scenario: int = 2

    def value(self, values: GridValues) -> float | None:
        match self.scope:
            case "acPowerTotal":
                return values.power_w
            case "gridFeedIn":
                return values.export_energy_wh
            case "gridConsumption":
                return values.import_energy_wh
            case "acFrequency":
                return values.frequency_hz
            case "acCurrent":
                return values.current_a[_PHASES.index(self.phases)]
            case _:
                return values.voltage_v[_PHASES.index(self.phases)]


def _quantities() -> Iterator[_Quantity]:
    power = _Quantity(
        number=0, type="power", unit="W", scope="acPowerTotal", phases="abc"
    )
    yield power
    for number, scope, scenario in ((1, "gridFeedIn", 3), (2, "gridConsumption", 4)):
        yield _Quantity(
            number=number, type="energy", unit="Wh", scope=scope, scenario=scenario
        )
    for first, kind, unit, scope, scenario in (
        (3, "current", "A", "acCurrent", 5),
        (6, "voltage", "V", "acVoltage", 6),
    ):
        for place, phase in enumerate(_PHASES):
            yield _Quantity(
                number=first + place,
                type=kind,
                unit=unit,
                scope=scope,
                phases=phase,
                scenario=scenario,
            )
    yield _Quantity(
        number=9, type="frequency", unit="Hz", scope="acFrequency", scenario=7
    )


_ALL: Final = tuple(_quantities())


class GridPoint:
    """The servers of the use case; ``values`` is asked at each read."""

    def __init__(self, values: Callable[[], GridValues]) -> None:
        """Show what ``values`` returns."""
        self._values = values

    def stamp(self) -> Hashable:
        """Return what changes when the values do."""
        return self._values()

    def features(self) -> tuple[Feature, ...]:
        """Return the servers that peers read and subscribe to."""
        measurement = (
            Function(name="measurementDescriptionListData", read=self._descriptions),
            Function(name="measurementConstraintsListData", read=dict),
            Function(name=MEASUREMENTS, read=self._measured),
        )
        connection = (
            Function(
                name="electricalConnectionDescriptionListData", read=self._connection
            ),
            Function(
                name="electricalConnectionParameterDescriptionListData",
                read=self._parameters,
            ),
        )
        return (
            Feature(
                address=GRID_MEASUREMENT,
                type="Measurement",
                role=Role.SERVER,
                functions=measurement,
            ),
            Feature(
                address=GRID_CONNECTION,
                type="ElectricalConnection",
                role=Role.SERVER,
                functions=connection,
            ),
        )

    def use_case(self) -> UseCase:
        """Return the use case with the scenarios that the meter has values for."""
        return UseCase(
            entity=GRID_POINT,
            actor="GridConnectionPoint",
            name="monitoringOfGridConnectionPoint",
            scenarios=tuple(sorted({q.scenario for q in self._known()} | {2, 3, 4})),
        )

    def _known(self) -> Iterator[_Quantity]:
        """Return the quantities that are mandatory or that the meter says."""
        values = self._values()
        for quantity in _ALL:
            if quantity.scenario <= 4 or quantity.value(values) is not None:  # noqa: PLR2004 - 2 to 4 are mandatory
                yield quantity

    def _descriptions(self) -> Tree:
        return {
            "measurementDescriptionData": [
                {
                    "measurementId": quantity.number,
                    "measurementType": quantity.type,
                    "commodityType": "electricity",
                    "unit": quantity.unit,
                    "scopeType": quantity.scope,
                }
                for quantity in self._known()
            ]
        }

    def _measured(self) -> Tree:
        values = self._values()
        found = []
        for quantity in self._known():
            value = quantity.value(values)
            entry: Tree = {
                "measurementId": quantity.number,
                "valueType": "value",
                "timestamp": timestamp(values.time),
            }
            if value is not None:
                entry["value"] = scaled(value)
            good = value is not None and not values.stale
            entry["valueSource"] = "measuredValue"
            entry["valueState"] = "normal" if good else "error"
            found.append(entry)
        return {"measurementData": found}

    def _connection(self) -> Tree:
        return {
            "electricalConnectionDescriptionData": [
                {
                    "electricalConnectionId": 0,
                    "powerSupplyType": "ac",
                    "acConnectedPhases": len(_PHASES),
                    "positiveEnergyDirection": "consume",
                }
            ]
        }

    def _parameters(self) -> Tree:
        found = []
        for place, quantity in enumerate(self._known()):
            parameter: Tree = {
                "electricalConnectionId": 0,
                "parameterId": place,
                "measurementId": quantity.number,
                "voltageType": "ac",
            }
            if quantity.phases:
                parameter["acMeasuredPhases"] = quantity.phases
                parameter["acMeasuredInReferenceTo"] = "neutral"
                parameter["acMeasurementType"] = "real"
                parameter["acMeasurementVariant"] = "rms"
            found.append(parameter)
        return {"electricalConnectionParameterDescriptionData": found}
