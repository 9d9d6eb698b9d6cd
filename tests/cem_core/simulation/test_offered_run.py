"""The simulated heat pump that offers a run, and heats for it."""

from typing import Any

import pytest

from cem_core.eebus.compressor import Step, written
from cem_core.eebus.datagram import Address, Classifier, Datagram
from cem_core.eebus.error import EebusError
from cem_core.eebus.offer import Phase, offer
from cem_core.simulation.config import read_setup
from cem_core.simulation.eebus_compressor import OfferedRun, RunSettings
from cem_core.simulation.eebus_device import LimitedHeatPump
from cem_core.simulation.fields import HomeError
from cem_core.simulation.heat_pump import HeatPump, HeatPumpParameters, SgReady
from tests.cem_core.simulation.conftest import demo_document

HERE = Address((1, 1), 1)


def pump(**changes: Any) -> HeatPump:
    parameters = HeatPumpParameters(max_power_w=2000.0, min_power_w=500.0)
    fields = {"target_c": 20.0, "power_limit_w": 2000.0} | changes
    return HeatPump(parameters=parameters, **fields)


def write(run: OfferedRun, data: dict[str, Any]) -> str | None:
    [function] = run.feature().functions
    assert function.write is not None
    return function.write(
        Datagram(
            source=HERE,
            destination=HERE,
            counter=1,
            classifier=Classifier.WRITE,
            function=function.name,
            data=data,
        )
    )


def step(run: OfferedRun, what: Step) -> str | None:
    offered = offer(run.data())
    assert offered is not None
    return write(run, written(offered, what))


def phase(run: OfferedRun) -> Phase | None:
    return run.phase


def test_while_its_run_goes_on_it_heats_at_full_power_until_it_is_warm() -> None:
    heat_pump = pump()
    limited = LimitedHeatPump(heat_pump)
    run = limited.offered()

    def wait(length_s: int, indoor_c: float) -> None:
        for _ in range(length_s):
            limited.tick(run, indoor_c)
            heat_pump.step(1.0, indoor_c=indoor_c, stuck=False)

    wait(60, 20.4)
    assert phase(run) is Phase.AVAILABLE
    assert heat_pump.compressor_w == 0.0  # the thermostat wants nothing
    assert step(run, Step.BEGIN) is None
    wait(60, 20.4)
    assert heat_pump.compressor_w == 2000.0
    wait(700, 21.1)
    assert phase(run) in (Phase.COMPLETED, None)
    assert heat_pump.compressor_w == 0.0


@pytest.mark.parametrize(
    "changes",
    [{"sg_ready": SgReady.OFF}, {"power_limit_w": 0.0}, {"heating": False}],
)
def test_locks_and_limits_go_before_a_run(changes: dict[str, Any]) -> None:
    heat_pump = pump(offered_run=True, **changes)
    for _ in range(60):
        heat_pump.step(1.0, indoor_c=15.0, stuck=False)
    assert heat_pump.compressor_w == 0.0


def running(**settings: Any) -> OfferedRun:
    run = OfferedRun(RunSettings(power_w=1000.0, **settings))
    run.step(1.0, room=True)
    assert step(run, Step.BEGIN) is None
    run.step(1.0, room=True)
    assert run.running
    return run


def test_what_its_constraints_forbid_is_refused() -> None:
    run = running()
    assert step(run, Step.PAUSE) == "it has not run long enough"
    assert step(run, Step.BEGIN) == "it cannot be scheduled any more"
    run.step(600.0, room=True)
    assert step(run, Step.PAUSE) is None
    assert step(run, Step.RESUME) == "it has not paused long enough"
    assert step(running(stoppable=False), Step.ABORT) == "it cannot become 'invalid'"
    assert step(running(pausable=False), Step.PAUSE) == "it cannot become 'paused'"


def test_another_run_than_the_offered_one_cannot_be_begun() -> None:
    run = OfferedRun(RunSettings(power_w=1000.0))
    run.step(1.0, room=True)
    sequence = {
        "description": {"sequenceId": 9},
        "schedule": {"startTime": "PT0S"},
    }
    data = {"alternatives": [{"powerSequence": [sequence]}]}
    assert write(run, data) == "this run is not offered"
    with pytest.raises(EebusError, match="0 sequences"):
        write(run, {})


def test_a_charger_offers_no_runs() -> None:
    document = demo_document()
    document["simulate"]["eebus"] = {
        "device": "charger",
        "state": "s",
        "peer": "00" * 20,
        "offers_runs": True,
    }
    with pytest.raises(HomeError, match="only a heat_pump's"):
        read_setup(document)
