"""What a backtest is asked for."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum


class Policy(StrEnum):
    """Who decides."""

    PLAN = "plan"
    SELF_CONSUMPTION = "self_consumption"
    PEAK_SHAVING = "peak_shaving"
    NONE = "none"


class Foresight(StrEnum):
    """What is known of loads, production and weather to come."""

    PERFECT = "perfect"
    NAIVE = "naive"
    LEARNED = "learned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """``start`` and ``end`` absent: the first and the last row of SERIES.

    Tomorrow's prices are known from ``prices_known_from`` on the home's clock;
    ``every`` is how often is planned again.
    """

    start: datetime | None = None
    end: datetime | None = None
    forecast: Foresight = Foresight.LEARNED
    policy: Policy = Policy.PLAN
    prices_known_from: time = time(13)
    know_current_step: bool = False
    every: timedelta = timedelta(hours=1)
