"""The charger as a charging station sees it: its state, session and profiles. Pure."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from cem_core.simulation.charger import Charger
from cem_core.simulation.charging_profiles import ChargingProfiles, Profile
from cem_core.simulation.faults import LATE, Fault
from cem_core.simulation.home import Home

PHASES: Final = 3
_DEVICE: Final = "charger"
_SECONDS_PER_HOUR: Final = 3600.0
_SAMPLED_EVERY_S: Final = 60


class Status(StrEnum):
    """What connector 1 says of itself (OCPP 1.6, 7.7)."""

    AVAILABLE = "Available"
    PREPARING = "Preparing"
    CHARGING = "Charging"
    BY_CAR = "SuspendedEV"
    BY_STATION = "SuspendedEVSE"
    FINISHING = "Finishing"


@dataclass(slots=True, kw_only=True)
class Session:
    """One car's stay at the plug."""

    id_tag: str
    began: datetime
    meter_start_wh: float
    number: int | str | None = None
    """As the central system (1.6) or the station (2.0.1) numbers it."""


@dataclass(slots=True)
class ChargePoint:
    """Connector 1, its only one."""

    home: Home
    charger: Charger
    profiles: ChargingProfiles = field(default_factory=ChargingProfiles)
    session: Session | None = None
    ended: bool = False
    """Whether this car had its session, and another one needs a new plug."""
    energy_wh: float = 12_000.0
    sampled_every_s: int = _SAMPLED_EVERY_S
    settings: dict[str, str] = field(default_factory=dict)
    since_sample_s: float = 0.0
    _offered_a: float | None = None

    def fault(self, fault: Fault) -> bool:
        """Tell whether ``fault`` befalls the station now."""
        return self.home.faults.active(fault, _DEVICE, self.home.now)

    @property
    def absent(self) -> bool:
        """Whether nobody reaches the station."""
        return self.home.faults.absent(_DEVICE, self.home.now)

    @property
    def plugged(self) -> bool:
        """Whether a car is there."""
        return self.charger.car.plugged

    @property
    def offered_a(self) -> float:
        """What the car is told it may draw on each phase; 0 pauses it."""
        most_a = float(self.charger.parameters.max_current_a)
        session = self.session
        if session is None:
            return 0.0
        bound_a = self.profiles.current_a(
            self.home.now, began=session.began, phases=PHASES
        )
        offered_a = most_a if bound_a is None else min(most_a, bound_a)
        return offered_a if offered_a >= self.charger.parameters.min_current_a else 0.0

    @property
    def status(self) -> Status:
        """What it says of itself."""
        if not self.plugged:
            return Status.AVAILABLE
        if self.session is None:
            return Status.FINISHING if self.ended else Status.PREPARING
        if self.charger.current_a > 0:
            return Status.CHARGING
        return Status.BY_CAR if self.offered_a > 0 else Status.BY_STATION

    def tick(self) -> None:
        """Let a second pass: count energy, and offer what is allowed by now."""
        self.energy_wh += self.charger.power_w / _SECONDS_PER_HOUR
        self.since_sample_s += 1
        if self.home.faults.dead(_DEVICE, self.home.now):
            self.session = None  # a power cut ends it
            self.profiles.session_over()
        if not self.plugged:
            self.ended = False
        offered_a = self.offered_a
        if offered_a != self._offered_a:  # else an order over MQTT would be undone
            self._offered_a = offered_a
            self.charger.enabled = offered_a > 0
            if offered_a > 0:
                self.charger.current_limit_a = offered_a

    def keep(self, profile: Profile) -> bool:
        """Take a profile; False: it is refused."""
        if self.fault(Fault.REFUSE):
            return False
        if self.fault(Fault.LATE):
            when = self.home.now + LATE
            self.home.late.append((when, lambda: self.profiles.keep(profile)))
        else:
            self.profiles.keep(profile)
        return True

    def set(self, name: str, value: str) -> None:
        """Take a setting."""
        self.settings[name] = value
        if name in {"MeterValueSampleInterval", "TxUpdatedInterval"}:
            self.sampled_every_s = max(1, int(value))

    def sample_is_due(self) -> bool:
        """Tell, once each interval, whether to say what is measured."""
        due = self.since_sample_s >= self.sampled_every_s
        if not due or self.fault(Fault.SILENCE):
            return False
        self.since_sample_s = 0.0
        return True

    def begin(self, id_tag: str, number: int | str | None = None) -> Session:
        """Begin a session."""
        self.session = Session(
            id_tag=id_tag,
            began=self.home.now,
            meter_start_wh=self.energy_wh,
            number=number,
        )
        return self.session

    def end(self) -> Session | None:
        """End the session, and return it."""
        session, self.session = self.session, None
        self.ended = self.plugged
        self.profiles.session_over()
        return session

    def sampled(self) -> list[dict[str, Any]]:
        """Return what is measured, as OCPP 1.6 has it."""
        charger = self.charger
        phases = zip(("L1", "L2", "L3"), self.home.phases, strict=True)
        return [
            {
                "value": f"{charger.power_w:.1f}",
                "measurand": "Power.Active.Import",
                "unit": "W",
            },
            {"value": f"{self.energy_wh:.1f}", "unit": "Wh"},
            {
                "value": f"{self.offered_a:.1f}",
                "measurand": "Current.Offered",
                "unit": "A",
            },
            *(
                {
                    "value": f"{charger.current_a:.2f}",
                    "measurand": "Current.Import",
                    "phase": name,
                    "unit": "A",
                }
                for name, _ in phases
            ),
        ]
