"""HOME.yaml: the fields, their units, bounds and defaults, each written once.

The reader and the JSON Schema are made from this file and from `home_devices`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, get_args

from cem_core.model import Direction, Scope
from optimizer.fields import described
from optimizer.home_connection import Inner, Powered, SubConnection, Wiring
from optimizer.home_devices import (
    Appliance,
    Battery,
    Consumer,
    Device,
    EvCharger,
    Group,
    LossPart,
    PowerRange,
    Ranged,
    Session,
    Solar,
    Vehicle,
)
from optimizer.home_flexibility import Activation, Flexibility, Reservation
from optimizer.home_loads import FlexibleLoad, Generator, Storage, WaterHeater, Window
from optimizer.home_tariff import Tariff
from optimizer.home_thermal import (
    Buffer,
    Comfort,
    CopCurve,
    Floor,
    FlowPoint,
    HeatPump,
    Legionella,
    Tank,
    Thermal,
)

__all__ = [
    "DEVICES",
    "Activation",
    "AnyDevice",
    "Appliance",
    "Basis",
    "Battery",
    "Buffer",
    "Column",
    "Comfort",
    "Consumer",
    "CopCurve",
    "Device",
    "EvCharger",
    "Flexibility",
    "FlexibleLoad",
    "Floor",
    "FlowPoint",
    "Generator",
    "Grid",
    "Group",
    "HeatPump",
    "Home",
    "Inner",
    "Inverter",
    "Legionella",
    "Limit",
    "LimitPreset",
    "LossPart",
    "Phases",
    "PowerRange",
    "Powered",
    "Ranged",
    "Reservation",
    "Session",
    "Solar",
    "Storage",
    "SubConnection",
    "Tank",
    "Tariff",
    "Thermal",
    "Vehicle",
    "WaterHeater",
    "Window",
    "Wiring",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Phases:
    """The three phases of the connection."""

    limit_kw: float | None = described(
        "most that one phase carries, either way; absent: any", None, minimum=0
    )
    imbalance_limit_kw: float | None = described(
        "most that storage, charging and production of two phases are apart, as the"
        " 4.6 of VDE-AR-N 4100; absent: any",
        None,
        minimum=0,
    )
    load_series: tuple[str, ...] = described(
        "columns with the load of each phase in kW; absent: a third of load_kw each", ()
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """The grid connection point."""

    import_limit_kw: float | None = described(
        "most that may be imported; absent: unlimited", None, minimum=0
    )
    export_limit_kw: float | None = described(
        "most that may be exported; absent: unlimited", None, minimum=0
    )
    phases: Phases | None = described("limits of its phases; absent: none", None)


class Basis(StrEnum):
    """What a limit on controllable devices bounds.

    ``gross``: the sum of what they draw. ``grid_draw``: the part of it that comes
    from the grid: production and discharge that no other load uses are free.
    """

    GROSS = "gross"
    GRID_DRAW = "grid_draw"


class LimitPreset(StrEnum):
    """Rules that say what a limit counts and how high it is."""

    DE_14A = "de_14a"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A power limit ordered by the grid operator or another party.

    A preset says what is left out here; without one, direction, scope and
    limit_kw have to be given.
    """

    id: str = described("name of the limit")
    direction: Direction = described("which flow it bounds", Direction.IMPORT)
    scope: Scope = described(
        "the net power at the grid, or the controllable devices", Scope.CONTROLLABLE
    )
    limit_kw: float | None = described(
        "upper bound; absent: what the preset guarantees", None, minimum=0
    )
    basis: Basis | None = described(
        "what of the controllable devices counts; absent: gross, or the preset's",
        None,
    )
    preset: LimitPreset | None = described("rules of a country; absent: none", None)
    start: datetime | None = described("in force from; absent: always", None)
    end: datetime | None = described("in force until; absent: until changed", None)


type AnyDevice = (
    Solar
    | Battery
    | EvCharger
    | HeatPump
    | Appliance
    | WaterHeater
    | Storage
    | FlexibleLoad
    | Generator
)

DEVICES: Mapping[str, type[Any]] = {
    kind.kind: kind for kind in get_args(AnyDevice.__value__)
}


class Column(StrEnum):
    """The columns of SERIES that no device names."""

    IMPORT_PRICE = "import_price"
    EXPORT_PRICE = "export_price"
    LOAD = "load_kw"
    OUTDOOR = "outdoor_temperature_c"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inverter:
    """A hybrid inverter: solar and a battery on its direct-current side."""

    id: str = described("name of the inverter")
    limit_kw: float = described("most it converts, either way", above=0)
    devices: tuple[str, ...] = described("ids of what shares it")


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
    sub_connections: tuple[SubConnection, ...] = described(
        "parts of the home with a meter of their own", ()
    )
    flexibility: Flexibility = described("what others pay for", Flexibility())
    limits: tuple[Limit, ...] = described("ordered limits; they may overlap", ())
    devices: tuple[AnyDevice, ...] = described("what the home has", ())
    inverters: tuple[Inverter, ...] = described("shared by several devices", ())
    simulate: Mapping[str, Any] | None = described(
        "settings of the simulator, which checks them", None
    )
