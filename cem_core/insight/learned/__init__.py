"""Models of the home that are learned from its own history, pure.

Each is a frozen dataclass of bounded parameters with start values and a
function `learn_…(samples, prior) -> Learned`. docs/learning.md explains them.
"""

from cem_core.insight.learned.battery import BatteryModel, BatterySample, learn_battery
from cem_core.insight.learned.building import (
    ThermalModel,
    ThermalSample,
    learn_building,
)
from cem_core.insight.learned.car import CarHabits, Session, learn_car
from cem_core.insight.learned.cop import (
    CopModel,
    CopSample,
    cop_from_building,
    learn_cop,
)
from cem_core.insight.learned.dwelling import Dwelling, DwellingKind
from cem_core.insight.learned.hot_water import (
    HotWaterDraw,
    HotWaterSample,
    learn_hot_water,
)
from cem_core.insight.learned.learned import (
    Learned,
    LearnedError,
    learned_from_json,
    learned_to_json,
)

__all__ = [
    "BatteryModel",
    "BatterySample",
    "CarHabits",
    "CopModel",
    "CopSample",
    "Dwelling",
    "DwellingKind",
    "HotWaterDraw",
    "HotWaterSample",
    "Learned",
    "LearnedError",
    "Session",
    "ThermalModel",
    "ThermalSample",
    "cop_from_building",
    "learn_battery",
    "learn_building",
    "learn_car",
    "learn_cop",
    "learn_hot_water",
    "learned_from_json",
    "learned_to_json",
]
