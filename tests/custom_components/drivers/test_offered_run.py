"""The run that a heat pump's compressor offers, begun over SHIP by what it is planned."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
import time
from types import SimpleNamespace
from typing import Any, cast

import pytest

from cem_core.eebus.clock import Clock
from cem_core.eebus.controllable import ControllableSystem
from cem_core.eebus.home import Naming, our_home
from cem_core.eebus.offer import Phase
from cem_core.eebus.peer import Home, PeerRole
from cem_core.limits.limitation import LimitationSettings
from cem_core.model import (
    Action,
    Cause,
    DevicePlan,
    Direction,
    HeatUse,
    Message,
    Plan,
    PlanStatus,
    PlanStep,
    Reason,
    Setpoint,
)
from cem_core.simulation.eebus_compressor import OfferedRun, RunSettings
from cem_core.simulation.eebus_consumer import HEAT_PUMP, Consumer
from cem_core.simulation.eebus_hot_water import HotWaterCircuit
from cem_core.transport.eebus_identity import Identity, create
from cem_core.transport.eebus_node import EebusNode, NodeEvents, Pairing
from custom_components.cem import offered_run
from custom_components.cem.const import Kind
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.drivers import EebusDriver

pytestmark = pytest.mark.usefixtures("socket_enabled")
CLOCK = Clock(monotonic_s=time.monotonic, utc=lambda: datetime.now(UTC))


def node_of(
    identity: Identity, home: Home, changed: Callable[[], None] = lambda: None
) -> EebusNode:
    events = NodeEvents(changed=changed, paired=lambda _: None, asked=lambda _: None)
    return EebusNode(identity, home, CLOCK, events, delays_s=((0.0, 0.1), (0.2, 0.4)))


@asynccontextmanager
async def paired(
    run: OfferedRun, circuit: HotWaterCircuit | None = None, **filled_in: Any
) -> AsyncIterator[EebusDriver]:
    """Yield the driver of a heat pump that it has reached."""
    now = datetime.now(UTC)
    ours, theirs = create("CEM", now), create("Pump", now)
    limit = LimitationSettings(nominal_max_w=3000, failsafe_limit_w=3000)
    consumer = Consumer(
        system=ControllableSystem(CLOCK, {Direction.IMPORT: limit}),
        clock=CLOCK,
        types=HEAT_PUMP,
        power_w=lambda: 0.0,
        run=run,
        hot_water=circuit,
    )
    pump = node_of(theirs, consumer.home(Naming(brand="D", model="Pump", serial="1")))
    port = await pump.listen("127.0.0.1", 0)
    pump.pair(Pairing(ski=ours.ski, role=PeerRole.CONTROL_BOX))
    data = {"ski": theirs.ski, "host": "127.0.0.1", "port": port, "max_power": 2.5}
    driver = EebusDriver(Kind.HEAT_PUMP, data | filled_in)
    system = ControllableSystem(CLOCK, {})
    naming = Naming(brand="D", model="CEM", serial="1")
    cem = node_of(ours, our_home(naming, CLOCK, system, None, {}), driver.notice)
    driver.attach(cem)
    cem.pair(driver.pairing)
    try:
        await until(lambda: driver.available and driver.offered()[0] is not None)
        yield driver
    finally:
        await cem.close()
        await pump.close()


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not true():  # noqa: ASYNC110 - any condition, of two nodes
            await asyncio.sleep(0.02)


def planned(power_w: int | None, limit_id: str | None = None) -> Setpoint:
    return Setpoint(
        device_id="pump",
        action=Action.RUN,
        power_w=power_w,
        cause=Cause.PLAN,
        limit_id=limit_id,
    )


def offered(**settings: Any) -> OfferedRun:
    run = OfferedRun(RunSettings(power_w=2800.0, run_min_s=0.0, **settings))
    run.step(1.0, room=True)
    return run


def device(driver: EebusDriver) -> ControlledDevice:
    return cast("ControlledDevice", SimpleNamespace(driver=driver))


async def test_a_run_begins_at_full_power_and_pauses_under_a_limit() -> None:
    run = offered()
    async with paired(run) as driver:
        assert offered_run.state(device(driver)) == "available"
        assert offered_run.attributes(device(driver))["power"] == 2800
        # It draws more than the form's rated power; at that it is to run all the same.
        await driver.obey(planned(2500))
        await until(lambda: run.phase is Phase.SCHEDULED)
        run.step(1.0, room=True)
        await until(lambda: offered_run.state(device(driver)) == "running")
        await driver.obey(planned(400, "operator"))
        await until(lambda: run.phase is Phase.PAUSED)
        await until(lambda: offered_run.state(device(driver)) == "paused")
        assert driver.held_w() == 400


async def test_a_limit_stops_what_cannot_be_paused() -> None:
    run = offered(pausable=False)
    async with paired(run) as driver:
        await driver.obey(planned(2500))
        await until(lambda: run.phase is Phase.SCHEDULED)
        run.step(1.0, room=True)
        await driver.obey(planned(0, "operator"))
        await until(lambda: run.phase is Phase.STOPPED)


async def test_what_is_handed_back_begins_nothing() -> None:
    run = offered()
    async with paired(run) as driver:
        await driver.obey(planned(None))
        await asyncio.sleep(0.5)
        assert run.phase is Phase.AVAILABLE


async def test_runs_that_are_left_to_another_are_shown_and_not_begun() -> None:
    run = offered()
    async with paired(run, begins_runs=False) as driver:
        await driver.obey(planned(2500))
        await asyncio.sleep(0.5)
        assert run.phase is Phase.AVAILABLE
        assert offered_run.state(device(driver)) == "available"


def test_away_nothing_is_known() -> None:
    driver = EebusDriver(Kind.HEAT_PUMP, {"ski": "0" * 40, "max_power": 2.5})
    assert offered_run.state(device(driver)) is None
    assert offered_run.attributes(device(driver)) == {}


async def test_an_offered_run_has_a_block_of_its_own_in_the_plan() -> None:
    run = offered()
    start = datetime.now(UTC)
    edges = tuple(start + k * timedelta(minutes=15) for k in range(9))
    powers = (0, 0, 2500, 2800, 2800, 0, 0, 0)
    heats = Message.of(
        "heat_pump_heats",
        energy_kwh=2.0,
        price_per_kwh=0.2,
        currency="EUR",
        indoor_c=21.0,
    )
    plan = Plan(
        created_at=start,
        edges=edges,
        status=PlanStatus.OPTIMAL,
        devices={
            "pump": DevicePlan(
                steps=tuple(PlanStep(action=Action.RUN, power_w=w) for w in powers)
            )
        },
        reasons=(
            Reason(device_id="pump", start=edges[2], end=edges[5], message=heats),
        ),
    )
    async with paired(run) as driver:
        pump = cast(
            "ControlledDevice", SimpleNamespace(driver=driver, device_id="pump")
        )
        shown = offered_run.with_offered_runs(plan, [pump])
        block, kept = shown.reasons
        assert kept == plan.reasons[0]
        assert (block.start, block.end) == (edges[2], edges[5])
        assert block.message.values["power_kw"] == pytest.approx(2.8)
        assert block.message.values["minutes"] == 45
        assert [m.key for m in block.message.alone] == [
            "heat_pump_run_offered",
            "heat_pump_heats",
        ]
        # The device is asked first why it runs: the run is what it hears of.
        assert next(shown.reasons_for("pump", edges[3])) is block
    away = cast("ControlledDevice", SimpleNamespace(driver=None, device_id="pump"))
    assert offered_run.with_offered_runs(plan, [away]) is plan


async def test_a_tank_is_set_beside_the_limit_and_handed_back_as_usual() -> None:
    circuit = HotWaterCircuit()
    async with paired(offered(), circuit, own_tank=True) as driver:
        await until(lambda: driver.water_c == 48.0)
        await driver.obey(replace(planned(2500), use=HeatUse.WATER))
        await until(lambda: circuit.set_c == {1: 55.0, 2: 40.0})
        await driver.obey(replace(planned(2500), use=HeatUse.ROOM))
        await until(lambda: circuit.set_c[1] == 45.0)
        await driver.obey(planned(None))
        await until(lambda: circuit.set_c[1] == 50.0)


async def test_without_a_word_in_the_form_its_tank_is_left_alone() -> None:
    circuit = HotWaterCircuit()
    async with paired(offered(), circuit) as driver:
        await until(lambda: driver.water_c == 48.0)
        await driver.obey(replace(planned(2500), use=HeatUse.WATER))
        await asyncio.sleep(0.3)
        assert circuit.set_c == {1: 50.0, 2: 40.0}
