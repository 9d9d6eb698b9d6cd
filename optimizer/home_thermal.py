"""Heat in HOME.yaml: buildings, tanks, heat pumps and heaters.

Temperatures are in °C, heat in kW; electric powers are positive into the device.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final

from cem_core.model import DeviceKind
from cem_core.tariff.enwg14a import Group
from optimizer.fields import described
from optimizer.home_devices import Ranged

KWH_PER_LITRE_K: Final = 4.186 / 3600  # of water


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """A store between heat pump and room, as a heated floor is."""

    resistance_k_per_kw: float = described("floor to room", above=0)
    capacitance_kwh_per_k: float = described("heat that warms it by 1 K", above=0)
    initial_c: float = described("its temperature at the start")


@dataclass(frozen=True, slots=True, kw_only=True)
class Buffer:
    """A tank that the heat pump heats and from which the house takes its heat."""

    volume_l: float = described("water in it", above=0)
    initial_c: float = described("temperature at the start")
    min_c: float = described("least at which it gives heat", 25.0)
    max_c: float = described("most it is heated to", 55.0)
    loss_kw_per_k: float = described("standing loss to its room", 0.0, minimum=0)
    ambient_c: float = described("temperature around it", 20.0)
    most_given_on_kw: float = described("most heat that it gives on", above=0)

    @property
    def capacitance_kwh_per_k(self) -> float:
        """The heat that warms it by 1 K."""
        return self.volume_l * KWH_PER_LITRE_K


@dataclass(frozen=True, slots=True, kw_only=True)
class Thermal:
    """A building as one resistance and one capacitance; perhaps a buffer, a floor."""

    resistance_k_per_kw: float = described("inside to outside", above=0)
    capacitance_kwh_per_k: float = described("heat that warms it by 1 K", above=0)
    initial_c: float = described("indoor temperature at the start")
    gains_series: str | None = described(
        "column with free heat in kW; absent: none", None
    )
    buffer: Buffer | None = described("a tank before the house; absent: none", None)
    floor: Floor | None = described("where the heat goes first; absent: the room", None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comfort:
    """The temperatures a person wants, and what leaving them costs."""

    min_series: str = described("column with the lowest wished temperature")
    max_series: str = described("column with the highest wished temperature")
    violation_per_kelvin_hour: float = described("price of leaving them", minimum=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowPoint:
    """A point of a heating curve."""

    outdoor_c: float = described("outdoor temperature")
    flow_c: float = described("flow temperature at it")


@dataclass(frozen=True, slots=True, kw_only=True)
class CopCurve:
    """A COP from outdoor and flow temperature, a share of Carnot's."""

    quality: float = described("share of Carnot's COP", 0.45, above=0, maximum=1)
    heating_curve: tuple[FlowPoint, ...] = described(
        "flow temperatures, the coldest outdoor first; straight between them"
    )
    water_flow_c: float = described("flow temperature for hot water", 55.0)
    max_cop: float = described("most it reaches", 7.0, minimum=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Legionella:
    """Heat against legionella, once by a time."""

    temperature_c: float = described("least temperature", 60.0)
    by: datetime = described("done by")
    hold_minutes: int = described("how long it is held", 30, minimum=0, maximum=1440)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tank:
    """Water at one temperature: a hot-water tank or a pool."""

    volume_l: float = described("water in it", above=0)
    initial_c: float = described("temperature at the start")
    min_c: float = described("least wished temperature", 45.0)
    max_c: float = described("most it is heated to", 60.0)
    loss_kw_per_k: float = described("standing loss to its room", 0.0, minimum=0)
    ambient_c: float = described("temperature around it", 20.0)
    draw_series: str | None = described(
        "column with heat drawn off in kW; absent: none", None
    )
    violation_per_kelvin_hour: float = described(
        "price of being below min_c", 1.0, minimum=0
    )
    legionella: Legionella | None = described("a hot cycle; absent: none", None)

    @property
    def capacitance_kwh_per_k(self) -> float:
        """The heat that warms it by 1 K."""
        return self.volume_l * KWH_PER_LITRE_K


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatPump(Ranged):
    """A heat pump, the house it heats, and what else it can do.

    Its power is 0, or from `min_power_kw` to `max_power_kw`, or in one of its
    stages. It heats either by `cop_series` or by `cop_curve`; with neither, but
    `cooling_series`, it only cools.
    """

    kind: ClassVar = DeviceKind.HEAT_PUMP
    usual_group: ClassVar = Group.HEAT_PUMP

    backup_heater_kw: float = described(
        "electric heater beside it, 1 kW heat a kW", 0.0, minimum=0
    )
    cop_series: str | None = described("column with heat / electricity", None)
    cop_curve: CopCurve | None = described("where there is no such column", None)
    cooling_series: str | None = described(
        "column with cold / electricity; absent: it cannot cool", None
    )
    thermal: Thermal = described("the building")
    comfort: Comfort = described("what is wished")
    hot_water: Tank | None = described("the tank it heats too; absent: none", None)
    water_cop_series: str | None = described(
        "column with heat / electricity for hot water; absent: the curve's or as for"
        " heating",
        None,
    )

    @property
    def heats(self) -> bool:
        """Whether it heats the room, not only cools it."""
        return self.cop_series is not None or self.cop_curve is not None

    @property
    def most_draw_kw(self) -> float:
        """The most it takes from the home."""
        return self.max_power_kw + self.backup_heater_kw

    @property
    def columns(self) -> Sequence[str | None]:
        """The columns of SERIES that it needs besides the outdoor temperature."""
        return (
            self.comfort.min_series,
            self.comfort.max_series,
            self.cop_series,
            self.water_cop_series,
            self.cooling_series,
            self.thermal.gains_series,
            None if self.hot_water is None else self.hot_water.draw_series,
        )
