"""The only place where W meet kW.

Outside the optimiser power is in whole watts; inside it is in kW, because a
solver's tolerances are absolute and in W it stops early (docs/decisions).
"""

from collections.abc import Iterable
from typing import Final

W_PER_KW: Final = 1000


def kw(power_w: float) -> float:
    """Return ``power_w`` in kW (or an energy in Wh as kWh)."""
    return power_w / W_PER_KW


def w(power_kw: float) -> int:
    """Return ``power_kw`` in whole W (or an energy in kWh as Wh)."""
    return round(power_kw * W_PER_KW)


def all_w(powers_kw: Iterable[float]) -> tuple[int, ...]:
    """Return each of ``powers_kw`` in whole W."""
    return tuple(w(power_kw) for power_kw in powers_kw)
