"""What a meter says about the grid connection point in one telegram.

``None`` means the meter did not say it; 0 is a measured zero.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class Breaker(StrEnum):
    """State of the meter's own switch (e-MUCS 1-0:96.3.10)."""

    CONNECTED = "connected"
    DISCONNECTED = "disconnected"
    READY = "ready"


class SubmeterKind(StrEnum):
    """What a meter on the M interface measures (EN 13757-3, device type)."""

    ELECTRICITY = "electricity"
    GAS = "gas"
    WATER = "water"
    HEAT = "heat"
    COOLING = "cooling"
    UNKNOWN = "unknown"


class Quality(StrEnum):
    """How a figure came about."""

    METERED = "metered"  # as the meter said it
    CALCULATED = "calculated"  # from metered figures
    ESTIMATED = "estimated"


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseReading:
    """One phase of the grid connection point.

    What a meter without a neutral (3 x 230 V, two measuring systems) does not measure,
    most often the current of phase 2, is absent; its voltages are those between two
    lines.
    """

    phase: int
    voltage_v: float | None = None
    current_a: float | None = None
    import_power_w: int | None = None
    export_power_w: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Peak:
    """A quarter-hour mean import that was the highest of its window.

    ``at`` is None while the window has no peak yet: the meter then says 0 W
    at an undefined time.
    """

    at: datetime | None
    power_w: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerFailure:
    """One long power failure from the meter's log."""

    end: datetime
    duration_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerFailures:
    """The meter's counts and log of power failures."""

    short: int | None = None
    long: int | None = None
    log: tuple[PowerFailure, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Submeter:
    """The last value of a meter on the M interface."""

    channel: int
    kind: SubmeterKind
    meter_id: str | None = None
    timestamp: datetime | None = None
    value: float | None = None
    unit: str | None = None
    valve: str | None = None


class RawValue(NamedTuple):
    """One object of a telegram as it stood there, numbers scaled.

    A tuple, since a telegram has dozens and a tuple is made three times as fast.
    """

    code: str
    value: int | float | str
    unit: str | None = None
    timestamp: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One telegram. Field names and units are those of `cem decode`.

    ``source`` is the line it came by, in words. ``quality`` marks the figures that are
    not metered, by field, for a register ``import_energy_wh.1``.
    """

    format: str
    source: str | None = None
    quality: Mapping[str, Quality] = field(default_factory=dict)
    timestamp: datetime | None = None
    version: str | None = None
    meter_id: str | None = None
    import_power_w: int | None = None
    export_power_w: int | None = None
    reactive_import_power_var: int | None = None
    reactive_export_power_var: int | None = None
    phases: tuple[PhaseReading, ...] = ()
    import_energy_wh: Mapping[str, int] = field(default_factory=dict)
    export_energy_wh: Mapping[str, int] = field(default_factory=dict)
    tariff: int | None = None
    demand_w: int | None = None
    month_peak: Peak | None = None
    peak_history: tuple[Peak, ...] = ()
    limiter_threshold_w: int | None = None
    fuse_threshold_a: float | None = None
    breaker: Breaker | None = None
    subscribed_power_va: int | None = None
    limit_warning: bool | None = None
    frequency_hz: float | None = None
    power_factor: float | None = None
    power_failures: PowerFailures | None = None
    voltage_sags: Mapping[int, int] = field(default_factory=dict)
    voltage_swells: Mapping[int, int] = field(default_factory=dict)
    message: str | None = None
    submeters: tuple[Submeter, ...] = ()
    raw: tuple[RawValue, ...] = ()

    def quality_of(self, figure: str) -> Quality:
        """Return how ``figure`` came about: a field, or ``field.register``."""
        return self.quality.get(figure, Quality.METERED)

    @property
    def power_w(self) -> int | None:
        """Net power at the connection point, import positive, or None."""
        if self.import_power_w is None and self.export_power_w is None:
            return None
        return (self.import_power_w or 0) - (self.export_power_w or 0)
