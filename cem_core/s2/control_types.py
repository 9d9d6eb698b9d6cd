"""The control types that are spoken, the one that lets most be chosen first."""

from collections.abc import Callable, Mapping
from typing import Final

from s2python.common import ControlType

from cem_core.s2.control import Control, NewId
from cem_core.s2.ddbc import DemandDriven
from cem_core.s2.frbc import FillRate
from cem_core.s2.ombc import OperationModes
from cem_core.s2.pebc import PowerEnvelope
from cem_core.s2.ppbc import PowerProfile

OF_TYPE: Final[Mapping[ControlType, Callable[[NewId], Control]]] = {
    ControlType.FILL_RATE_BASED_CONTROL: FillRate,
    ControlType.DEMAND_DRIVEN_BASED_CONTROL: DemandDriven,
    ControlType.OPERATION_MODE_BASED_CONTROL: OperationModes,
    ControlType.POWER_PROFILE_BASED_CONTROL: PowerProfile,
    ControlType.POWER_ENVELOPE_BASED_CONTROL: PowerEnvelope,
}
# How the messages of each begin.
PREFIX: Final[Mapping[ControlType, str]] = {
    ControlType.FILL_RATE_BASED_CONTROL: "FRBC.",
    ControlType.DEMAND_DRIVEN_BASED_CONTROL: "DDBC.",
    ControlType.OPERATION_MODE_BASED_CONTROL: "OMBC.",
    ControlType.POWER_PROFILE_BASED_CONTROL: "PPBC.",
    ControlType.POWER_ENVELOPE_BASED_CONTROL: "PEBC.",
}
# What says anew what a device can do.
DESCRIPTIONS: Final = frozenset(
    (
        "DDBC.SystemDescription",
        "FRBC.SystemDescription",
        "OMBC.SystemDescription",
        "PEBC.EnergyConstraint",
        "PEBC.PowerConstraints",
    )
)
