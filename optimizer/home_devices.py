"""Electric devices of HOME.yaml: fields, units, bounds and defaults, each written once.

Powers are in kW and positive into the device; a solar device is asked for what
it produces. ``most_draw_kw`` and ``most_feed_kw`` are the most that a device
takes from and gives to the home; a series bounds what a solar device gives.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from cem_core.model import DeviceKind
from cem_core.tariff.enwg14a import Group
from optimizer.fields import described
from optimizer.home_runs import PowerRange, Runs, Target, ranges_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """What every device has."""

    id: str = described("name of the device")
    controllable: bool = described("counts for limits on controllable devices", True)
    phases: tuple[int, ...] = described(
        "phases it is on, evenly; absent: all three", (), allowed=(1, 2, 3)
    )
    connection: str | None = described(
        "id of its sub-connection; absent: the household's", None
    )

    @property
    def columns(self) -> Sequence[str | None]:
        """The columns of SERIES that it needs; None: not this one."""
        return ()

    @property
    def most_draw_kw(self) -> float:
        """The most it takes from the home."""
        return 0.0

    @property
    def most_feed_kw(self) -> float:
        """The most it gives to the home."""
        return 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumer(Device):
    """A device that draws power, with what the preset of §14a asks for."""

    usual_group: ClassVar[Group | None] = None

    rated_power_kw: float | None = described(
        "on the name plate; absent: the most it draws", None, above=0
    )
    group: Group | None = described("for §14a; absent: by its kind", None)
    commissioning_date: date | None = described("for §14a; absent: since 2024", None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Solar(Device):
    """Production that a series foretells."""

    kind: ClassVar = DeviceKind.SOLAR

    series: str = described("column of SERIES with the production in kW")
    curtailable: bool = described("may produce less than it could", False)

    @property
    def columns(self) -> Sequence[str | None]:
        """The columns of SERIES that it needs."""
        return (self.series,)


@dataclass(frozen=True, slots=True, kw_only=True)
class LossPart:
    """A part of a power and its own efficiency."""

    up_to_kw: float = described("the power at which it ends", above=0)
    efficiency: float = described(
        "of what is above the part before", above=0, maximum=1
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Battery(Consumer):
    """A store of electricity; powers at its terminals on the home's side."""

    kind: ClassVar = DeviceKind.BATTERY
    usual_group: ClassVar = Group.STORAGE

    capacity_kwh: float = described("most it holds", above=0)
    min_energy_kwh: float = described("least it is emptied to", 0.0, minimum=0)
    initial_energy_kwh: float = described("energy at the start", minimum=0)
    final_energy_kwh: float | None = described(
        "least energy at the end; absent: min_energy_kwh", None, minimum=0
    )
    reserve_kwh: float = described(
        "energy kept for a power cut; used only where a limit could not hold",
        0.0,
        minimum=0,
    )
    charge_limit_kw: float = described("most it draws", minimum=0)
    discharge_limit_kw: float = described("most it gives", minimum=0)
    charge_efficiency: float = described("stored / drawn", 1.0, above=0, maximum=1)
    discharge_efficiency: float = described(
        "given / taken out", 1.0, above=0, maximum=1
    )
    charge_losses: tuple[LossPart, ...] = described(
        "by power, instead of charge_efficiency; absent: it is the same at any", ()
    )
    discharge_losses: tuple[LossPart, ...] = described(
        "by power, instead of discharge_efficiency; absent: it is the same at any", ()
    )
    standby_kw: float = described(
        "what its electronics draw from the home all the time", 0.0, minimum=0
    )
    self_discharge_per_hour: float = described(
        "share of its energy lost in an hour", 0.0, minimum=0, maximum=1
    )
    max_cycles_per_day: float | None = described(
        "most it gives in a local day, in capacities; absent: any", None, minimum=0
    )
    charging: Runs | None = described(
        "how it runs while it charges; absent: it changes at will", None
    )
    giving: Runs | None = described(
        "how it runs while it gives; absent: it changes at will", None
    )
    turn_minutes: int = described(
        "least rest between charging and giving, where both run",
        0,
        minimum=0,
        maximum=1440,
    )
    targets: tuple[Target, ...] = described(
        "when more than reserve_kwh is kept, and how much", ()
    )
    grid_charge: bool = described(
        "may charge while the home imports; false: from surplus only", True
    )
    wear_per_kwh: float = described("currency per kWh discharged", 0.0, minimum=0)
    end_value_per_kwh: float = described(
        "currency per kWh above min_energy_kwh at the end", 0.0, minimum=0
    )

    @property
    def most_draw_kw(self) -> float:
        """The most it takes from the home."""
        return self.charge_limit_kw + self.standby_kw

    @property
    def most_feed_kw(self) -> float:
        """The most it gives to the home."""
        return self.discharge_limit_kw


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One stay of a car at the charger; energies count from its arrival."""

    arrive: datetime = described("plugged in from")
    depart: datetime = described("leaves at")
    energy_kwh: float = described("stored by departure", minimum=0)
    preferred_energy_kwh: float | None = described(
        "wished by ready_by, at late_price_per_kwh; absent: energy_kwh",
        None,
        minimum=0,
    )
    max_power_kw: float | None = described(
        "most this car draws; absent: as much as the charger gives", None, above=0
    )
    min_energy_kwh: float = described(
        "least at any time: -5 lends 5 kWh of what the car came with", 0.0, maximum=0
    )
    max_energy_kwh: float | None = described(
        "most it takes; absent: any amount", None, minimum=0
    )
    missing_price_per_kwh: float | None = described(
        "price of what is missing at departure; absent: only limits come first",
        None,
        minimum=0,
    )
    ready_by: datetime | None = described(
        "when its energy is wished; absent: at departure", None
    )
    late_price_per_kwh: float = described(
        "price of what is missing at ready_by", 0.0, minimum=0
    )
    trip_kwh: float = described(
        "what the vehicle uses until the next stay", 0.0, minimum=0
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Vehicle:
    """A car that comes back: what is in it goes from stay to stay."""

    capacity_kwh: float = described("most it holds", above=0)
    min_energy_kwh: float = described("least it is emptied to", 0.0, minimum=0)
    initial_energy_kwh: float = described(
        "energy at the start, or at its first arrival", minimum=0
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranged(Runs, Consumer):
    """A device that runs and rests."""

    @property
    def starts_late(self) -> bool:
        """Whether a start takes time."""
        return self.start_minutes > 0

    @property
    def most_draw_kw(self) -> float:
        """The most it takes from the home."""
        return self.max_power_kw


@dataclass(frozen=True, slots=True, kw_only=True)
class EvCharger(Consumer):
    """An EV charger: off, or between its least and its most power."""

    kind: ClassVar = DeviceKind.EV_CHARGER
    usual_group: ClassVar = Group.CHARGE_POINT

    min_power_kw: float = described("least power while it runs", 0.0, minimum=0)
    max_power_kw: float = described("most power", above=0)
    power_ranges: tuple[PowerRange, ...] = described(
        "what of least to most it can do, as with one and three phases; absent: all",
        (),
    )
    start_cost: float = described(
        "currency per start to max_power_kw; a rise by a share of that is that share"
        " of one",
        0.0,
        minimum=0,
    )
    initially_on: bool = described("charges when the plan starts", False)
    efficiency: float = described("stored / drawn", 1.0, above=0, maximum=1)
    bidirectional: bool = described("may discharge the car", False)
    discharge_limit_kw: float | None = described(
        "most it gives, if bidirectional; absent: max_power_kw", None, above=0
    )
    discharge_efficiency: float | None = described(
        "given / taken out; absent: efficiency", None, above=0, maximum=1
    )
    wear_per_kwh: float = described("currency per kWh discharged", 0.0, minimum=0)
    vehicle: Vehicle | None = described(
        "the one car that always comes, for trip_kwh; absent: any car", None
    )
    sessions: tuple[Session, ...] = described("stays, in order of time", ())

    @property
    def most_draw_kw(self) -> float:
        """The most it takes from the home."""
        return self.max_power_kw

    @property
    def most_feed_kw(self) -> float:
        """The most it gives to the home."""
        if not self.bidirectional:
            return 0.0
        given = self.discharge_limit_kw
        return self.max_power_kw if given is None else given

    @property
    def ranges(self) -> Sequence[tuple[float, float]]:
        """Where its power can lie besides 0, the lowest first."""
        return ranges_of(self.power_ranges, self.min_power_kw, self.max_power_kw)

    @property
    def taken_out_per_kwh(self) -> float:
        """What leaves the car's battery for each kWh given."""
        given = self.discharge_efficiency
        return 1 / (self.efficiency if given is None else given)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A time in which a device may run."""

    start: datetime = described("from")
    end: datetime = described("until")


@dataclass(frozen=True, slots=True, kw_only=True)
class Appliance(Consumer):
    """One uninterrupted run of a fixed profile."""

    kind: ClassVar = DeviceKind.APPLIANCE

    controllable: bool = described("counts for limits on controllable devices", False)
    profile_kw: tuple[float, ...] = described(
        "mean power in each profile step", minimum=0
    )
    profile_step_minutes: int = described(
        "length of a profile step", 15, minimum=1, maximum=1440
    )
    earliest_start: datetime = described("not before")
    latest_end: datetime = described("done by")
    preferred: tuple[Window, ...] = described(
        "when it had better run: at equal cost, or at outside_price_per_kwh", ()
    )
    outside_price_per_kwh: float = described(
        "price of a kWh outside the preferred windows", 0.0, minimum=0
    )
    value: float | None = described(
        "what a run is worth, where it may be left out; absent: it has to run",
        None,
        minimum=0,
    )

    @property
    def most_draw_kw(self) -> float:
        """The most it takes from the home."""
        return max(self.profile_kw)
