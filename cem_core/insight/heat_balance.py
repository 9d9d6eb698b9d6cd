"""The free heat of a day that nothing tells of: people, the sun, hot water that ran off.

A house as one resistance and one capacitance, step by step as the backtest plays it::

    T[t+1] = T[t] + dt/C (heat[t] + missing - (T[t] - T_out[t]) / R)

It is linear in ``missing``: with that much the house, or the tank, ends as warm as it was measured,
so that what is played of another day's heating differs by the heating alone.
"""

from collections.abc import Sequence


def missing_gains_kw(
    *,
    initial_c: float,
    final_c: float,
    outdoor_c: Sequence[float],
    heat_kw: Sequence[float],
    resistance_k_per_kw: float,
    capacitance_kwh_per_k: float,
    step_h: float,
    shape: Sequence[float] | None = None,
) -> float:
    """Return the constant heat in kW, below zero where heat is lost somewhere.

    ``heat_kw`` is what is known: of the heat pump, the sun and inside. Of no step it is
    nothing at all. With a ``shape`` by step it is by how much that has to be taken, as
    of hot water that is drawn at certain hours.
    """
    per_kw = step_h / capacitance_kwh_per_k
    kept = 1 - per_kw / resistance_k_per_kw
    warm_c, k_per_kw = initial_c, 0.0
    shares = [1.0] * len(heat_kw) if shape is None else shape
    for outside_c, known_kw, share in zip(outdoor_c, heat_kw, shares, strict=True):
        warm_c = kept * warm_c + per_kw * (known_kw + outside_c / resistance_k_per_kw)
        k_per_kw = kept * k_per_kw + per_kw * share
    return (final_c - warm_c) / k_per_kw if k_per_kw else 0.0
