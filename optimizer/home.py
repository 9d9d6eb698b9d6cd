"""HOME.yaml: the fields, their units, bounds and defaults, each written once.

Powers are in kW and positive into the device; a solar device is asked for what
it produces. The reader, the JSON Schema and the docs are made from this file.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from cem_core.model import DeviceKind, Direction, Scope
from optimizer.fields import described
from optimizer.home_tariff import Tariff


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """The grid connection point."""

    import_limit_kw: float | None = described(
        "most that may be imported; absent: unlimited", None, minimum=0
    )
    export_limit_kw: float | None = described(
        "most that may be exported; absent: unlimited", None, minimum=0
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A power limit ordered by the grid operator or another party."""

    unsupported: ClassVar = ("basis", "preset")

    id: str = described("name of the limit")
    direction: Direction = described("which flow it bounds")
    scope: Scope = described("the net power at the grid, or the controllable devices")
    limit_kw: float = described("upper bound", minimum=0)
    start: datetime | None = described("in force from; absent: always", None)
    end: datetime | None = described("in force until; absent: until changed", None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Solar:
    """Production that a series foretells."""

    kind: ClassVar = DeviceKind.SOLAR
    unsupported: ClassVar = ("controllable",)

    id: str = described("name of the device")
    series: str = described("column of SERIES with the production in kW")
    curtailable: bool = described("may produce less than it could", False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Battery:
    """A store of electricity; powers at its terminals on the home's side."""

    kind: ClassVar = DeviceKind.BATTERY
    unsupported: ClassVar = (
        "controllable",
        "self_discharge_per_hour",
        "max_cycles_per_day",
        "reserve_kwh",
        "grid_charge",
    )

    id: str = described("name of the device")
    capacity_kwh: float = described("most it holds", above=0)
    min_energy_kwh: float = described("least it is emptied to", 0.0, minimum=0)
    initial_energy_kwh: float = described("energy at the start", minimum=0)
    final_energy_kwh: float | None = described(
        "least energy at the end; absent: min_energy_kwh", None, minimum=0
    )
    charge_limit_kw: float = described("most it draws", minimum=0)
    discharge_limit_kw: float = described("most it gives", minimum=0)
    charge_efficiency: float = described("stored / drawn", 1.0, above=0, maximum=1)
    discharge_efficiency: float = described(
        "given / taken out", 1.0, above=0, maximum=1
    )
    wear_per_kwh: float = described("currency per kWh discharged", 0.0, minimum=0)
    end_value_per_kwh: float = described(
        "currency per kWh above min_energy_kwh at the end", 0.0, minimum=0
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One stay of a car at the charger."""

    arrive: datetime = described("plugged in from")
    depart: datetime = described("leaves at")
    energy_kwh: float = described(
        "stored by departure, counted from arrival", minimum=0
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class EvCharger:
    """An EV charger: off, or between its least and its most power."""

    kind: ClassVar = DeviceKind.EV_CHARGER
    unsupported: ClassVar = ("controllable", "bidirectional")

    id: str = described("name of the device")
    min_power_kw: float = described("least power while it charges", 0.0, minimum=0)
    max_power_kw: float = described("most power", above=0)
    efficiency: float = described("stored / drawn", 1.0, above=0, maximum=1)
    sessions: tuple[Session, ...] = described("stays, in order of time", ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Thermal:
    """A building as one resistance and one capacitance."""

    resistance_k_per_kw: float = described("inside to outside", above=0)
    capacitance_kwh_per_k: float = described("heat that warms it by 1 K", above=0)
    initial_c: float = described("indoor temperature at the start")
    gains_series: str | None = described(
        "column with free heat in kW; absent: none", None
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Comfort:
    """The temperatures a person wants, and what leaving them costs."""

    min_series: str = described("column with the lowest wished temperature")
    max_series: str = described("column with the highest wished temperature")
    violation_per_kelvin_hour: float = described("price of leaving them", minimum=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatPump:
    """A heat pump that modulates down to zero and the house it heats."""

    kind: ClassVar = DeviceKind.HEAT_PUMP
    unsupported: ClassVar = ("controllable",)

    id: str = described("name of the device")
    max_power_kw: float = described("most electric power", above=0)
    cop_series: str = described("column with heat / electricity")
    thermal: Thermal = described("the building")
    comfort: Comfort = described("what is wished")


@dataclass(frozen=True, slots=True, kw_only=True)
class Appliance:
    """One uninterrupted run of a fixed profile."""

    kind: ClassVar = DeviceKind.APPLIANCE
    unsupported: ClassVar = ("controllable",)

    id: str = described("name of the device")
    profile_kw: tuple[float, ...] = described(
        "mean power in each profile step", minimum=0
    )
    profile_step_minutes: int = described(
        "length of a profile step", 15, minimum=1, maximum=1440
    )
    earliest_start: datetime = described("not before")
    latest_end: datetime = described("done by")


type AnyDevice = Solar | Battery | EvCharger | HeatPump | Appliance

DEVICES: Mapping[str, type[Any]] = {
    kind.kind: kind for kind in (Solar, Battery, EvCharger, HeatPump, Appliance)
}


class Column(StrEnum):
    """The columns of SERIES that no device names."""

    IMPORT_PRICE = "import_price"
    EXPORT_PRICE = "export_price"
    LOAD = "load_kw"
    OUTDOOR = "outdoor_temperature_c"


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """One home at one grid connection point."""

    schema: int = described("version of this format", allowed=(1,))
    name: str = described("name of the home", "home")
    time_zone: str = described("IANA name, as in Europe/Brussels")
    step_minutes: int = described("the plan's step", 15, minimum=1, maximum=1440)
    start: datetime | None = described("start; absent: first row of SERIES", None)
    steps: int | None = described(
        "number of steps; absent: all rows", None, minimum=1, maximum=20000
    )
    grid: Grid = described("the connection", Grid())
    tariff: Tariff = described("what is not in SERIES", Tariff())
    limits: tuple[Limit, ...] = described("ordered limits; they may overlap", ())
    devices: tuple[AnyDevice, ...] = described("what the home has", ())
    simulate: Mapping[str, Any] | None = described(
        "settings of the simulator, which checks them", None
    )
