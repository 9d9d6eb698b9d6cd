"""What a station says and answers in OCPP 1.6J."""

from collections.abc import Mapping
from typing import Any, Final

from ocpp.routing import on
from ocpp.v16 import ChargePoint as Package, call, call_result

from cem_core.simulation.ocpp_session import ChargePoint, Status
from cem_core.simulation.ocpp_socket import Socket

_KEYS: Final = {
    "ChargingScheduleAllowedChargingRateUnit": "Current",
    "ConnectorSwitch3to1PhaseSupported": "false",
    "LocalAuthListEnabled": "false",
}


class Wire16(Package):  # type: ignore[misc] # the package ocpp has no types
    """One connection."""

    def __init__(self, name: str, socket: Socket, point: ChargePoint) -> None:
        """Speak for ``point``."""
        super().__init__(name, socket)
        self._point = point
        self.wants: list[str] = []
        self.ends = False
        self.asked = False

    async def boot(self) -> None:
        """Say who it is."""
        await self.call(
            call.BootNotification(
                charge_point_model="Charger", charge_point_vendor="Simulated"
            )
        )

    async def tell(self, status: Status) -> None:
        """Say what connector 1 is in."""
        await self.call(
            call.StatusNotification(
                connector_id=1,
                error_code="NoError",
                status=status.value,
                timestamp=self._now,
            )
        )

    async def begin(self, id_tag: str) -> None:
        """Begin a session, unless the central system does not admit it."""
        point = self._point
        answer = await self.call(
            call.StartTransaction(
                connector_id=1,
                id_tag=id_tag,
                meter_start=round(point.energy_wh),
                timestamp=self._now,
            )
        )
        if answer.id_tag_info["status"] == "Accepted":
            point.begin(id_tag, answer.transaction_id)

    async def finish(self) -> None:
        """End it."""
        session = self._point.end()
        if session is not None:
            await self.call(
                call.StopTransaction(
                    meter_stop=round(self._point.energy_wh),
                    timestamp=self._now,
                    transaction_id=session.number,
                )
            )

    async def measure(self) -> None:
        """Say what is measured."""
        session = self._point.session
        await self.call(
            call.MeterValues(
                connector_id=1,
                transaction_id=None if session is None else session.number,
                meter_value=[
                    {"timestamp": self._now, "sampled_value": self._point.sampled()}
                ],
            )
        )

    @property
    def _now(self) -> str:
        return self._point.home.now.isoformat()

    @on("RemoteStartTransaction")
    def _start(self, id_tag: str, **_: object) -> object:
        self.wants.append(id_tag)
        return call_result.RemoteStartTransaction(status="Accepted")

    @on("RemoteStopTransaction")
    def _stop(self, **_: object) -> object:
        self.ends = True
        return call_result.RemoteStopTransaction(status="Accepted")

    @on("SetChargingProfile")
    def _profile(self, cs_charging_profiles: Mapping[str, Any], **_: object) -> object:
        taken = self._point.keep(cs_charging_profiles)
        return call_result.SetChargingProfile(
            status="Accepted" if taken else "Rejected"
        )

    @on("ClearChargingProfile")
    def _clear(self, id: int | None = None, **_: object) -> object:  # noqa: A002 (of OCPP)
        found = self._point.profiles.clear(id)
        return call_result.ClearChargingProfile(
            status="Accepted" if found else "Unknown"
        )

    @on("GetConfiguration")
    def _keys(self, **_: object) -> object:
        return call_result.GetConfiguration(
            configuration_key=[
                {"key": key, "readonly": False, "value": value}
                for key, value in (_KEYS | self._point.settings).items()
            ]
        )

    @on("ChangeConfiguration")
    def _change(self, key: str, value: str) -> object:
        self._point.set(key, value)
        return call_result.ChangeConfiguration(status="Accepted")

    @on("TriggerMessage")
    def _trigger(self, **_: object) -> object:
        self.asked = True
        return call_result.TriggerMessage(status="Accepted")

    @on("SendLocalList")
    def _cards(self, **_: object) -> object:
        return call_result.SendLocalList(status="NotSupported")
