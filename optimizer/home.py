"""HOME.yaml: the fields, their units, bounds and defaults, each written once.

The reader and the JSON Schema are made from this file and from `home_devices`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, get_args

from cem_core.model import Direction, Scope
from cem_core.tariff.enwg14a import Group
from optimizer.fields import described
from optimizer.home_connection import Inner, Powered, SubConnection, Wiring
from optimizer.home_devices import (
    Appliance,
    Battery,
    Consumer,
    Device,
    EvCharger,
    LossPart,
    Ranged,
    Session,
    Solar,
    Vehicle,
    Window,
)
from optimizer.home_flexibility import Activation, Flexibility, Reservation
from optimizer.home_loads import (
    FlexibleLoad,
    Generator,
    Option,
    Programme,
    Section,
    Source,
    Storage,
    WaterHeater,
)
from optimizer.home_runs import PowerRange, Runs, Target
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
from optimizer.home_uncertainty import Uncertainty

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
    "Option",
    "Phases",
    "PowerRange",
    "Powered",
    "Programme",
    "Ranged",
    "Reservation",
    "Runs",
    "Section",
    "Session",
    "Solar",
    "Source",
    "Storage",
    "SubConnection",
    "Tank",
    "Target",
    "Tariff",
    "Thermal",
    "Tier",
    "Uncertainty",
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
    devices: tuple[str, ...] = described(
        "ids of those that it counts alone; absent: all controllable ones", ()
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
    | Programme
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
    """A hybrid inverter: solar and a battery on its direct-current side.

    Series, powers and efficiencies of its devices are those of that side.
    """

    id: str = described("name of the inverter")
    limit_kw: float = described("most it gives to the home", above=0)
    draw_limit_kw: float | None = described(
        "most it takes from the home; 0: the sun alone charges; absent: limit_kw",
        None,
        minimum=0,
    )
    to_ac_efficiency: float = described(
        "given to the home / taken from its direct-current side",
        1.0,
        above=0,
        maximum=1,
    )
    to_dc_efficiency: float = described(
        "given to its direct-current side / taken from the home",
        1.0,
        above=0,
        maximum=1,
    )
    devices: tuple[str, ...] = described("ids of its solar and of one battery")

    @property
    def block(self) -> str:
        """The name of its block in the model."""
        return f"inverter {self.id}"

    @property
    def lossy(self) -> bool:
        """Whether anything is lost in it."""
        return self.to_ac_efficiency < 1 or self.to_dc_efficiency < 1

    @property
    def most_taken_kw(self) -> float:
        """The most it takes from the home."""
        return self.limit_kw if self.draw_limit_kw is None else self.draw_limit_kw


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """Steps of one length: fine near the start, coarser further on."""

    step_minutes: int = described("the length of its steps", minimum=1, maximum=1440)
    until_minutes: int | None = described(
        "goes on until so long after the start, and to a multiple of the next tier's"
        " step; absent, only in the last: to the end",
        None,
        minimum=1,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """One home at one grid connection point."""

    schema: int = described("version of this format", allowed=(1,))
    name: str = described("name of the home", "home")
    time_zone: str = described("IANA name, as in Europe/Brussels")
    step_minutes: int = described("the plan's step", 15, minimum=1, maximum=1440)
    tiers: tuple[Tier, ...] = described(
        "steps that get longer, instead of step_minutes; absent: equal ones", ()
    )
    start: datetime | None = described(
        "start, within a step too: the first then is what is left of it; absent: first"
        " row of SERIES",
        None,
    )
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
    uncertainty: Uncertainty | None = described(
        "plan on p10 and p90 of load and production too; absent: SERIES is certain",
        None,
    )
    simulate: Mapping[str, Any] | None = described(
        "settings of the simulator, which checks them", None
    )

    @property
    def step_tiers(self) -> Sequence[Tier]:
        """Its tiers; the one of equal steps where it has none."""
        return self.tiers or (Tier(step_minutes=self.step_minutes),)

    @property
    def longest_step_minutes(self) -> int:
        """The length of its longest steps."""
        return self.step_tiers[-1].step_minutes

    def battery_of(self, inverter: Inverter) -> Battery | None:
        """Return the battery behind ``inverter``, if there is one."""
        batteries = (d for d in self.devices if isinstance(d, Battery))
        return next((d for d in batteries if d.id in inverter.devices), None)

    def inverter_of(self, device_id: str) -> Inverter | None:
        """Return the inverter that a device is behind, if there is one."""
        behind = (each for each in self.inverters if device_id in each.devices)
        return next(behind, None)
