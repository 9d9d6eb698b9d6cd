"""A device behind the resource manager of s2-python, in a process of its own.

`python -m tests.cem_core.s2.resource_manager URL TOKEN [DEVICE]`, of `DEVICES`; a battery
where none is said. Lines that it reads make it do something (`measure W`, `refuse`,
`agree`, `revoke`, `say TEXT`); what it is told, it prints: one JSON object a line. It is ours only
in what connects the two: an aiohttp WebSocket.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, datetime
import json
import sys
from typing import Any, Final, override
from uuid import UUID

import aiohttp
from s2python.common import CommodityQuantity, Duration, Role
from s2python.connection.asset_details import AssetDetails
from s2python.connection.async_.connection import S2AsyncConnection
from s2python.connection.async_.control_type.class_based import (
    DDBCControlType,
    FRBCControlType,
    OMBCControlType,
    PEBCControlType,
    PPBCControlType,
    ResourceManagerHandler,
    S2ControlType,
)
from s2python.connection.async_.medium.s2_medium import (
    MediumClosedConnectionError,
    S2AsyncMediumConnection,
    UnparsedMediumData,
)
from s2python.connection.types import S2ConnectionEventsAndMessages, SendOkayRunAsync
from s2python.ppbc import (
    PPBCEndInterruptionInstruction,
    PPBCStartInterruptionInstruction,
)
from s2python.s2_parser import S2Parser

from tests.cem_core.s2.messages import L1, battery, level, message, name, status
from tests.cem_core.s2.other_devices import (
    constraints,
    container,
    demands,
    dishwasher,
    energy_by,
    hybrid,
    mode,
    stages,
    tank,
)
from tests.cem_core.s2.storages import bound_battery, heated_tank, used, wanted


def tell(**said: Any) -> None:
    """Print one line."""
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


class Medium(S2AsyncMediumConnection):
    """An aiohttp WebSocket."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Speak through ``socket``."""
        self._socket = socket

    @override
    async def is_connected(self) -> bool:
        return not self._socket.closed

    @override
    async def messages(self) -> AsyncGenerator[UnparsedMediumData]:
        async for each in self._socket:
            yield each.data
        raise MediumClosedConnectionError

    @override
    async def send(self, message: str) -> None:
        await self._socket.send_str(message)


class Telling(S2ControlType):
    """Says what it is when it is taken over, and what it is told."""

    refuses = False
    role = "ENERGY_CONSUMER"
    described = ""  # the identifier of what it said of itself first
    described_as = ""

    def describe(self) -> Sequence[str]:
        """Return what it says of itself."""
        raise NotImplementedError

    @override
    async def activate(self, connection: S2AsyncConnection) -> None:
        tell(event="activated")
        texts = self.describe()
        first = json.loads(texts[0])
        self.described, self.described_as = first["message_id"], first["message_type"]
        for text in texts:
            message = S2Parser.parse_as_any_message(text)
            await connection.send_msg_and_await_reception_status(message)  # type: ignore[arg-type] # all have identifiers

    @override
    async def deactivate(self, connection: S2AsyncConnection) -> None:
        tell(event="deactivated")

    async def handle_instruction(
        self,
        connection: S2AsyncConnection,
        msg: S2ConnectionEventsAndMessages,
        send_okay: SendOkayRunAsync,
    ) -> None:
        """Take an instruction, or refuse it."""
        if send_okay is not None:
            await send_okay()
        said = json.loads(msg.to_json())  # type: ignore[union-attr] # it is a message
        answer = message(
            "InstructionStatusUpdate",
            instruction_id=said["id"],
            status_type="REJECTED" if self.refuses else "ACCEPTED",
            timestamp=datetime.now(UTC).isoformat(),
        )
        await connection.send_and_forget(S2Parser.parse_as_any_message(answer))
        tell(event="instruction", taken=not self.refuses, **said)


class Battery(Telling, FRBCControlType):
    """A battery at half."""

    role = "ENERGY_STORAGE"

    @override
    def describe(self) -> Sequence[str]:
        return battery(), level(50), status("charge")


class SlowBattery(Battery):
    """One that charges for twenty minutes at least, and rests before it turns."""

    @override
    def describe(self) -> Sequence[str]:
        return bound_battery(900, 1200), status("idle"), level(50)


class Tank(Telling, FRBCControlType):
    """A tank with a pump and a rod, wanted hot in the third hour."""

    @override
    def describe(self) -> Sequence[str]:
        now = datetime.now(UTC)
        return (
            heated_tank(600),
            status("pump off", actuator="pump"),
            status("rod off", actuator="rod"),
            level(0.5),
            used(now, 2),
            wanted(now, 0, 0, 0.55),
        )


class Bounded(Telling, PEBCControlType):
    """One that is bounded between 0 and 3 kW."""

    @override
    def describe(self) -> Sequence[str]:
        return (constraints(3000),)


