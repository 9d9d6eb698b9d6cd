"""A station that speaks OCPP 1.6J."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
import time
from typing import Any, Final

from ocpp.routing import after, on
from ocpp.v16 import ChargePoint, call, call_result
from ocpp.v16.datatypes import IdTagInfo
from ocpp.v16.enums import (
    Action,
    AuthorizationStatus,
    DataTransferStatus,
    MessageTrigger,
    RegistrationStatus,
    UpdateType,
)

from cem_core.ocpp.error import StationRefusedError
from cem_core.ocpp.profile import Allowance, lasting_id, profile_16, short_id
from cem_core.ocpp.sampled import measured
from cem_core.ocpp.station import ConnectorState, Measured, Transaction
from cem_core.transport.ocpp_base import ACCEPTED, OWN_TAG, LinkBase, accepted
from cem_core.transport.ocpp_link import now
from cem_core.transport.ocpp_station import HEARTBEAT_S, SAMPLE_S

_STATES: Final = {
    "Available": ConnectorState.AVAILABLE,
    "Preparing": ConnectorState.PREPARING,
    "Charging": ConnectorState.CHARGING,
    "SuspendedEVSE": ConnectorState.SUSPENDED_BY_STATION,
    "SuspendedEV": ConnectorState.SUSPENDED_BY_CAR,
    "Finishing": ConnectorState.FINISHING,
    "Reserved": ConnectorState.RESERVED,
    "Unavailable": ConnectorState.UNAVAILABLE,
    "Faulted": ConnectorState.FAULTED,
}
# One that lost its power in a session may never say that it ended.
_WITHOUT_SESSION: Final = (ConnectorState.AVAILABLE, ConnectorState.PREPARING)
_SAMPLED: Final = ",".join(
    (
        *("Energy.Active.Import.Register", "Power.Active.Import"),
        *("Current.Import", "Voltage", "SoC", "Current.Offered"),
    )
)
_FEWER: Final = "Energy.Active.Import.Register,Power.Active.Import,Current.Import"


class Station16(LinkBase, ChargePoint):  # type: ignore[misc] # the package ocpp has no types
    """The central system's side of one connection."""

    # What the station says

    @on(Action.boot_notification)
    def _booted(
        self,
        charge_point_vendor: str,
        charge_point_model: str,
        charge_point_serial_number: str = "",
        firmware_version: str = "",
        **_: object,
    ) -> call_result.BootNotification:
        station = self.station
        station.maker, station.model = charge_point_vendor, charge_point_model
        station.serial, station.firmware = charge_point_serial_number, firmware_version
        station.booted = True
        self.changed()
        return call_result.BootNotification(
            current_time=now().isoformat(),
            interval=HEARTBEAT_S,
            status=RegistrationStatus.accepted,
        )

    @after(Action.boot_notification)
    def _after_boot(self, **_: object) -> None:
        if not self.settings.watches_only:
            self.begin(self.prepare())

    @on(Action.heartbeat)
    def _beats(self) -> call_result.Heartbeat:
        return call_result.Heartbeat(current_time=now().isoformat())

    @on(Action.status_notification)
    def _is(
        self, connector_id: int, error_code: str, status: str, **_: object
    ) -> call_result.StatusNotification:
        error = "" if error_code == "NoError" else error_code
        state = _STATES.get(status)
        fields: dict[str, Any] = {"state": state, "error": error}
        if state in _WITHOUT_SESSION:
            fields["transaction"] = None
        self.station.change(connector_id, **fields)
        self.changed()
        return call_result.StatusNotification()

    @after(Action.status_notification)
    def _after_status(self, connector_id: int, status: str, **_: object) -> None:
        if status == "Preparing" and self.settings.starts_itself:
            self.begin(self.start_by_itself(connector_id))

    @on(Action.authorize)
    def _asks(self, id_tag: str, **_: object) -> call_result.Authorize:
        return call_result.Authorize(id_tag_info=self._info(id_tag))

    @on(Action.start_transaction)
    def _started(
        self, connector_id: int, id_tag: str, meter_start: int, **_: object
    ) -> call_result.StartTransaction:
        info, number = self._info(id_tag), next(self.numbers)
        if info.status == AuthorizationStatus.accepted:
            begun = Transaction(
                id=str(number),
                id_tag=id_tag,
                began_at=now(),
                began_at_wh=float(meter_start),
            )
            self.station.change(connector_id, transaction=begun)
            self.station.measure(connector_id, Measured(energy_wh=float(meter_start)))
            self.changed()
        return call_result.StartTransaction(transaction_id=number, id_tag_info=info)

    @on(Action.stop_transaction)
    def _stopped(
        self, transaction_id: int, meter_stop: int, **_: object
    ) -> call_result.StopTransaction:
        for number, connector in self.station.connectors.items():
            session = connector.transaction
            if session is not None and session.id == str(transaction_id):
                self.station.measure(number, Measured(energy_wh=float(meter_stop)))
                self.station.change(number, transaction=None)
        self.changed()
        return call_result.StopTransaction()

    @on(Action.meter_values)
    def _measures(
        self,
        connector_id: int,
        meter_value: list[Mapping[str, Any]],
        transaction_id: int | None = None,
        **_: object,
    ) -> call_result.MeterValues:
        self.station.measure(connector_id, measured(meter_value))
        connector = self.station.connector(connector_id)
        if transaction_id is not None and connector.transaction is None:
            # It went on while we were away.
            begun = Transaction(
                id=str(transaction_id), id_tag=OWN_TAG, began_at=now(), began_at_wh=None
            )
            self.station.change(connector_id, transaction=begun)
        self.changed()
        return call_result.MeterValues()

    @on(Action.data_transfer)
    def _transfers(self, **_: object) -> call_result.DataTransfer:
        return call_result.DataTransfer(status=DataTransferStatus.unknown_vendor_id)

    @on(Action.firmware_status_notification)
    def _updates(self, **_: object) -> call_result.FirmwareStatusNotification:
        return call_result.FirmwareStatusNotification()

    @on(Action.diagnostics_status_notification)
    def _diagnoses(self, **_: object) -> call_result.DiagnosticsStatusNotification:
        return call_result.DiagnosticsStatusNotification()

    @on(Action.security_event_notification)
    def _warns(self, **_: object) -> call_result.SecurityEventNotification:
        return call_result.SecurityEventNotification()

    # What the station is told

    async def prepare(self) -> None:
        """Learn what it can, have it measure often, and keep the cards if it can."""
        keys = await self._configuration()
        units = keys.get("ChargingScheduleAllowedChargingRateUnit", "Current")
        in_ampere = "Current" in units or "A" in units.split(",")
        self.station.in_ampere = in_ampere
        switch = keys.get("ConnectorSwitch3to1PhaseSupported", "")
        self.station.switches_phases = switch.lower() == "true"
        self.wiring = replace(self.settings.wiring, in_ampere=in_ampere)
        await self._set("MeterValueSampleInterval", str(SAMPLE_S))
        for measurands in (_SAMPLED, _FEWER):
            if await self._set("MeterValuesSampledData", measurands):
                break
        await self.asked(
            call.TriggerMessage(requested_message=MessageTrigger.status_notification)
        )
        if self.cards.by_tag and keys.get("LocalAuthListEnabled", "").lower() == "true":
            await self.keep_cards()

    async def allow(self, connector: int, allowance: Allowance) -> None:
        """Give a connector a short profile."""
        session = self.station.connector(connector).transaction
        short = profile_16(
            allowance,
            self.wiring,
            connector=connector,
            now=now() - timedelta(seconds=1),
            lasts=self.settings.profile_lasts,
            transaction=None if session is None else int(session.id),
        )
        await self._profile(connector, short)
        if (where := self.settings.lasting_at(connector)) not in self.bound:
            # What it keeps to without us comes second: the limit is more urgent.
            await self._lasting(where, self.settings.fallback_w)
            self.bound.add(where)

    async def free(self, connector: int) -> None:
        """Let a connector do as it did before: no bound, now and without us."""
        where = self.settings.lasting_at(connector)
        await self._lasting(where, None)
        self.bound.discard(where)
        await self.asked(
            call.ClearChargingProfile(id=short_id(connector), connector_id=connector)
        )

    async def _lasting(self, where: int, power_w: float | None) -> None:
        """Give one connector, or with 0 all of them, what holds without us."""
        if where and not self.bound:
            # One for all may be left of a time when one connector was commanded.
            await self.asked(
                call.ClearChargingProfile(id=lasting_id(0), connector_id=0)
            )
        stays = profile_16(Allowance(power_w=power_w), self.wiring, connector=where)
        await self._profile(where, stays)

    async def _profile(self, connector: int, profile: Mapping[str, Any]) -> None:
        answer = await self.asked(
            call.SetChargingProfile(
                connector_id=connector, cs_charging_profiles=dict(profile)
            )
        )
        self.take_status(str(answer.status))

    async def start(self, connector: int, id_tag: str) -> None:
        """Start a transaction."""
        answer = await self.asked(
            call.RemoteStartTransaction(id_tag=id_tag, connector_id=connector)
        )
        accepted(answer.status, "to start")

    async def end(self, connector: int) -> None:
        """End the transaction of a connector."""
        session = self.station.connector(connector).transaction
        if session is None:
            raise StationRefusedError(f"connector {connector} has no session")
        answer = await self.asked(
            call.RemoteStopTransaction(transaction_id=int(session.id))
        )
        accepted(answer.status, "to stop")

    async def keep_cards(self) -> None:
        """Have the station keep the list of cards, for when we are away."""
        entries = [
            {"id_tag": card.id_tag, "id_tag_info": self._entry(card.id_tag)}
            for card in self.cards.by_tag.values()
        ]
        answer = await self.asked(
            call.SendLocalList(
                list_version=int(time.time()),
                update_type=UpdateType.full,
                local_authorization_list=entries,
            )
        )
        accepted(answer.status, "to keep the cards")

    def _info(self, id_tag: str) -> IdTagInfo:
        return IdTagInfo(status=AuthorizationStatus(self.admit(id_tag).value))

    def _entry(self, id_tag: str) -> dict[str, str]:
        return {"status": self.cards.admit(id_tag, now()).value}

    async def _configuration(self) -> Mapping[str, str]:
        answer = await self.asked(call.GetConfiguration())
        return {
            each["key"]: each.get("value") or ""
            for each in answer.configuration_key or ()
        }

    async def _set(self, key: str, value: str) -> bool:
        """Change a setting; a station may refuse what it does not know."""
        answer = await self.asked(call.ChangeConfiguration(key=key, value=value))
        return str(answer.status) in {ACCEPTED, "RebootRequired"}
