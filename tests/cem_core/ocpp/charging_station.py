"""A charging station with one car, in a process of its own.

`python -m tests.cem_core.ocpp.charging_station URL ID PASSWORD VERSION`. Lines that it
reads make it do something (`plug`, `charge ID`, `unplug`, `measure W`, `card ID`, `refuse WHAT`,
`agree WHAT`, `say TEXT`); what it is told, it prints: one JSON object a line.
"""

import asyncio
import base64
from collections.abc import Mapping
from datetime import UTC, datetime
import json
import sys
from typing import Any, Final

import aiohttp
from ocpp.routing import on
import ocpp.v16
import ocpp.v16.call
import ocpp.v16.call_result
import ocpp.v201
import ocpp.v201.call
import ocpp.v201.call_result

_WH: Final = 12_000


def tell(event: str, **said: Any) -> None:
    """Print one line."""
    sys.stdout.write(json.dumps({"event": event, **said}, default=float) + "\n")
    sys.stdout.flush()


class Wire:
    """An aiohttp WebSocket as the package reads it."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Speak through ``socket``."""
        self.socket = socket

    async def recv(self) -> str:
        """Return the next message."""
        message = await self.socket.receive()
        if message.type is not aiohttp.WSMsgType.TEXT:
            raise ConnectionResetError
        return str(message.data)

    async def send(self, text: str) -> None:
        """Send one."""
        await self.socket.send_str(text)


def _now() -> str:
    return datetime.now(UTC).isoformat()


class Station16(ocpp.v16.ChargePoint):  # type: ignore[misc] # the package has no types
    """OCPP 1.6."""

    transaction: int | None = None

    async def boot(self) -> None:
        """Say who it is."""
        await self.call(
            ocpp.v16.call.BootNotification(
                charge_point_model="Wall", charge_point_vendor="Maker"
            )
        )
        tell("booted")
        await self.state("Available")

    async def state(self, status: str) -> None:
        """Say what connector 1 is in."""
        await self.call(
            ocpp.v16.call.StatusNotification(
                connector_id=1, error_code="NoError", status=status
            )
        )

    async def plug(self) -> None:
        """A car is plugged in."""
        await self.state("Preparing")

    async def unplug(self) -> None:
        """The car leaves."""
        if self.transaction is not None:
            await self.finish()
        await self.state("Available")

    async def measure(self, power_w: str) -> None:
        """Say what the car draws."""
        sampled = [
            {"value": power_w, "measurand": "Power.Active.Import", "unit": "W"},
            {"value": "12.5", "unit": "kWh"},
        ]
        await self.call(
            ocpp.v16.call.MeterValues(
                connector_id=1,
                transaction_id=self.transaction,
                meter_value=[{"timestamp": _now(), "sampled_value": sampled}],
            )
        )

    async def card(self, id_tag: str) -> None:
        """A card is held to it."""
        answer = await self.call(ocpp.v16.call.Authorize(id_tag=id_tag))
        tell("card", status=answer.id_tag_info["status"])

    async def begin(self, id_tag: str) -> None:
        """Start a transaction."""
        answer = await self.call(
            ocpp.v16.call.StartTransaction(
                connector_id=1, id_tag=id_tag, meter_start=_WH, timestamp=_now()
            )
        )
        self.transaction = answer.transaction_id
        tell("started", status=answer.id_tag_info["status"])
        await self.state("Charging")

    async def finish(self) -> None:
        """Stop it."""
        number, self.transaction = self.transaction, None
        await self.call(
            ocpp.v16.call.StopTransaction(
                meter_stop=_WH + 500, timestamp=_now(), transaction_id=number
            )
        )
        tell("stopped")

    @on("RemoteStartTransaction")
    async def _start(self, id_tag: str, **_: object) -> object:
        soon(self.begin(id_tag))
        return ocpp.v16.call_result.RemoteStartTransaction(status="Accepted")

    @on("RemoteStopTransaction")
    async def _stop(self, **_: object) -> object:
        soon(self.finish())
        return ocpp.v16.call_result.RemoteStopTransaction(status="Accepted")

    @on("SetChargingProfile")
    async def _profile(self, connector_id: int, cs_charging_profiles: object) -> object:
        tell("profile", connector=connector_id, profile=cs_charging_profiles)
        status = "Rejected" if "reject" in REFUSES else "Accepted"
        return ocpp.v16.call_result.SetChargingProfile(status=status)

    @on("ClearChargingProfile")
    async def _clear(self, **said: object) -> object:
        tell("cleared", id=said.get("id"))
        return ocpp.v16.call_result.ClearChargingProfile(status="Accepted")

    @on("GetConfiguration")
    async def _keys(self, **_: object) -> object:
        keys = {
            "ChargingScheduleAllowedChargingRateUnit": "Current",
            "ConnectorSwitch3to1PhaseSupported": "true",
            "LocalAuthListEnabled": "true",
        }
        return ocpp.v16.call_result.GetConfiguration(
            configuration_key=[
                {"key": key, "readonly": True, "value": value}
                for key, value in keys.items()
            ]
        )

    @on("ChangeConfiguration")
    async def _change(self, key: str, value: str) -> object:
        tell("changed", key=key, value=value)
        return ocpp.v16.call_result.ChangeConfiguration(status="Accepted")

    @on("TriggerMessage")
    async def _trigger(self, **_: object) -> object:
        return ocpp.v16.call_result.TriggerMessage(status="Accepted")

    @on("SendLocalList")
    async def _cards(self, local_authorization_list: list[Any], **_: object) -> object:
        tell("cards", cards=[each["id_tag"] for each in local_authorization_list])
        return ocpp.v16.call_result.SendLocalList(status="Accepted")


