"""A station that speaks OCPP 2.0.1."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
import time
from typing import Any, Final

from ocpp.routing import after, on
from ocpp.v201 import ChargePoint, call, call_result
from ocpp.v201.datatypes import (
    ComponentType,
    GetVariableDataType,
    IdTokenInfoType,
    IdTokenType,
    SetVariableDataType,
    VariableType,
)
from ocpp.v201.enums import (
    Action,
    AuthorizationStatusEnumType,
    DataTransferStatusEnumType,
    IdTokenEnumType,
    MessageTriggerEnumType,
    RegistrationStatusEnumType,
    UpdateEnumType,
)

from cem_core.ocpp.error import StationRefusedError
from cem_core.ocpp.profile import Allowance, lasting_id, profile_201, short_id
from cem_core.ocpp.sampled import measured
from cem_core.ocpp.station import ConnectorState, Transaction
from cem_core.transport.ocpp_base import ACCEPTED, OWN_TAG, LinkBase, accepted
from cem_core.transport.ocpp_link import now
from cem_core.transport.ocpp_station import HEARTBEAT_S, SAMPLE_S

_CONNECTORS: Final = {
    "Available": ConnectorState.AVAILABLE,
    "Occupied": ConnectorState.PREPARING,
    "Reserved": ConnectorState.RESERVED,
    "Unavailable": ConnectorState.UNAVAILABLE,
    "Faulted": ConnectorState.FAULTED,
}
_CHARGING: Final = {
    "Charging": ConnectorState.CHARGING,
    "EVConnected": ConnectorState.PREPARING,
    "SuspendedEV": ConnectorState.SUSPENDED_BY_CAR,
    "SuspendedEVSE": ConnectorState.SUSPENDED_BY_STATION,
    "Idle": ConnectorState.AVAILABLE,
}
_SAMPLED: Final = (
    "Energy.Active.Import.Register,Power.Active.Import,Current.Import,Voltage,SoC"
)


class Station201(LinkBase, ChargePoint):  # type: ignore[misc] # the package ocpp has no types
    """The central system's side of one connection."""

    # What the station says

    @on(Action.boot_notification)
    def _booted(
        self, charging_station: Mapping[str, Any], reason: str, **_: object
    ) -> call_result.BootNotification:
        station = self.station
        if reason == "PowerUp":
            # It may never say that the session ended; one that goes on it tells of.
            for number in station.connectors:
                station.change(number, transaction=None)
        station.maker = charging_station["vendor_name"]
        station.model = charging_station["model"]
        station.serial = charging_station.get("serial_number") or ""
        station.firmware = charging_station.get("firmware_version") or ""
        station.booted = True
        self.changed()
        return call_result.BootNotification(
            current_time=now().isoformat(),
            interval=HEARTBEAT_S,
            status=RegistrationStatusEnumType.accepted,
        )

    @after(Action.boot_notification)
    def _after_boot(self, **_: object) -> None:
        if not self.settings.watches_only:
            self.begin(self.prepare())

    @on(Action.heartbeat)
    def _beats(self, **_: object) -> call_result.Heartbeat:
        return call_result.Heartbeat(current_time=now().isoformat())

    @on(Action.status_notification)
    def _is(
        self, evse_id: int, connector_status: str, **_: object
    ) -> call_result.StatusNotification:
        state = _CONNECTORS.get(connector_status)
        running = self.station.connector(evse_id).transaction is not None
        if state is not ConnectorState.PREPARING or not running:
            self.station.change(evse_id, state=state)
        self.changed()
        return call_result.StatusNotification()

    @after(Action.status_notification)
    def _after_status(self, evse_id: int, connector_status: str, **_: object) -> None:
        if connector_status == "Occupied" and self.settings.starts_itself:
            self.begin(self.start_by_itself(evse_id))

    @on(Action.authorize)
    def _asks(self, id_token: Mapping[str, Any], **_: object) -> call_result.Authorize:
        return call_result.Authorize(id_token_info=self._info(id_token["id_token"]))

    @on(Action.transaction_event)
    def _goes_on(
        self,
        event_type: str,
        transaction_info: Mapping[str, Any],
        evse: Mapping[str, Any] | None = None,
        id_token: Mapping[str, Any] | None = None,
        meter_value: Sequence[Mapping[str, Any]] = (),
        **_: object,
    ) -> call_result.TransactionEvent:
        name = str(transaction_info["transaction_id"])
        number = self._evse_of(name, evse)
        self.station.measure(number, measured(meter_value))
        token = None if id_token is None else str(id_token["id_token"])
        self._session(number, name, event_type, token)
        state = _CHARGING.get(transaction_info.get("charging_state", ""))
        if event_type == "Ended":
            state = ConnectorState.FINISHING
        if state is not None:
            self.station.change(number, state=state)
        self.changed()
        info = None if token is None else self._info(token)
        return call_result.TransactionEvent(id_token_info=info)

    def _evse_of(self, name: str, evse: Mapping[str, Any] | None) -> int:
        """Return which EVSE a transaction is at; later events may leave it out."""
        if evse is not None:
            return int(evse["id"])
        for number, connector in self.station.connectors.items():
            if connector.transaction is not None and connector.transaction.id == name:
                return number
        return 0

    def _session(
        self, number: int, name: str, event_type: str, token: str | None
    ) -> None:
        connector = self.station.connector(number)
        if event_type == "Ended":
            self.station.change(number, transaction=None)
        elif connector.transaction is None or connector.transaction.id != name:
            # Started, or it went on while we were away.
            begun = Transaction(
                id=name,
                id_tag=token or OWN_TAG,
                began_at=now(),
                began_at_wh=(
                    connector.measured.energy_wh if event_type == "Started" else None
                ),
            )
            self.station.change(number, transaction=begun)

    @on(Action.meter_values)
    def _measures(
        self, evse_id: int, meter_value: Sequence[Mapping[str, Any]], **_: object
    ) -> call_result.MeterValues:
        self.station.measure(evse_id, measured(meter_value))
        self.changed()
        return call_result.MeterValues()

    @on(Action.notify_event)
    def _notices(self, **_: object) -> call_result.NotifyEvent:
        return call_result.NotifyEvent()

    @on(Action.notify_charging_limit)
    def _is_limited(
        self, charging_limit: Mapping[str, Any], **_: object
    ) -> call_result.NotifyChargingLimit:
        self.station.limited(str(charging_limit["charging_limit_source"]))
        self.changed()
        return call_result.NotifyChargingLimit()

    @on(Action.cleared_charging_limit)
    def _is_free(self, **_: object) -> call_result.ClearedChargingLimit:
        return call_result.ClearedChargingLimit()

    @on(Action.notify_report)
    def _reports(self, **_: object) -> call_result.NotifyReport:
        return call_result.NotifyReport()

    @on(Action.security_event_notification)
    def _warns(self, **_: object) -> call_result.SecurityEventNotification:
        return call_result.SecurityEventNotification()

    @on(Action.firmware_status_notification)
    def _updates(self, **_: object) -> call_result.FirmwareStatusNotification:
        return call_result.FirmwareStatusNotification()

    @on(Action.data_transfer)
    def _transfers(self, **_: object) -> call_result.DataTransfer:
        status = DataTransferStatusEnumType.unknown_vendor_id
        return call_result.DataTransfer(status=status)

    # What the station is told

    async def prepare(self) -> None:
        """Learn what it can, have it measure often, and keep the cards if it can."""
        units = await self._get("SmartChargingCtrlr", "RateUnit") or "A"
        in_ampere = "A" in units.split(",")
        switch = await self._get("SmartChargingCtrlr", "Phases3to1") or ""
        self.station.in_ampere = in_ampere
        self.station.switches_phases = switch.lower() == "true"
        self.wiring = replace(self.settings.wiring, in_ampere=in_ampere)
        await self._set("SampledDataCtrlr", "TxUpdatedInterval", str(SAMPLE_S))
        await self._set("SampledDataCtrlr", "TxUpdatedMeasurands", _SAMPLED)
        await self.asked(
            call.TriggerMessage(
                requested_message=MessageTriggerEnumType.status_notification
            )
        )
        keeps = await self._get("LocalAuthListCtrlr", "Enabled") or ""
        if self.cards.by_tag and keeps.lower() == "true":
            await self.keep_cards()

    async def allow(self, connector: int, allowance: Allowance) -> None:
        """Give a connector a short profile."""
        session = self.station.connector(connector).transaction
        short = profile_201(
            allowance,
            self.wiring,
            connector=connector,
            now=now() - timedelta(seconds=1),
            lasts=self.settings.profile_lasts,
            transaction=None if session is None else session.id,
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
            call.ClearChargingProfile(charging_profile_id=short_id(connector))
        )

    async def _lasting(self, where: int, power_w: float | None) -> None:
        """Give one connector, or with 0 all of them, what holds without us."""
        if where and not self.bound:
            # One for all may be left of a time when one connector was commanded.
            await self.asked(
                call.ClearChargingProfile(charging_profile_id=lasting_id(0))
            )
        stays = profile_201(Allowance(power_w=power_w), self.wiring, connector=where)
        await self._profile(where, stays)

    async def _profile(self, connector: int, profile: Mapping[str, Any]) -> None:
        answer = await self.asked(
            call.SetChargingProfile(evse_id=connector, charging_profile=dict(profile))
        )
        self.take_status(str(answer.status))

    async def start(self, connector: int, id_tag: str) -> None:
        """Start a transaction."""
        kind = (
            IdTokenEnumType.central if id_tag == OWN_TAG else IdTokenEnumType.iso14443
        )
        answer = await self.asked(
            call.RequestStartTransaction(
                id_token=IdTokenType(id_token=id_tag, type=kind),
                remote_start_id=next(self.numbers),
                evse_id=connector,
            )
        )
        accepted(answer.status, "to start")

    async def end(self, connector: int) -> None:
        """End the transaction of a connector."""
        session = self.station.connector(connector).transaction
        if session is None:
            raise StationRefusedError(f"connector {connector} has no session")
        answer = await self.asked(
            call.RequestStopTransaction(transaction_id=session.id)
        )
        accepted(answer.status, "to stop")

    async def keep_cards(self) -> None:
        """Have the station keep the list of cards, for when we are away."""
        entries = [
            {
                "id_token": {"id_token": card.id_tag, "type": "ISO14443"},
                "id_token_info": {"status": self.cards.admit(card.id_tag, now()).value},
            }
            for card in self.cards.by_tag.values()
        ]
        answer = await self.asked(
            call.SendLocalList(
                version_number=int(time.time()),
                update_type=UpdateEnumType.full,
                local_authorization_list=entries or None,
            )
        )
        accepted(answer.status, "to keep the cards")

    def _info(self, id_tag: str) -> IdTokenInfoType:
        return IdTokenInfoType(
            status=AuthorizationStatusEnumType(self.admit(id_tag).value)
        )

    async def _get(self, component: str, variable: str) -> str | None:
        """Return a variable's value, None where the station does not have it."""
        answer = await self.asked(
            call.GetVariables(
                get_variable_data=[
                    GetVariableDataType(
                        component=ComponentType(name=component),
                        variable=VariableType(name=variable),
                    )
                ]
            )
        )
        found = answer.get_variable_result[0]
        value = found.get("attribute_value")
        return str(value) if found["attribute_status"] == ACCEPTED else None

    async def _set(self, component: str, variable: str, value: str) -> None:
        """Change a variable; a station may refuse what it does not know."""
        await self.asked(
            call.SetVariables(
                set_variable_data=[
                    SetVariableDataType(
                        attribute_value=value,
                        component=ComponentType(name=component),
                        variable=VariableType(name=variable),
                    )
                ]
            )
        )