class Pool(Bounded):
    """One that draws 2 kWh in two hours."""

    @override
    def describe(self) -> Sequence[str]:
        return *super().describe(), energy_by(
            datetime.now(UTC), hours=2, average_w=1000
        )


class Dishwasher(Telling, PPBCControlType):
    """A run that can be put off for three hours; see `dishwasher`."""

    @override
    def describe(self) -> Sequence[str]:
        return (dishwasher(datetime.now(UTC)),)

    @override
    def register_handlers(self, connection: S2AsyncConnection) -> None:
        super().register_handlers(connection)
        for kind in (PPBCStartInterruptionInstruction, PPBCEndInterruptionInstruction):
            connection.register_handler(kind, self.handle_instruction)


class QuickDishwasher(Dishwasher):
    """One that is done and filled again as soon as a run is scheduled."""

    @override
    async def handle_instruction(
        self,
        connection: S2AsyncConnection,
        msg: S2ConnectionEventsAndMessages,
        send_okay: SendOkayRunAsync,
    ) -> None:
        await super().handle_instruction(connection, msg, send_okay)
        last = getattr(msg, "sequence_container_id", None) == UUID(name("rinse"))
        if last and not self.refuses:
            for text in (
                container("wash", "EXECUTING"),
                container("rinse", "FINISHED"),
                *self.describe(),
            ):
                await connection.send_and_forget(S2Parser.parse_as_any_message(text))


class Hybrid(Telling, DDBCControlType):
    """A heat pump beside a gas boiler, and what is wanted of them today."""

    @override
    def describe(self) -> Sequence[str]:
        return hybrid(3), demands(datetime.now(UTC))


class HotWater(Telling, FRBCControlType):
    """A heat pump's hot water, of which nothing foretells what is drawn off."""

    @override
    def describe(self) -> Sequence[str]:
        return tank()


class Stages(Telling, OMBCControlType):
    """A device in two stages that is off."""

    @override
    def describe(self) -> Sequence[str]:
        return stages(), mode("off")


class Modes(Stages):
    """One that may go from each stage to each other at any time, and says so."""

    @override
    def describe(self) -> Sequence[str]:
        return stages(held_s=0), mode("off")

    @override
    async def handle_instruction(
        self,
        connection: S2AsyncConnection,
        msg: S2ConnectionEventsAndMessages,
        send_okay: SendOkayRunAsync,
    ) -> None:
        await super().handle_instruction(connection, msg, send_okay)
        if not self.refuses:
            said = json.loads(msg.to_json())  # type: ignore[union-attr] # it is a message
            answer = message(
                "OMBC.Status",
                active_operation_mode_id=said["operation_mode_id"],
                operation_mode_factor=said["operation_mode_factor"],
            )
            await connection.send_and_forget(S2Parser.parse_as_any_message(answer))


DEVICES: Final[dict[str, type[Telling]]] = {
    "battery": Battery,
    "bounded": Bounded,
    "dishwasher": Dishwasher,
    "hot water": HotWater,
    "hybrid": Hybrid,
    "modes": Modes,
    "pool": Pool,
    "quick dishwasher": QuickDishwasher,
    "slow battery": SlowBattery,
    "stages": Stages,
    "tank": Tank,
}


async def obey(device: Telling, socket: aiohttp.ClientWebSocketResponse) -> None:
    """Do what is read, line by line."""
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
    while line := (await reader.readline()).decode().strip():
        verb, _, rest = line.partition(" ")
        match verb:
            case "refuse" | "agree":
                device.refuses = verb == "refuse"
            case "say":
                await socket.send_str(rest)
            case "revoke":
                await socket.send_str(
                    message(
                        "RevokeObject",
                        object_type=device.described_as,
                        object_id=device.described,
                    )
                )
            case "measure":
                value = {"commodity_quantity": L1, "value": float(rest)}
                await socket.send_str(
                    message(
                        "PowerMeasurement",
                        measurement_timestamp=datetime.now(UTC).isoformat(),
                        values=[value],
                    )
                )


async def main(url: str, token: str, kind: str = "battery") -> None:
    """Connect once and stay until the other side leaves."""
    device = DEVICES[kind]()
    asset = AssetDetails(
        resource_id=UUID(name("resource")),
        provides_forecast=False,
        provides_power_measurements=[CommodityQuantity.ELECTRIC_POWER_L1],
        instruction_processing_delay=Duration.from_milliseconds(100),
        roles=[Role.from_dict({"role": device.role, "commodity": "ELECTRICITY"})],
    )
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.ws_connect(url) as socket,
    ):
        connection = S2AsyncConnection(Medium(socket))
        ResourceManagerHandler([device], asset).register_handlers(connection)
        lines = asyncio.create_task(obey(device, socket))
        await connection.run()
        lines.cancel()
    tell(event="ended")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
