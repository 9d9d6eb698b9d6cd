r"""A building as three resistances and two heat capacities (3R2C).

            outdoor
           /       \\
      air_out     mass_out        air:  what a thermometer shows
         |           |            mass: walls and floors
        air -air_mass- mass

C_air  dT_air/dt  = (T_out - T_air)/R_ao + (T_mass - T_air)/R_am + heat_air
C_mass dT_mass/dt = (T_out - T_mass)/R_mo + (T_air - T_mass)/R_am + heat_mass
"""

from dataclasses import dataclass
from typing import Self

SECONDS_PER_HOUR = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildingParameters:
    """Resistances in K/W, capacities in Wh/K.

    ``heat_to_mass`` is the share of heating and gains that goes into the
    mass first: much with floor heating, little with radiators.
    """

    air_out_k_per_w: float
    air_mass_k_per_w: float
    mass_out_k_per_w: float
    air_wh_per_k: float
    mass_wh_per_k: float
    heat_to_mass: float = 0.6

    @classmethod
    def like(cls, *, resistance_k_per_w: float, capacitance_wh_per_k: float) -> Self:
        """Return a building that from afar looks like one R and one C.

        Half of the loss goes through air and windows, half through the mass.
        """
        r = resistance_k_per_w
        return cls(
            air_out_k_per_w=2 * r,
            air_mass_k_per_w=0.1 * r,
            mass_out_k_per_w=1.9 * r,
            air_wh_per_k=0.1 * capacitance_wh_per_k,
            mass_wh_per_k=0.9 * capacitance_wh_per_k,
        )


@dataclass(slots=True, kw_only=True)
class Building:
    """The building as it is now; ``lost_wh`` is what has gone outdoors."""

    parameters: BuildingParameters
    air_c: float
    mass_c: float
    lost_wh: float = 0.0

    def step(self, seconds: float, *, heat_w: float, outdoor_c: float) -> None:
        """Let ``seconds`` pass with ``heat_w`` from heating, sun and people."""
        p = self.parameters
        hours = seconds / SECONDS_PER_HOUR
        out_of_air_w = (self.air_c - outdoor_c) / p.air_out_k_per_w
        out_of_mass_w = (self.mass_c - outdoor_c) / p.mass_out_k_per_w
        to_air_w = (self.mass_c - self.air_c) / p.air_mass_k_per_w
        heat_mass_w = p.heat_to_mass * heat_w
        air_w = heat_w - heat_mass_w + to_air_w - out_of_air_w
        mass_w = heat_mass_w - to_air_w - out_of_mass_w
        self.air_c += air_w * hours / p.air_wh_per_k
        self.mass_c += mass_w * hours / p.mass_wh_per_k
        self.lost_wh += (out_of_air_w + out_of_mass_w) * hours

    @property
    def stored_wh(self) -> float:
        """Heat stored above 0 degrees Celsius."""
        p = self.parameters
        return p.air_wh_per_k * self.air_c + p.mass_wh_per_k * self.mass_c
