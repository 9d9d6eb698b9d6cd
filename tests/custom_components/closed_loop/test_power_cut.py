"""The power of the street is cut and comes back, with the CEM and without it."""

from typing import Final

import pytest

from cem_core.model import Action
from cem_core.simulation.faults import HOUSE, Fault
from custom_components.cem.const import Kind
from tests.custom_components.closed_loop.conftest import Play
from tests.custom_components.closed_loop.played import NAMES, Played, at
from tests.custom_components.closed_loop.test_follows_plan import FIVE

CUT_S: Final = 240
BOOTS_S: Final = 40
WATCHED_S: Final = 840
FUSE_W: Final = 9200  # the contract's limit on import
TREMBLES_W: Final = 200  # a limit is kept within 2 % or 100 W; the load moves
LEAST_S: Final = 60
MOST_S: Final = 300
MINUTE_S: Final = 60
DRAWS_W: Final = 300
STARTS_S: Final = 45  # a car takes half a minute from its order
RESTS_S: Final = 120 + 300  # the heat pump's own, from the return of the power
BY_ITSELF_S: Final = 55  # what a battery does on its own, until it hears of us
RAMP_W: Final = 600  # a tenth of the inverter, a minute
OVER_W: Final = 100  # of its ceiling

type Powers = dict[str, list[float]]


def plan(it: Played, **more: int) -> None:
    it.plan(
        ev_charger=at(Action.RUN, 4830),
        battery=at(Action.CHARGE, 1500),
        heat_pump=at(Action.RUN, 1200),
        solar=at(Action.RUN, 6000),
        **{kind: at(Action.RUN, power_w) for kind, power_w in more.items()},
    )


def turns_s(it: Played) -> dict[str, float]:
    """Return how long after the return of the power each device has its turn."""
    comeback = it.home.power_cuts.comeback
    assert comeback is not None
    names = {**NAMES, Kind.APPLIANCE: "dishwasher"}
    return {
        names[device.kind]: comeback.free_s[device_id] - comeback.since_s
        for device_id, device in it.home.devices.items()
    }


def told(it: Played) -> str | None:
    """Return by what the CEM says that the power was cut, None: it does not."""
    state = it.hass.states.get("event.home_power_cuts")
    assert state is not None
    sign: str | None = state.attributes.get("sign")
    return sign


async def watched(it: Played) -> Powers:
    """Let time pass; return what each device did in each second."""
    before = {name: len(powers) for name, powers in it.power_w.items()}
    dishwasher, appliance = [], it.simulated.appliance
    assert appliance is not None
    for _ in range(WATCHED_S):
        await it.run(1)
        dishwasher.append(appliance.power_w)
    found = {name: powers[before[name] :] for name, powers in it.power_w.items()}
    return found | {"dishwasher": dishwasher}


def assert_staggered(powers: Powers, turns: dict[str, float], since_s: int) -> None:
    """Check each device's return; the power is back ``since_s`` before the first."""
    sun_w = powers.pop("solar")
    begun_s = {
        name: since_s
        + next(
            s
            for s, power_w in enumerate(each)
            if since_s + s > BY_ITSELF_S and abs(power_w) > DRAWS_W
        )
        for name, each in powers.items()
    }
    for name, at_s in begun_s.items():
        turn_s = turns[name]
        assert LEAST_S <= turn_s <= MOST_S
        latest_s = max(turn_s, RESTS_S if name == "heat_pump" else 0) + STARTS_S
        assert turn_s <= at_s <= latest_s, name
    drawing = [
        sum(at_s <= minute * MINUTE_S for at_s in begun_s.values())
        for minute in range(1, 9)
    ]
    assert drawing[0] == 0
    assert drawing[-1] == 4
    # The sun has come out by itself before it could be told: from there it rises.
    after_s = round(turns["solar"]) - since_s
    came_w = max(sun_w[: after_s + MINUTE_S // 2])
    for second, power_w in enumerate(sun_w[after_s:]):
        assert power_w <= came_w + RAMP_W * (second // MINUTE_S + 1) + OVER_W


@pytest.mark.timeout(300)
async def test_five_devices_come_back_one_after_the_other_with_a_new_start(
    play: Play,
) -> None:
    async with play(FIVE, meter="dsmr5") as it:
        plan(it)
        await it.until(lambda: it.draws("charger", 4830), within_s=90)
        it.befall(Fault.POWER_CUT, HOUSE, CUT_S)
        await it.die()
        await it.leap(CUT_S + BOOTS_S)
        it.grid_w.clear()
        await it.live_again("another run")
        plan(it, appliance=2000)
        # Until the meter's first telegram the power is taken to be back just now.
        since_s = BOOTS_S + await it.until(lambda: told(it) is not None, within_s=10)
        turns = turns_s(it)
        powers = await watched(it)
        assert_staggered(powers, turns, since_s)
        assert max(it.grid_w) <= FUSE_W + TREMBLES_W
        assert told(it) == "counted"


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("meter", "sign"), [("dsmr5", "counted"), ("belgium", "standstill")]
)
async def test_they_do_too_where_the_cem_lives_on_a_battery(
    play: Play, meter: str, sign: str
) -> None:
    async with play(FIVE, meter=meter) as it:
        plan(it)
        await it.until(lambda: it.draws("charger", 4830), within_s=90)
        it.befall(Fault.POWER_CUT, HOUSE, CUT_S)
        await it.leap(CUT_S)
        it.grid_w.clear()
        since_s = await it.until(lambda: told(it) is not None, within_s=30)
        assert told(it) == sign
        plan(it, appliance=2000)
        turns = turns_s(it)
        powers = await watched(it)
        assert_staggered(powers, turns, since_s)
        assert max(it.grid_w) <= FUSE_W + TREMBLES_W


async def test_a_crash_without_a_cut_delays_nothing(play: Play) -> None:
    async with play({Kind.EV_CHARGER: "ocpp 1.6"}, meter="dsmr5") as it:
        it.plan(ev_charger=at(Action.RUN, 4830))
        await it.run(60)
        await it.die()
        await it.live_again("another run")  # and the meter counted no failure
        it.plan(ev_charger=at(Action.RUN, 4830))
        await it.until(lambda: it.draws("charger", 4830), within_s=LEAST_S - 10)


@pytest.mark.parametrize("how", ["ocpp 1.6", "ocpp 2.0.1"])
async def test_a_station_charges_again_whose_session_the_cut_ended(
    play: Play, how: str
) -> None:
    async with play({Kind.EV_CHARGER: how}, meter="dsmr5") as it:
        it.plan(ev_charger=at(Action.RUN, 4830))
        await it.until(lambda: it.draws("charger", 4830), within_s=90)
        it.befall(Fault.POWER_CUT, HOUSE, CUT_S)
        await it.leap(CUT_S)
        it.plan(ev_charger=at(Action.RUN, 4830))
        await it.run(STARTS_S)
        await it.until(lambda: it.draws("charger", 4830), within_s=MOST_S + STARTS_S)
