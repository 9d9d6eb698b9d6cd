"""How devices of HOME.yaml run and rest, and what stores are to hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from optimizer.fields import described


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a store is to hold for a time."""

    start: datetime = described("from")
    end: datetime = described("until")
    energy_kwh: float = described("least energy meanwhile", minimum=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerRange:
    """Powers from least to most."""

    min_kw: float = described("least power", minimum=0)
    max_kw: float = described("most power", above=0)


def ranges_of(
    given: tuple[PowerRange, ...], min_kw: float, max_kw: float
) -> Sequence[tuple[float, float]]:
    """Return the ranges that are ``given``, else the whole one."""
    return [(r.min_kw, r.max_kw) for r in given] or [(min_kw, max_kw)]


# No slots: a device has them already, and only one base may.
@dataclass(frozen=True, kw_only=True)
class Runs:
    """What has a power that is 0, or from least to most, or in one of a few ranges."""

    min_power_kw: float = described("least power while it runs", 0.0, minimum=0)
    max_power_kw: float = described("most power", above=0)
    power_ranges: tuple[PowerRange, ...] = described(
        "what of least to most it can do, as stages; absent: all", ()
    )
    whole_hours: float | None = described(
        "for so long from the plan's start it is 0 or in its ranges, later a mean;"
        " absent: to the end",
        None,
        above=0,
    )
    min_on_minutes: int = described("least run", 0, minimum=0, maximum=1440)
    min_off_minutes: int = described("least rest", 0, minimum=0, maximum=1440)
    max_starts_per_hour: int | None = described(
        "most starts in an hour; absent: any", None, minimum=1
    )
    start_cost: float = described(
        "currency per start; without a least power, a rise by a share of the most"
        " power is that share of one",
        0.0,
        minimum=0,
    )
    cost_per_hour: float = described(
        "currency per hour in which it runs, at any power", 0.0, minimum=0
    )
    start_minutes: float = described(
        "how long a start takes, in which it draws nothing", 0.0, minimum=0, maximum=240
    )
    initially_on: bool = described("runs when the plan starts", False)
    held_minutes: int = described(
        "for so long from the plan's start it goes on as it is, running or resting",
        0,
        minimum=0,
        maximum=1440,
    )

    @property
    def ranges(self) -> Sequence[tuple[float, float]]:
        """Where its power can lie besides 0, the lowest first."""
        return ranges_of(self.power_ranges, self.min_power_kw, self.max_power_kw)
