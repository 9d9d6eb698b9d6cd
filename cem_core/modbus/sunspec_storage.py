"""What a SunSpec battery gives out. Pure.

Models 714 and 802, github.com/sunspec/models (json/model_714.json, json/model_802.json).
A model of the whole inverter (103, 701) does not do: its power is also that of the roof.

Neither definition says which way `DCW` and `W` count. Positive is given out: model 701
counts generation so ("positive for DER generation and negative for absorption"), model
704's setpoint too ("may be negative for charging"), and evcc reads 802's `W` so
(templates sunspec-battery-control and kostal-plenticore-gen2; b29b49e). A battery that
counts the other way is found out by what it was ordered: `Direction`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

from cem_core.modbus.values import Value

type Said = Mapping[str, Value]

_ESS: Final = 1  # PrtTyp of a port with an energy storage system
_DISCHARGING, _CHARGING = 3, 4  # ChaSt
_SETTLED_S: Final = 15.0  # so long an order may take to be followed
_EVERY_S: Final = 5.0
_LEAST_W: Final = 300
_NEAR: Final = 0.25  # of what was ordered: it follows
_SURE: Final = 3


def by_ports(said: Said) -> Fraction | None:
    """Return what model 714's ports of a storage give out in W, less than 0: charging.

    None: no port is that of a storage, or says it.
    """
    ports = (
        said.get(name.removesuffix("PrtTyp") + "DCW")
        for name, kind in said.items()
        if name.endswith(".PrtTyp") and kind == _ESS
    )
    powers_w = [power_w for power_w in ports if isinstance(power_w, Fraction)]
    return sum(powers_w, Fraction(0)) if powers_w else None


def by_bank(said: Said) -> Fraction | None:
    """Return what model 802's battery bank gives out in W, less than 0: charging.

    Where `ChaSt` says charging or discharging, that is the direction.
    """
    power_w = said.get("W")
    if not isinstance(power_w, Fraction):
        return None
    state = said.get("ChaSt")
    if state == _DISCHARGING:
        return abs(power_w)
    return -abs(power_w) if state == _CHARGING else power_w


def says_direction(said: Said) -> bool:
    """Tell whether a model says by itself which way the power flows."""
    return said.get("ChaSt") in (_DISCHARGING, _CHARGING)


@dataclass(slots=True)
class Direction:
    """Which way a battery counts its power, learned from what it was ordered.

    A battery that is held at a power from both sides and says that power for long with
    the other sign counts the other way. Powers are in W, positive into the battery.
    """

    turned: bool = False
    _ordered_w: int | None = field(default=None, init=False)
    _since_s: float = field(default=0.0, init=False)
    _looked_s: float = field(default=0.0, init=False)
    _against: int = field(default=0, init=False)

    def ordered(self, power_w: int | None, now_s: float) -> None:
        """Note that it was told to draw ``power_w``, None: what it likes."""
        before_w, self._ordered_w = self._ordered_w, power_w
        same = None not in (before_w, power_w) and _alike(before_w or 0, power_w or 0)
        if not same:
            self._since_s = self._looked_s = now_s
            self._against = 0

    def drawn_w(self, said_w: int, now_s: float) -> int:
        """Return what it draws when it says that it draws ``said_w``."""
        power_w = -said_w if self.turned else said_w
        if not self._follows(power_w, now_s) or _alike(power_w, self._ordered_w or 0):
            self._against = 0
        elif now_s - self._looked_s >= _EVERY_S:
            self._looked_s = now_s
            self._against += 1
        if self._against < _SURE:
            return power_w
        self.turned, self._against = not self.turned, 0
        return -power_w

    def _follows(self, power_w: int, now_s: float) -> bool:
        """Tell whether it has had its time and is at what was ordered, either way."""
        ordered_w = abs(self._ordered_w or 0)
        if ordered_w < _LEAST_W or now_s - self._since_s < _SETTLED_S:
            return False
        return abs(abs(power_w) - ordered_w) <= _NEAR * ordered_w


def _alike(one_w: int, other_w: int) -> bool:
    return (one_w > 0) is (other_w > 0) and (one_w < 0) is (other_w < 0)


# The first that is there and tells it counts.
STORAGE_POWERS: Final[Mapping[int, Callable[[Said], Fraction | None]]] = {
    714: by_ports,
    802: by_bank,
}
