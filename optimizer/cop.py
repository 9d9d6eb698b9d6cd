"""The COP of a heat pump from outdoor and flow temperature.

A share of Carnot's: COP = quality T_flow / (T_flow - T_outdoor), in kelvin; from 1
to `max_cop`.
"""

from typing import Final

import numpy as np

from optimizer.home import CopCurve
from optimizer.series import Numbers

_ZERO_C: Final = 273.15
_LEAST_LIFT_K: Final = 1.0  # a flow no warmer than outdoors: the most it reaches


def flow_c(curve: CopCurve, outdoor_c: Numbers) -> Numbers:
    """Return the flow temperature that the heating curve asks for."""
    outdoor = [point.outdoor_c for point in curve.heating_curve]
    flow = [point.flow_c for point in curve.heating_curve]
    return np.interp(outdoor_c, outdoor, flow)


def cop(curve: CopCurve, outdoor_c: Numbers, flow_c: Numbers | float) -> Numbers:
    """Return heat / electricity by step."""
    lift_k = np.maximum(flow_c - outdoor_c, _LEAST_LIFT_K)
    carnot = (np.asarray(flow_c) + _ZERO_C) / lift_k
    limited: Numbers = np.clip(curve.quality * carnot, 1.0, curve.max_cop)
    return limited
