"""SunSpec's controls: limits that the device itself ends when nobody renews them.

Models 123 (immediate controls), 124 (storage) and 704 (DER AC controls). Each order
sets the revert timer with it, so a dead CEM leaves no limit behind for longer than that.
Source: SunSpec Inverter Control and Storage Models; DER Information Model 1.2.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from cem_core.modbus.encoding import encode
from cem_core.modbus.error import ModbusError
from cem_core.modbus.register_map import Register
from cem_core.modbus.values import Value

_WHOLE: Final = Fraction(100)  # percent
_LIMIT_CHARGE: Final = 1  # bits of StorCtl_Mod
_LIMIT_DISCHARGE: Final = 2


class ControlError(ModbusError):
    """An order that this device cannot take."""


@dataclass(frozen=True, slots=True)
class Write:
    """Words that go out in one request."""

    address: int
    words: tuple[int, ...]

    @property
    def end(self) -> int:
        """The address after its last word."""
        return self.address + len(self.words)

    def part(self, address: int, length: int) -> Write:
        """Return the ``length`` words of it from ``address`` on."""
        at = address - self.address
        return Write(address, self.words[at : at + length])


@dataclass(slots=True, kw_only=True)
class Revert:
    """When an order with a revert timer must be renewed.

    Half of the time is left for failures to be tried again.
    """

    revert_s: int
    sent_at_s: float | None = None

    def due(self, now_s: float) -> bool:
        """Tell whether it is time to send the order again."""
        return self.sent_at_s is None or now_s - self.sent_at_s >= self.revert_s / 2

    def over(self, now_s: float) -> bool:
        """Tell whether the device may have ended the order by itself."""
        return self.sent_at_s is None or now_s - self.sent_at_s >= self.revert_s

    def sent(self, now_s: float) -> None:
        """Note that the device took the order."""
        self.sent_at_s = now_s


def reverts(said: Mapping[str, Value]) -> bool:
    """Tell whether the device ends a limit of its output by itself."""
    return any(name in said for name in ("WMaxLimPct_RvrtTms", "WMaxLimPctRvrtTms"))


def limit_output(
    points: Mapping[str, Register],
    said: Mapping[str, Value],
    *,
    limit_w: Fraction,
    max_w: Fraction,
    revert_s: int,
) -> tuple[Write, ...]:
    """Return the writes that limit a device's output to ``limit_w`` for ``revert_s``.

    ``points`` are those of model 123 or 704, ``said`` what they say now (for the scale
    factor), ``max_w`` the device's WMax (model 121 or 702). After the time it returns
    to no limit, if it `reverts`; else the limit stays until it is released. Raises
    ControlError when the device has no such control.
    """
    if max_w <= 0:
        raise ControlError("the device says no highest power; no limit can be set")
    percent = min(_WHOLE, max(Fraction(0), limit_w / max_w * _WHOLE))
    if "WMaxLimPct_RvrtTms" in points:
        orders = {
            "WMaxLimPct": percent,
            "WMaxLimPct_RvrtTms": Fraction(revert_s),
            "WMaxLim_Ena": Fraction(1),
        }
    else:
        orders = {
            "WMaxLimPct": percent,
            "WMaxLimPctRvrtTms": Fraction(revert_s),
            "WMaxLimPctEnaRvrt": Fraction(0),
            "WMaxLimPctEna": Fraction(1),
        }
    return _writes(points, said, orders)


def release_output(
    points: Mapping[str, Register], said: Mapping[str, Value]
) -> tuple[Write, ...]:
    """Return the write that ends a limit of the output at once."""
    name = "WMaxLim_Ena" if "WMaxLim_Ena" in points else "WMaxLimPctEna"
    return _writes(points, said, {name: Fraction(0)})


def limit_storage(
    points: Mapping[str, Register],
    said: Mapping[str, Value],
    *,
    charge_w: Fraction | None,
    discharge_w: Fraction | None,
    revert_s: int,
) -> tuple[Write, ...]:
    """Return the writes that limit charge and discharge of model 124.

    None is no limit. A negative limit forces the other direction: at most -2 kW of
    discharge is at least 2 kW of charge. Rates are percent of WChaMax, which the device
    must say (the model has no point for the highest discharge power). Both go out in
    one write: between two opposite orders the new one of one side and the old one of
    the other would leave no power at all. Raises ControlError when the device does not
    say WChaMax.
    """
    max_w = said.get("WChaMax")
    if not isinstance(max_w, Fraction) or max_w <= 0:
        raise ControlError("the battery says no highest charge power")
    mode = (_LIMIT_CHARGE if charge_w is not None else 0) | (
        _LIMIT_DISCHARGE if discharge_w is not None else 0
    )
    orders: dict[str, Fraction] = {}
    for name, limit_w in (("OutWRte", discharge_w), ("InWRte", charge_w)):
        if limit_w is not None:
            orders[name] = max(-_WHOLE, min(_WHOLE, limit_w / max_w * _WHOLE))
    bounds = _writes(points, said, orders)
    switches = {
        "InOutWRte_RvrtTms": Fraction(revert_s),
        "StorCtl_Mod": Fraction(mode),
    }
    return (*_joined(bounds), *_writes(points, said, switches))


def _joined(writes: tuple[Write, ...]) -> tuple[Write, ...]:
    """Return as few writes as there are runs of registers without a gap."""
    found: list[Write] = []
    for write in sorted(writes, key=lambda each: each.address):
        if found and found[-1].end == write.address:
            last = found.pop()
            found.append(Write(last.address, last.words + write.words))
        else:
            found.append(write)
    return tuple(found)


def _writes(
    points: Mapping[str, Register],
    said: Mapping[str, Value],
    orders: Mapping[str, Fraction],
) -> tuple[Write, ...]:
    """Return a write for each order, in that order: what switches on comes last."""
    found = []
    for name, value in orders.items():
        if "Rvrt" in name and name not in said:
            continue  # not implemented here
        register = points.get(name)
        if register is None:
            raise ControlError(f"the device has no {name}")
        found.append(Write(register.address, _words(register, said, value)))
    return tuple(found)


def _words(
    register: Register, said: Mapping[str, Value], value: Fraction
) -> tuple[int, ...]:
    """Return the words, rounded to the step nearer to 0."""
    power = 0
    if register.scale_register is not None:
        scale = said.get(register.scale_register)
        if not isinstance(scale, Fraction):
            raise ControlError(f"the device does not say {register.scale_register}")
        power = int(scale)
    count = Fraction(int(value / Fraction(10) ** power))
    return tuple(encode(count, register.encoding, length=register.length))