class Station201(ocpp.v201.ChargePoint):  # type: ignore[misc] # the package has no types
    """OCPP 2.0.1."""

    running = False
    number = 0

    async def boot(self) -> None:
        """Say who it is."""
        await self.call(
            ocpp.v201.call.BootNotification(
                charging_station={"model": "Wall", "vendor_name": "Maker"},
                reason="PowerUp",
            )
        )
        tell("booted")
        await self.state("Available")

    async def state(self, status: str) -> None:
        """Say what the EVSE is in."""
        await self.call(
            ocpp.v201.call.StatusNotification(
                timestamp=_now(), connector_status=status, evse_id=1, connector_id=1
            )
        )

    async def plug(self) -> None:
        """A car is plugged in."""
        await self.state("Occupied")

    async def unplug(self) -> None:
        """The car leaves."""
        if self.running:
            await self.finish()
        await self.state("Available")

    async def event(self, kind: str, state: str, **more: Any) -> Any:
        """Tell of the transaction."""
        self.number += 1
        return await self.call(
            ocpp.v201.call.TransactionEvent(
                event_type=kind,
                timestamp=_now(),
                trigger_reason="ChargingStateChanged",
                seq_no=self.number,
                transaction_info={"transaction_id": "t-1", "charging_state": state},
                **more,
            )
        )

    async def measure(self, power_w: str) -> None:
        """Say what the car draws."""
        sampled = [
            {
                "value": float(power_w) / 1000,
                "measurand": "Power.Active.Import",
                "unit_of_measure": {"unit": "kW"},
            },
            {"value": 12_500},
        ]
        await self.event(
            "Updated",
            "Charging",
            meter_value=[{"timestamp": _now(), "sampled_value": sampled}],
        )

    async def card(self, id_tag: str) -> None:
        """A card is held to it."""
        token = {"id_token": id_tag, "type": "ISO14443"}
        answer = await self.call(ocpp.v201.call.Authorize(id_token=token))
        tell("card", status=answer.id_token_info["status"])

    async def begin(self, token: Mapping[str, Any]) -> None:
        """Start a transaction."""
        self.running = True
        answer = await self.event(
            "Started",
            "Charging",
            evse={"id": 1, "connector_id": 1},
            id_token=dict(token),
            meter_value=[{"timestamp": _now(), "sampled_value": [{"value": _WH}]}],
        )
        tell("started", status=answer.id_token_info["status"])

    async def finish(self) -> None:
        """Stop it."""
        self.running = False
        await self.event("Ended", "Idle")
        tell("stopped")

    @on("RequestStartTransaction")
    async def _start(self, id_token: Mapping[str, Any], **_: object) -> object:
        soon(self.begin(id_token))
        return ocpp.v201.call_result.RequestStartTransaction(status="Accepted")

    @on("RequestStopTransaction")
    async def _stop(self, **_: object) -> object:
        soon(self.finish())
        return ocpp.v201.call_result.RequestStopTransaction(status="Accepted")

    @on("SetChargingProfile")
    async def _profile(self, evse_id: int, charging_profile: object) -> object:
        tell("profile", connector=evse_id, profile=charging_profile)
        status = "Rejected" if "reject" in REFUSES else "Accepted"
        return ocpp.v201.call_result.SetChargingProfile(status=status)

    @on("ClearChargingProfile")
    async def _clear(self, **said: object) -> object:
        tell("cleared", id=said.get("charging_profile_id"))
        return ocpp.v201.call_result.ClearChargingProfile(status="Accepted")

    @on("GetVariables")
    async def _variables(self, get_variable_data: list[Any]) -> object:
        values = {"RateUnit": "A,W", "Phases3to1": "true", "Enabled": "true"}
        return ocpp.v201.call_result.GetVariables(
            get_variable_result=[
                {
                    "attribute_status": "Accepted",
                    "attribute_value": values[each["variable"]["name"]],
                    "component": each["component"],
                    "variable": each["variable"],
                }
                for each in get_variable_data
            ]
        )

    @on("SetVariables")
    async def _set(self, set_variable_data: list[Any]) -> object:
        for each in set_variable_data:
            tell("changed", key=each["variable"]["name"], value=each["attribute_value"])
        return ocpp.v201.call_result.SetVariables(
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
    async def _trigger(self, **_: object) -> object:
        return ocpp.v201.call_result.TriggerMessage(status="Accepted")

    @on("SendLocalList")
    async def _cards(self, local_authorization_list: list[Any], **_: object) -> object:
        names = [each["id_token"]["id_token"] for each in local_authorization_list]
        tell("cards", cards=names)
        return ocpp.v201.call_result.SendLocalList(status="Accepted")


REFUSES: set[str] = set()
_TASKS: set[asyncio.Task[None]] = set()


def soon(work: Any) -> None:
    """Do ``work`` after the answer was sent."""
    task = asyncio.ensure_future(work)
    _TASKS.add(task)
    task.add_done_callback(_TASKS.discard)


async def obey(station: Any, wire: Wire) -> None:
    """Do what is read, line by line."""
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
    while line := (await reader.readline()).decode().strip():
        verb, _, rest = line.partition(" ")
        if verb == "charge":
            token: Any = {"id_token": rest, "type": "ISO14443"}
            await station.begin(rest if isinstance(station, Station16) else token)
        elif verb == "refuse":
            REFUSES.add(rest)
        elif verb == "agree":
            REFUSES.discard(rest)
        elif verb == "say":
            await wire.send(rest)
        elif rest:
            await getattr(station, verb)(rest)
        else:
            await getattr(station, verb)()


async def main(url: str, name: str, password: str, version: str) -> None:
    """Connect once and stay until the other side leaves."""
    kind = Station16 if version == "ocpp1.6" else Station201
    known = base64.b64encode(f"{name}:{password}".encode()).decode()
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Basic {known}"}) as session,
        session.ws_connect(f"{url}/{name}", protocols=[version]) as socket,
    ):
        wire = Wire(socket)
        station = kind(name, wire)
        soon(_start(station, wire))
        try:
            await station.start()
        except ConnectionResetError:
            tell("ended")


async def _start(station: Any, wire: Wire) -> None:
    await station.boot()
    await obey(station, wire)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
