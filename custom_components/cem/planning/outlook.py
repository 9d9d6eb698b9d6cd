"""Everything that is foretold for a plan, and what of it the worker is told."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cem_core.model import Series
from cem_core.tariff import PeaksSoFar
from custom_components.cem.planning.house_load import HouseLoad
from custom_components.cem.planning.prices import Prices
from custom_components.cem.planning.steps import Steps

type Json = dict[str, Any]
type Columns = dict[str, list[float]]  # by name, a number for each step


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """Everything that is foretold for a plan."""

    steps: Steps
    prices: Prices
    load: HouseLoad
    present_load_w: float | None
    solar: Mapping[str, Series] = field(default_factory=dict)
    outdoor: Mapping[str, Series] = field(default_factory=dict)
    heating: Mapping[str, Series] = field(default_factory=dict)
    walls_apart_k: Mapping[str, float] = field(default_factory=dict)
    peaks: PeaksSoFar | None = None  # of a tariff by the hour
