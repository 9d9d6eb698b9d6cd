"""What a SunSpec battery gives out. Pure.

Models 714 and 802, github.com/sunspec/models (json/model_714.json, json/model_802.json).
A model of the whole inverter (103, 701) does not do: its power is also that of the roof.
"""

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Final

from cem_core.modbus.values import Value

type Said = Mapping[str, Value]

_ESS: Final = 2  # PrtTyp of a port with an energy storage system
_DISCHARGING, _CHARGING = 3, 4  # ChaSt


def by_ports(said: Said) -> Fraction | None:
    """Return what model 714's ports of a storage give out in W, less than 0: charging.

    A port's power is injected or absorbed as its energies `DCWhInj` and `DCWhAbs` are,
    so positive is what is injected. None: no port is that of a storage, or says it.
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

    The definition leaves the sign of `W` open ("flowing to/from the battery bank"):
    where `ChaSt` says charging or discharging, that is the direction; else positive is
    given out, as in SunSpec's models of inverters.
    """
    power_w = said.get("W")
    if not isinstance(power_w, Fraction):
        return None
    state = said.get("ChaSt")
    if state == _DISCHARGING:
        return abs(power_w)
    return -abs(power_w) if state == _CHARGING else power_w


# The first that is there and tells it counts.
STORAGE_POWERS: Final[Mapping[int, Callable[[Said], Fraction | None]]] = {
    714: by_ports,
    802: by_bank,
}
