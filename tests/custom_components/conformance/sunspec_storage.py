"""SunSpec batteries: told by model 124, read by model 802, or by models 713 and 714."""

from typing import Any, ClassVar, Final

from cem_core.modbus.sunspec import Model, points
from custom_components.cem.const import Kind
from tests.cem_core.modbus.served import Words, holding
from tests.cem_core.transport.test_sunspec_device import inverter, models
from tests.custom_components.conformance.modbus import Modbus

_MOST_W: Final = 5000
_NO_POWER_W: Final = 1_000_000.0
_BOTH: Final = 3  # StorCtl_Mod: charge and discharge are bounded
_STORAGE_PORT, _ROOF_PORT = 1, 0  # PrtTyp
_SAID: Final = {"WChaMax": _MOST_W, "InOutWRte_SF": -2, "WMax": 8000}


class SunSpecStorage(Modbus):
    """A battery of 5 kW whose model 124 bounds it from both sides."""

    kind = Kind.BATTERY
    known = "sunspec"
    powers_w: tuple[int, ...] = (5000, 1200, 0, -1200, -5000)
    step_w = 1.0
    more: ClassVar[dict[str, Any]] = {}
    lengths: ClassVar[dict[int, int]]

    @property
    def other(self) -> tuple[int, int]:  # type: ignore[override] # where it is, differs
        """The bound of charging, as another master sets it."""
        return points(self.model(124))["InWRte"].address, 1234

    def model(self, number: int) -> Model:
        """Return where a model of it is."""
        return models(self.lengths)[number]

    def put(self, number: int, **said: int) -> Words:
        """Return the words of points of one model."""
        found = points(self.model(number))
        words: Words = {}
        for name, value in said.items():
            # A point of a repeating group: Prt_1_DCW is Prt.1.DCW.
            register = found[name if name in found else name.replace("_", ".")]
            words |= holding(register.address, [value & 0xFFFF])
        return words

    def words(self) -> Words:
        """Return its models; nothing is bounded."""
        return inverter(_SAID, self.lengths) | self.shown(0)

    @property
    def told_w(self) -> float | None:
        """The power that both bounds come to, None where they are off."""
        at = points(self.model(124))
        if self.word(at["StorCtl_Mod"].address) != _BOTH:
            return None
        rates = [self._signed(at[name].address) for name in ("InWRte", "OutWRte")]
        charge_w, discharge_w = (rate * _MOST_W / 10_000 for rate in rates)
        # Bounds that contradict each other are no power.
        return charge_w if charge_w == -discharge_w else _NO_POWER_W

    def _signed(self, address: int) -> int:
        word = self.word(address)
        return word - 0x10000 if word & 0x8000 else word


class ByBank(SunSpecStorage):
    """One of the older models: its bank's power is positive both ways."""

    lengths: ClassVar = {1: 66, 103: 50, 124: 24, 802: 62}

    def shown(self, power_w: int) -> Words:
        """Return model 802 with what it draws."""
        charging = 4 if power_w > 0 else 3
        return self.put(802, W=abs(power_w), ChaSt=charging, SoC=50)


class ByPorts(SunSpecStorage):
    """A hybrid inverter of the newer models: the roof is on its first port."""

    lengths: ClassVar = {1: 66, 124: 24, 713: 7, 714: 18 + 2 * 25}

    def shown(self, power_w: int) -> Words:
        """Return model 714 with what the battery's port absorbs."""
        return self.put(713, SoC=50) | self.put(
            714,
            NPrt=2,
            Prt_1_PrtTyp=_ROOF_PORT,
            Prt_1_DCW=2500,
            Prt_2_PrtTyp=_STORAGE_PORT,
            Prt_2_DCW=-power_w,
        )
