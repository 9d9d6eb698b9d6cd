"""Devices of HOME.yaml that shift, store or make energy in other ways.

Powers are in kW and positive into the device; a generator is asked for what it
makes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from cem_core.model import DeviceKind
from optimizer.fields import described
from optimizer.home_devices import Consumer, Ranged, Window
from optimizer.home_runs import Runs, Target
from optimizer.home_thermal import Tank


class FurtherKind(StrEnum):
    """Kinds of devices that only the optimiser knows."""

    STORAGE = "storage"
    FLEXIBLE_LOAD = "flexible_load"
    PROGRAMME = "programme"
    GENERATOR = "generator"


@dataclass(frozen=True, slots=True, kw_only=True)
class WaterHeater(Ranged):
    """A boiler, an immersion heater or a pool's heat pump."""

    kind: ClassVar = DeviceKind.WATER_HEATER

    cop_series: str | None = described(
        "column with heat / electricity; absent: 1, a heating element", None
    )
    tank: Tank = described("what it heats")

    @property
    def columns(self) -> Sequence[str | None]:
        """The columns of SERIES that it needs; None: not this one."""
        return self.cop_series, self.tank.draw_series


@dataclass(frozen=True, slots=True, kw_only=True)
class Source(Runs):
    """A further way to fill a storage, with runs and rests of its own."""

    id: str = described("name of the source")
    electric: bool = described("draws from the home; false: another energy", True)
    efficiency: float = described("stored / drawn", 1.0, above=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage(Ranged):
    """A store of anything that is filled by electricity and emptied by a demand."""

    kind: ClassVar = FurtherKind.STORAGE

    capacity_kwh: float = described("most it holds", above=0)
    min_energy_kwh: float = described("least wished", 0.0, minimum=0)
    initial_energy_kwh: float = described("energy at the start", minimum=0)
    efficiency: float = described("stored / drawn", 1.0, above=0)
    sources: tuple[Source, ...] = described(
        "what else fills it, beside its own power", ()
    )
    loss_per_hour: float = described(
        "share of its energy lost in an hour", 0.0, minimum=0, maximum=1
    )
    demand_series: str | None = described(
        "column with what is taken out in kW; absent: none", None
    )
    missing_price_per_kwh: float = described(
        "price of a kWh of demand not met, and of an hour a kWh below what is wished",
        1.0,
        minimum=0,
    )
    targets: tuple[Target, ...] = described(
        "when more than min_energy_kwh is wished, and how much", ()
    )

    @property
    def columns(self) -> Sequence[str | None]:
        """The columns of SERIES that it needs; None: not this one."""
        return (self.demand_series,)

    @property
    def starts_late(self) -> bool:
        """Whether a start of any of its ways takes time."""
        return any(each.start_minutes > 0 for each in (self, *self.sources))

    @property
    def most_draw_kw(self) -> float:
        """The most it takes from the home."""
        others_kw = sum(each.max_power_kw for each in self.sources if each.electric)
        return self.max_power_kw + others_kw


@dataclass(frozen=True, slots=True, kw_only=True)
class FlexibleLoad(Ranged):
    """Energy that may be interrupted, to be had in some windows."""

    kind: ClassVar = FurtherKind.FLEXIBLE_LOAD

    energy_kwh: float = described("what it is to draw", minimum=0)
    windows: tuple[Window, ...] = described("when it may run")
    preferred: tuple[Window, ...] = described(
        "when it had better run: at equal cost, or at outside_price_per_kwh", ()
    )
    outside_price_per_kwh: float = described(
        "price of a kWh outside the preferred windows", 0.0, minimum=0
    )
    value_per_kwh: float | None = described(
        "what a kWh is worth, where it may be left out; absent: it may not",
        None,
        minimum=0,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One way to run a section."""

    id: str = described("name of the option")
    profile_kw: tuple[float, ...] = described(
        "mean power in each profile step", minimum=0
    )
    interruptible: bool = described("may be paused for any time", False)
    max_pause_minutes: int = described(
        "longest pause between what ran before and it; of the first section of a run"
        " that has begun, from the plan's start",
        0,
        minimum=0,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of a programme, of which one option is run."""

    id: str = described("name of the section")
    options: tuple[Option, ...] = described("what it can be run as, one or more")


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme(Consumer):
    """One run in sections, which may be paused and run in several ways."""

    kind: ClassVar = FurtherKind.PROGRAMME

    controllable: bool = described("counts for limits on controllable devices", False)
    sections: tuple[Section, ...] = described("what is run, one after the other")
    profile_step_minutes: int = described(
        "length of a profile step", 15, minimum=1, maximum=1440
    )
    earliest_start: datetime = described("not before")
    latest_end: datetime = described("done by")
    begun: bool = described("it runs, or is paused, when the plan starts", False)

    @property
    def most_draw_kw(self) -> float:
        """The most it takes from the home."""
        return max(
            kw
            for section in self.sections
            for option in section.options
            for kw in option.profile_kw
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Generator(Ranged):
    """Production that burns fuel."""

    kind: ClassVar = FurtherKind.GENERATOR

    fuel_cost_per_kwh: float = described("currency per kWh made", minimum=0)
    max_energy_kwh: float | None = described(
        "most it makes in the plan, as its tank allows; absent: any", None, minimum=0
    )

    @property
    def most_draw_kw(self) -> float:
        """The most it takes from the home."""
        return 0.0

    @property
    def most_feed_kw(self) -> float:
        """The most it gives to the home."""
        return self.max_power_kw
