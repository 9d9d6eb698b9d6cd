"""Carries out setpoints as charging profiles of OCPP, which end when nobody renews them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from homeassistant.core import State
from homeassistant.util import dt as dt_util

from cem_core.devices import Capability, DeviceError
from cem_core.devices.rivalry import Meddled
from cem_core.model import Setpoint
from cem_core.ocpp.error import StationGoneError, StationRefusedError
from cem_core.ocpp.profile import Allowance
from cem_core.ocpp.station import Connector, ConnectorState

if TYPE_CHECKING:
    from cem_core.ocpp.admission import Card
    from cem_core.transport.ocpp_server import CentralSystem

LASTS: Final = timedelta(minutes=10)
_FRESH: Final = timedelta(minutes=2)
_DRAWS: Final = (ConnectorState.CHARGING, None)  # None: it has not said


class OcppDriver:
    """One connector of a charging station; away until a central system is attached."""

    entities: tuple[str, ...] = ()
    controllable = True
    state_of_charge: float | None = None  # an entity of its own says so
    water_c: float | None = None
    fallback = "falls to its fallback current within 10 min"

    def __init__(self, data: Mapping[str, Any]) -> None:
        """Command the connector that the user described."""
        self.station: str = data["station"]
        self.connector = int(data.get("connector", 1))
        self._phases = int(data["phases"])
        self._central: CentralSystem | None = None
        self._ordered: Allowance | None = None
        self._renewed_s: float = 0.0
        self._sure = False  # whether the station is known to have what was ordered
        self._insists = False
        self._limits_heard = 0

    def use_phases(self, count: int) -> None:
        """Charge on ``count`` phases from the next order on."""
        self._phases = count

    def attach(self, central: CentralSystem | None) -> None:
        """Speak through ``central`` from now on."""
        self._central = central

    @property
    def known(self) -> Connector | None:
        """What the station said of the connector, None while it is away."""
        central = self._central
        if central is None or not central.connected(self.station):
            return None
        return central.stations[self.station].connector(self.connector)

    @property
    def available(self) -> bool:
        """Whether the station is connected and has said who it is."""
        central = self._central
        return self.known is not None and (
            central is not None and central.stations[self.station].booted
        )

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What the station said of itself: currents or powers, and phases."""
        central = self._central
        if central is None or not self.available:
            return frozenset()
        station = central.stations[self.station]
        bound = Capability.SET_CURRENT if station.in_ampere else Capability.LIMIT_POWER
        found = {Capability.START_STOP, bound}
        if station.switches_phases:
            found.add(Capability.SWITCH_PHASES)
        return frozenset(found)

    @property
    def plugged(self) -> bool | None:
        """Whether a car is there."""
        return None if self.known is None else self.known.plugged

    @property
    def card(self) -> Card | None:
        """The card that started the session, None: none that is known."""
        connector, central = self.known, self._central
        session = None if connector is None else connector.transaction
        if session is None or central is None:
            return None
        return central.cards.card(session.id_tag)

    def measured_w(self) -> int | None:
        """Return what the car draws, None where the station does not say."""
        connector = self.known
        if connector is None:
            return None
        if connector.state not in _DRAWS:
            return 0
        at = connector.measured.at
        power_w = connector.measured.power_w
        if power_w is None or at is None or dt_util.utcnow() - at > _FRESH:
            return None
        return round(power_w)

    def held_w(self) -> int | None:
        """Return the power of the profile that it took last, None: none of ours."""
        if self._ordered is None or self._ordered.power_w is None:
            return None
        return round(self._ordered.power_w)

    def meddled(self) -> Meddled | None:
        """Return whose limit the station told of since this was asked last."""
        central = self._central
        station = None if central is None else central.stations.get(self.station)
        if station is None:
            return None
        before, self._limits_heard = self._limits_heard, station.limits_heard
        if self._ordered is None or station.limits_heard <= before:
            return None
        return Meddled(protocol="OCPP", setting=f"ChargingLimit ({station.limited_by})")

    def insist(self) -> None:
        """Send the next profile also where the station has it."""
        self._insists = True

    def is_as(self, setpoint: Setpoint) -> bool:
        """Tell whether it has the profile that ``setpoint`` means."""
        same = self._ordered == self._allowance(setpoint)
        return self.available and self._sure and same

    def is_as_ordered(self) -> bool:
        """Tell whether what it is held at is an order of ours."""
        return self._ordered is not None

    def is_ours(self, state: State) -> bool:
        """Tell whether ``state`` came from an order of ours: no entity is commanded."""
        del state
        return True

    def lost(self) -> None:
        """Take that the station is gone: what it was told runs out by itself."""
        self._ordered, self._sure = None, False

    async def obey(self, setpoint: Setpoint) -> None:
        """Give it a profile, or free it; renewed when half of its time is over."""
        central, allowance = self._central, self._allowance(setpoint)
        if central is None:
            raise DeviceError("nothing listens for charging stations")
        insists, self._insists = self._insists, False
        now_s = dt_util.utcnow().timestamp()
        if self._sure and not insists and allowance == self._ordered:
            young = now_s - self._renewed_s < LASTS.total_seconds() / 2
            if allowance is None or young:
                return
        self._sure = False  # until it answers: it may take it and be slow to say so
        try:
            if allowance is None:
                await central.link(self.station).free(self.connector)
            else:
                await central.allow(self.station, self.connector, allowance)
        except StationGoneError as error:
            raise DeviceError(str(error)) from error
        except StationRefusedError as error:
            raise DeviceError(str(error)) from error
        self._ordered, self._renewed_s, self._sure = allowance, now_s, True

    def _allowance(self, setpoint: Setpoint) -> Allowance | None:
        """Return what ``setpoint`` means, None: no bound."""
        if setpoint.power_w is None:
            return None
        return Allowance(power_w=float(max(0, setpoint.power_w)), phases=self._phases)
