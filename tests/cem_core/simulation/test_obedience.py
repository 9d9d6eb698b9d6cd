"""The simulated home, commanded by dispatch: a charger that is late or deaf."""

import pytest

from cem_core.devices import Reaction, ReactionWatch
from cem_core.dispatch import DispatchSettings, Memory, Rung, dispatch
from cem_core.model import (
    Device,
    DeviceKind,
    DeviceState,
    Direction,
    LimitsInForce,
    LimitSource,
    PowerLimit,
    Reading,
    Scope,
)
from cem_core.simulation.faults import Fault, Order
from cem_core.simulation.home import Home
from cem_core.simulation.orders import obey

_PHASES_V = 3 * 230


def charger(reaction: Reaction, *, contactor: bool) -> Device:
    return Device(
        device_id="charger",
        name="Charger",
        kind=DeviceKind.EV_CHARGER,
        rated_power_w=16 * _PHASES_V,
        min_power_w=6 * _PHASES_V,
        step_w=_PHASES_V,
        reaction_s=reaction.seconds,
        ramp_w_per_s=reaction.ramp_w_per_s,
        has_contactor=contactor,
    )


class Commanded:
    """A simulated home whose charger alone is commanded, second by second."""

    def __init__(self, home: Home, *, contactor: bool = False) -> None:
        self.home = home
        self.contactor = contactor
        self.reaction = Reaction()
        self.memory = Memory()
        self.limits = LimitsInForce()
        self.powers_w: list[float] = []
        self.rungs: list[Rung] = []
        self._watch = ReactionWatch(both_ways=False)
        assert home.charger is not None
        self.charger = home.charger
        self.charger.car.plug_in(home.now)

    def limit(self, limit_w: int) -> None:
        limit = PowerLimit(
            limit_id="operator",
            source=LimitSource.ORDER,
            issuer="grid operator",
            direction=Direction.IMPORT,
            scope=Scope.CONTROLLABLE,
            limit_w=limit_w,
        )
        self.limits = LimitsInForce({(limit.direction, limit.scope): limit})
        self.powers_w = []

    def run(self, seconds: int) -> None:
        for _ in range(seconds):
            self._second()

    def _second(self) -> None:
        home, charger_ = self.home, self.charger
        home.step()
        self.powers_w.append(charger_.power_w)
        at_s = home.now.timestamp()
        device = charger(self.reaction, contactor=self.contactor)
        state = DeviceState(
            device_id="charger",
            time=home.now,
            power_w=round(charger_.power_w),
            connected=True,
            cut=not charger_.supplied,
        )
        net_w = round(home.grid_power_w)
        done = dispatch(
            now=home.now,
            monotonic_s=at_s,
            reading=Reading(
                format="dsmr",
                import_power_w=max(0, net_w),
                export_power_w=max(0, -net_w),
            ),
            limits=self.limits,
            plan=None,
            devices=[device],
            states={"charger": state},
            settings=DispatchSettings(),
            memory=self.memory,
        )
        self.memory = done.memory
        (order,) = done.setpoints
        ordered_w = order.power_w or 0
        followed = self._watch.update(at_s, ordered_w, round(charger_.power_w))
        if followed is not None and charger_.supplied:
            self.reaction = self.reaction.with_one(followed)
        held = done.memory.insisted.get("charger")
        if held is not None and held.rung not in {None, *self.rungs}:
            assert held.rung is not None
            self.rungs.append(held.rung)
        self._carry_out(ordered_w, cut=held is not None and held.cut)

    def _carry_out(self, ordered_w: int, *, cut: bool) -> None:
        home, amperes = self.home, ordered_w // _PHASES_V
        if (amperes > 0) is not self.charger.enabled:
            obey(home, "charger", "enabled", "ON" if amperes else "OFF")
        if amperes and amperes != self.charger.current_limit_a:
            obey(home, "charger", "current", str(amperes))
        if cut is self.charger.supplied:
            obey(home, "contactor", "contactor", "OFF" if cut else "ON")


def befall(home: Home, fault: Fault, seconds: float = 3600) -> None:
    home.befall(Order(fault=fault, device="charger", seconds=seconds))


def test_a_deaf_charger_is_cut_and_has_its_supply_back_when_the_limit_ends(
    home: Home,
) -> None:
    played = Commanded(home, contactor=True)
    played.run(30)
    assert played.charger.power_w > 10_000
    befall(home, Fault.STUCK, 60)
    played.limit(4200)
    played.run(60)
    assert played.rungs[0] is Rung.REPEAT
    assert played.rungs[-1] is Rung.CONTACTOR
    assert played.powers_w[-1] == 0
    assert max(played.powers_w[35:]) <= 4200 * 1.02
    played.limits = LimitsInForce()
    played.run(5)
    assert played.charger.supplied
    played.run(300)
    assert played.charger.power_w > 10_000


def test_a_late_charger_is_found_out_and_then_bridged(home: Home) -> None:
    played = Commanded(home)
    played.run(30)
    befall(home, Fault.LATE)
    played.limit(8000)
    played.run(80)
    assert played.reaction.seconds == pytest.approx(31, abs=3)
    played.limits = LimitsInForce()
    played.contactor = True
    played.run(400)
    assert played.charger.power_w > 10_000
    played.limit(4300)
    played.run(300)
    # Cut 5 s after the order; then it runs at what it was ordered.
    assert max(played.powers_w[8:]) <= 4300 * 1.02
    assert played.charger.supplied


def test_what_a_late_charger_cannot_do_it_leaves(home: Home) -> None:
    befall(home, Fault.LATE)
    obey(home, "charger", "current", "99")
    for _ in range(40):
        home.step()
    assert home.charger is not None
    assert home.charger.current_limit_a == 16
    assert home.late == []
