"""A heat pump's hot water over EEBUS, both ends in memory."""

import pytest

from cem_core.eebus.home import Naming
from cem_core.eebus.hot_water import HotWater
from cem_core.eebus.peer import Peer, PeerRole
from cem_core.eebus.ship import Action, Send
from cem_core.simulation.eebus_consumer import HEAT_PUMP, Consumer
from cem_core.simulation.eebus_hot_water import HotWaterCircuit
from tests.cem_core.eebus.ends import End, Turned


class Linked:
    """The CEM and a heat pump with a tank, and a clock that is turned."""

    def __init__(self, circuit: HotWaterCircuit) -> None:
        self.time, self.circuit = Turned(), circuit
        consumer = Consumer(
            system=End(time=self.time).system,
            clock=self.time.clock,
            types=HEAT_PUMP,
            power_w=lambda: 0.0,
            hot_water=circuit,
        )
        home = consumer.home(Naming(brand="Demo", model="Pump", serial="1"))
        self.ends = {
            "cem": End(time=self.time).peer(PeerRole.DEVICE),
            "pump": Peer(
                home,
                role=PeerRole.CONTROL_BOX,
                client=False,
                trusted=True,
                peer_ship_id=None,
            ),
        }
        for name in ("pump", "cem"):
            self.carry(name, self.ends[name].start(0.0))
        self.wait(5)

    @property
    def water(self) -> HotWater:
        return self.ends["cem"].hot_water

    def carry(self, name: str, actions: list[Action]) -> None:
        other = "pump" if name == "cem" else "cem"
        for action in actions:
            if isinstance(action, Send):
                now_s = self.time.now_s
                self.carry(other, self.ends[other].receive(action.message, now_s))

    def warm(self, wished_c: float | None) -> None:
        self.carry("cem", self.ends["cem"].warm(wished_c, self.time.now_s))
        self.wait(3)

    def wait(self, length_s: float) -> None:
        for _ in range(round(length_s)):
            self.time.now_s += 1
            for name, peer in self.ends.items():
                self.carry(name, peer.tick(self.time.now_s))


def test_its_temperatures_are_seen_and_left_alone_by_themselves() -> None:
    linked = Linked(HotWaterCircuit())
    assert (linked.water.water_c, linked.water.set_c) == (48.0, 50.0)
    linked.wait(120)
    assert linked.circuit.set_c == {1: 50.0, 2: 40.0}
    linked.circuit.water_c = 46.5
    linked.wait(20)
    assert linked.water.water_c == 46.5


def test_that_of_the_mode_it_is_in_is_set_within_its_range() -> None:
    linked = Linked(HotWaterCircuit())
    linked.warm(55.0)
    assert linked.circuit.set_c == {1: 55.0, 2: 40.0}
    assert (linked.water.set_c, linked.water.refused) == (55.0, None)
    linked.warm(70.0)
    assert linked.circuit.set_c[1] == 60.0
    linked.circuit.mode = 2
    linked.wait(90)
    assert linked.circuit.set_c == {1: 60.0, 2: 60.0}
    linked.warm(None)
    linked.circuit.set_c[2] = 42.0  # somebody else's
    linked.wait(120)
    assert linked.circuit.set_c[2] == 42.0


def test_what_somebody_else_sets_is_set_again_while_it_is_planned() -> None:
    linked = Linked(HotWaterCircuit())
    linked.warm(55.0)
    linked.circuit.set_c[1] = 45.0
    linked.wait(90)
    assert linked.circuit.set_c[1] == 55.0


@pytest.mark.parametrize("mode", [3, 0])
def test_one_that_cannot_be_told_apart_is_not_written(mode: int) -> None:
    """In a mode of its own, off perhaps, no set temperature counts."""
    linked = Linked(HotWaterCircuit(mode=mode))
    linked.warm(55.0)
    assert linked.circuit.set_c == {1: 50.0, 2: 40.0}
    assert linked.water.set_c is None


def test_once_set_it_is_left_to_whoever_sets_it() -> None:
    linked = Linked(HotWaterCircuit())
    linked.warm(55.0)
    pump = linked.ends["cem"]
    linked.carry("cem", pump.warm(50.0, linked.time.now_s, once=True))
    linked.wait(3)
    assert linked.circuit.set_c[1] == 50.0
    linked.circuit.set_c[1] = 47.0
    linked.wait(120)
    assert linked.circuit.set_c[1] == 47.0


def test_a_heat_pump_without_a_tank_has_no_word_of_it() -> None:
    linked = Linked(HotWaterCircuit(set_c={}))
    linked.warm(55.0)
    assert linked.water.set_c is None
