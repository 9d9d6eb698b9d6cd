"""What a power for a charger means to evcc: mode, largest current, phases.

In mode `now` evcc charges with the largest current, on the phases that are configured;
in mode `off` with none, whatever plan or price limit it has (`core/loadpoint.go`,
Update). Its smallest current is the charger's or the car's affair and is left alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import floor
from typing import Final

from cem_core.evcc.loadpoint import ChargeMode, Loadpoint

VOLTAGE_V: Final = 230
_GRAIN: Final = 10  # parts of an ampere: finer is not told
_EVCC_CHOOSES: Final = 0  # of phases


@dataclass(frozen=True, slots=True, kw_only=True)
class Charger:
    """What is said of the charger beside an order.

    A power is that of ``phases``. ``configured`` of them are to be switched to, None:
    that is evcc's own affair. Handed back it is in ``own_mode``, with
    ``max_current_a``.
    """

    max_current_a: float
    phases: int
    configured: int | None
    own_mode: ChargeMode


@dataclass(frozen=True, slots=True)
class Setting:
    """One `POST /api/loadpoints/<id>/<key>/<value>`."""

    key: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """How a loadpoint is to be; None: that does not matter."""

    mode: ChargeMode
    max_current_a: float | None
    phases_configured: int | None

    def settings(self, now: Loadpoint, *, all_of_it: bool = False) -> Iterator[Setting]:
        """Yield what is to be set where ``now`` differs, or ``all_of_it``.

        What draws less comes first. evcc looks at a changed mode and at the phases at
        once, at a current only in its next interval (30 s), so that the phases are told
        again where there is a smaller current.
        """
        stops = self.mode is ChargeMode.OFF
        mode = (
            (Setting("mode", self.mode),) if all_of_it or self.mode != now.mode else ()
        )
        if stops:
            yield from mode
        current_a, phases = self.max_current_a, self.phases_configured
        if current_a is not None and (all_of_it or current_a != now.max_current_a):
            yield Setting("maxcurrent", f"{current_a:g}")
        less = current_a is not None and current_a < now.max_current_a
        if phases is not None and (all_of_it or phases != now.phases_configured):
            yield Setting("phases", str(phases))
        elif less and not mode and (now.switches_phases or now.phases_configured):
            yield Setting("phases", str(now.phases_configured))
        if not stops:
            yield from mode

    def is_kept(self, now: Loadpoint) -> bool:
        """Tell whether ``now`` is as it is to be."""
        return not any(self.settings(now))


def held(now: Loadpoint, charger: Charger, power_w: float | None) -> Held:
    """Return how the loadpoint is to be to draw ``power_w``, at most.

    None: as evcc likes. Below its smallest current it is off.
    """
    switched = charger.configured if now.switches_phases else None
    if power_w is None:
        return Held(
            mode=charger.own_mode,
            max_current_a=charger.max_current_a,
            phases_configured=None if switched is None else _EVCC_CHOOSES,
        )
    ampere = min(power_w / (VOLTAGE_V * charger.phases), charger.max_current_a)
    ampere = floor(round(ampere * _GRAIN, 6)) / _GRAIN
    if ampere < now.min_current_a:
        return Held(mode=ChargeMode.OFF, max_current_a=None, phases_configured=None)
    return Held(mode=ChargeMode.NOW, max_current_a=ampere, phases_configured=switched)


def held_w(now: Loadpoint, phases: int) -> int | None:
    """Return the power that it is held at in W, None: evcc decides."""
    if now.mode is ChargeMode.OFF:
        return 0
    if now.mode is ChargeMode.NOW:
        return round(now.max_current_a * VOLTAGE_V * phases)
    return None
