"""What a station says and answers in OCPP 2.0.1."""

from collections.abc import Mapping
import itertools
from typing import Any, Final

from ocpp.routing import on
from ocpp.v201 import ChargePoint as Package, call, call_result

from cem_core.simulation.ocpp_session import ChargePoint, Status
from cem_core.simulation.ocpp_socket import Socket

_VARIABLES: Final = {"RateUnit": "A,W", "Phases3to1": "false", "Enabled": "false"}
_CHARGING: Final = {
    Status.CHARGING: "Charging",
    Status.BY_CAR: "SuspendedEV",
    Status.BY_STATION: "SuspendedEVSE",
}


class Wire201(Package):  # type: ignore[misc] # the package ocpp has no types
    """One connection."""

    def __init__(self, name: str, socket: Socket, point: ChargePoint) -> None:
        """Speak for ``point``."""
        super().__init__(name, socket)
        self._point = point
        self._numbers = itertools.count()
        self.wants: list[str] = []
        self.ends = False
        self.asked = False

    async def boot(self) -> None:
        """Say who it is; one that went on with its session was not without power."""
        await self.call(
            call.BootNotification(
                charging_station={"model": "Charger", "vendor_name": "Simulated"},
                reason="PowerUp" if self._point.session is None else "Unknown",
            )
        )

    async def tell(self, status: Status) -> None:
        """Say what EVSE 1 is in, and its transaction."""
        await self.call(
            call.StatusNotification(
                timestamp=self._now,
                connector_status="Occupied" if self._point.plugged else "Available",
                evse_id=1,
                connector_id=1,
            )
        )
        if status in _CHARGING:
            await self._event("Updated", "ChargingStateChanged")

    async def begin(self, id_tag: str) -> None:
        """Begin a session, unless the central system does not admit it."""
        point = self._point
        point.begin(id_tag, f"simulated-{point.home.now.timestamp():.0f}")
        answer = await self._event(
            "Started",
            "RemoteStart",
            evse={"id": 1, "connector_id": 1},
            id_token={"id_token": id_tag, "type": "Central"},
            meter_value=self._measured(),
        )
        if answer.id_token_info["status"] != "Accepted":
            await self.finish()

    async def finish(self) -> None:
        """End it."""
        if self._point.session is not None:
            await self._event("Ended", "RemoteStop", meter_value=self._measured())
            self._point.end()

    async def measure(self) -> None:
        """Say what is measured."""
        measured = self._measured()
        if self._point.session is None:
            await self.call(call.MeterValues(evse_id=1, meter_value=measured))
        else:
            await self._event("Updated", "MeterValuePeriodic", meter_value=measured)

    async def _event(self, kind: str, reason: str, **more: Any) -> Any:  # noqa: ANN401 (of the package)
        session = self._point.session
        info = {"transaction_id": "" if session is None else str(session.number)}
        state = _CHARGING.get(self._point.status)
        if state is not None and kind != "Ended":
            info["charging_state"] = state
        return await self.call(
            call.TransactionEvent(
                event_type=kind,
                timestamp=self._now,
                trigger_reason=reason,
                seq_no=next(self._numbers),
                transaction_info=info,
                **more,
            )
        )

    def _measured(self) -> list[dict[str, Any]]:
        """Return what is measured: units stand elsewhere than in OCPP 1.6."""
        values = []
        for each in self._point.sampled():
            value: dict[str, Any] = {k: v for k, v in each.items() if k != "unit"}
            value["value"] = float(each["value"])
            value["unit_of_measure"] = {"unit": each["unit"]}
            values.append(value)
        return [{"timestamp": self._now, "sampled_value": values}]

    @property
    def _now(self) -> str:
        return self._point.home.now.isoformat()

    @on("RequestStartTransaction")
    def _start(self, id_token: Mapping[str, Any], **_: object) -> object:
        self.wants.append(str(id_token["id_token"]))
        return call_result.RequestStartTransaction(status="Accepted")

    @on("RequestStopTransaction")
    def _stop(self, **_: object) -> object:
        self.ends = True
        return call_result.RequestStopTransaction(status="Accepted")

    @on("SetChargingProfile")
    def _profile(self, charging_profile: Mapping[str, Any], **_: object) -> object:
        taken = self._point.keep(charging_profile)
        return call_result.SetChargingProfile(
            status="Accepted" if taken else "Rejected"
        )

    @on("ClearChargingProfile")
    def _clear(self, charging_profile_id: int | None = None, **_: object) -> object:
        found = self._point.profiles.clear(charging_profile_id)
        return call_result.ClearChargingProfile(
            status="Accepted" if found else "Unknown"
        )

    @on("GetVariables")
    def _variables(self, get_variable_data: list[Any], **_: object) -> object:
        return call_result.GetVariables(
            get_variable_result=[
                {
                    "attribute_status": "Accepted",
                    "attribute_value": _VARIABLES[each["variable"]["name"]],
                    "component": each["component"],
                    "variable": each["variable"],
                }
                if each["variable"]["name"] in _VARIABLES
                else {
                    "attribute_status": "UnknownVariable",
                    "component": each["component"],
                    "variable": each["variable"],
                }
                for each in get_variable_data
            ]
        )

    @on("SetVariables")
    def _set(self, set_variable_data: list[Any], **_: object) -> object:
        for each in set_variable_data:
            self._point.set(each["variable"]["name"], each["attribute_value"])
        return call_result.SetVariables(
            set_variable_result=[
                {
                    "attribute_status": "Accepted",
                    "component": each["component"],
                    "variable": each["variable"],
                }
                for each in set_variable_data
            ]
        )

    @on("TriggerMessage")
    def _trigger(self, **_: object) -> object:
        self.asked = True
        return call_result.TriggerMessage(status="Accepted")

    @on("SendLocalList")
    def _cards(self, **_: object) -> object:
        return call_result.SendLocalList(status="Failed")
