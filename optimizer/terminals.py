"""What a battery's kWh is on the home's side of it.

Behind a hybrid inverter the battery's powers are direct current, and what it takes
from the sun beside it would have lost something on its way to the home.
"""

from dataclasses import dataclass

import numpy as np

from optimizer.home import Battery, Solar
from optimizer.outcome import Outcome
from optimizer.series import Numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Terminals:
    """By kWh charged or discharged, 1 each without an inverter."""

    reaches_home: float  # of a kWh discharged
    bought: float  # for a kWh charged from the home
    unsold: float  # for a kWh of surplus charged
    sold_price: Numbers  # what a kWh of surplus would bring else; clipped: nothing
    from_home_kw: Numbers  # what the charge draws from the home


def terminals(device: Battery, outcome: Outcome, sold: Numbers) -> Terminals:
    """Return those of ``device``, where a kWh sold brings ``sold``."""
    home, inverter = outcome.home, outcome.home.inverter_of(device.id)
    if inverter is None:
        return Terminals(
            reaches_home=1.0,
            bought=1.0,
            unsold=1.0,
            sold_price=sold,
            from_home_kw=outcome.values(outcome.block(device.id).charge),
        )
    bought = 1 / inverter.to_dc_efficiency
    given, taken = outcome.converted_kw(inverter)
    if not any(isinstance(d, Solar) and d.id in inverter.devices for d in home.devices):
        unsold = bought
    else:
        unsold = inverter.to_ac_efficiency
        duals = outcome.duals(outcome.compiled.model.part[inverter.block].bus)
        apart = np.array([duals[t] for t in outcome.horizon.index])
        # What is produced behind it counts in the home's balance and on the bus.
        worth = outcome.node_price + apart / outcome.horizon.hours
        sold = np.minimum(sold, worth / unsold)
    return Terminals(
        reaches_home=inverter.to_ac_efficiency,
        bought=bought,
        unsold=unsold,
        sold_price=sold,
        from_home_kw=np.maximum(taken - given, 0.0),
    )
