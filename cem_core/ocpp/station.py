"""A charging station and its connectors, the same for both versions of OCPP.

A connector is what OCPP 2.0.1 calls an EVSE: one car at a time.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum


class ConnectorState(StrEnum):
    """What a connector says of itself (OCPP 1.6, 7.7 ChargePointStatus)."""

    AVAILABLE = "available"
    PREPARING = "preparing"
    CHARGING = "charging"
    SUSPENDED_BY_CAR = "suspended_by_car"
    SUSPENDED_BY_STATION = "suspended_by_station"
    FINISHING = "finishing"
    RESERVED = "reserved"
    UNAVAILABLE = "unavailable"
    FAULTED = "faulted"


# The operator of the station is its central system, and the system operator the grid's.
_RIGHTFUL = frozenset(("CSO", "SO"))

PLUGGED = frozenset(
    (
        ConnectorState.PREPARING,
        ConnectorState.CHARGING,
        ConnectorState.SUSPENDED_BY_CAR,
        ConnectorState.SUSPENDED_BY_STATION,
        ConnectorState.FINISHING,
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What a connector measures; None is what it does not say.

    ``power_w`` is positive into the car, ``energy_wh`` the register of the connector's
    meter, ``state_of_charge`` a share from 0 to 1 and ``offered_a`` what the car is told.
    """

    power_w: float | None = None
    energy_wh: float | None = None
    current_a: tuple[float | None, float | None, float | None] = (None, None, None)
    voltage_v: tuple[float | None, float | None, float | None] = (None, None, None)
    state_of_charge: float | None = None
    offered_a: float | None = None
    at: datetime | None = None

    def updated(self, other: Measured) -> Measured:
        """Return it with what ``other`` says anew."""
        return Measured(
            power_w=_newer(other.power_w, self.power_w),
            energy_wh=_newer(other.energy_wh, self.energy_wh),
            current_a=_newer_each(other.current_a, self.current_a),
            voltage_v=_newer_each(other.voltage_v, self.voltage_v),
            state_of_charge=_newer(other.state_of_charge, self.state_of_charge),
            offered_a=_newer(other.offered_a, self.offered_a),
            at=other.at or self.at,
        )


type _Phases = tuple[float | None, float | None, float | None]


def _newer(new: float | None, old: float | None) -> float | None:
    return old if new is None else new


def _newer_each(new: _Phases, old: _Phases) -> _Phases:
    first, second, third = map(_newer, new, old, strict=True)
    return first, second, third


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """One charging session as the station bills it."""

    id: str
    id_tag: str
    began_at: datetime
    began_at_wh: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Connector:
    """One connector."""

    number: int
    state: ConnectorState | None = None
    error: str = ""
    transaction: Transaction | None = None
    measured: Measured = field(default_factory=Measured)

    @property
    def plugged(self) -> bool | None:
        """Whether a car is there, None: it has not said."""
        return None if self.state is None else self.state in PLUGGED

    @property
    def charged_wh(self) -> float | None:
        """What this session's car has got, None: not known."""
        session, energy_wh = self.transaction, self.measured.energy_wh
        if session is None or session.began_at_wh is None or energy_wh is None:
            return None
        return max(0.0, energy_wh - session.began_at_wh)


@dataclass(slots=True)
class Station:
    """One charging station, as far as it has told."""

    id: str
    version: str = ""
    maker: str = ""
    model: str = ""
    serial: str = ""
    firmware: str = ""
    booted: bool = False
    heard_at: datetime | None = None
    connectors: dict[int, Connector] = field(default_factory=dict)
    in_ampere: bool = True
    """Whether its schedules take currents; else powers."""
    switches_phases: bool = False
    refused: str = ""
    """Why it did not take the last profile; empty: it took it."""
    limited_by: str = ""
    """Who limited it past us the last time (OCPP 2.0.1, ChargingLimitSourceEnumType)."""
    limits_heard: int = 0
    """How often it told of such a limit."""

    def connector(self, number: int) -> Connector:
        """Return a connector; one that was not known is as good as new."""
        return self.connectors.get(number) or Connector(number=number)

    def limited(self, source: str) -> None:
        """Take that a limit of ``source`` is in force; a grid operator may do that."""
        if source not in _RIGHTFUL:
            self.limited_by = source
            self.limits_heard += 1

    def change(self, number: int, **fields: object) -> None:
        """Take what is new of a connector; 0 is the station itself."""
        if number > 0:
            self.connectors[number] = replace(self.connector(number), **fields)  # type: ignore[arg-type] # fields of Connector

    def forget_powers(self) -> None:
        """Take that it was away: what it measured before says nothing of now."""
        for number, connector in self.connectors.items():
            old = replace(connector.measured, power_w=None)
            self.connectors[number] = replace(connector, measured=old)

    def measure(self, number: int, found: Measured) -> None:
        """Take what a connector measured."""
        if number > 0:
            measured = self.connector(number).measured.updated(found)
            self.change(number, measured=measured)
