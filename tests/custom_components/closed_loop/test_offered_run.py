"""A heat pump that its own thermostat would leave off runs where the plan heats."""

from cem_core.eebus.offer import Phase
from cem_core.model import Action
from custom_components.cem.const import Kind
from tests.custom_components.closed_loop.conftest import Play
from tests.custom_components.closed_loop.played import at


async def test_the_run_that_its_compressor_offers_begins_with_the_plan(
    play: Play,
) -> None:
    async with play({Kind.HEAT_PUMP: "eebus offers"}) as it:
        pump, building = it.simulated.heat_pump, it.simulated.building
        assert pump is not None
        assert building is not None
        assert it.simulator.eebus is not None
        run = it.simulator.eebus.run
        assert run is not None
        pump.target_c = building.air_c - 0.5
        most_w = round(pump.parameters.max_power_w)
        offered = "sensor.heat_pump_offered_run"
        it.plan(heat_pump=at(Action.RUN, most_w // 3))
        await it.until(lambda: it.hass.states.is_state(offered, "available"), 120)
        await it.run(900)  # what ran before ends
        assert it.hass.states.is_state(offered, "available")
        assert it.power_w["heat_pump"][-1] < most_w / 10
        it.plan(heat_pump=at(Action.RUN, most_w))
        await it.until(lambda: it.draws("heat_pump", most_w), 180)
        await it.until(lambda: it.hass.states.is_state(offered, "running"), 60)
        state = it.hass.states.get(offered)
        assert state is not None
        assert state.attributes["power"] == most_w
        assert state.attributes["refused"] is None
        it.plan(heat_pump=at(Action.HOLD, 0))
        await it.until(lambda: it.hass.states.is_state(offered, "paused"), 900)
        assert run.phase is Phase.PAUSED
