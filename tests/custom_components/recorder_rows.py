"""Rows of statistics, put into the recorder as if it had compiled them."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from homeassistant.components.recorder.db_schema import Statistics, StatisticsShortTerm
from homeassistant.components.recorder.models import (
    StatisticData,
    StatisticMeanType,
    StatisticMetaData,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.recorder import get_instance

HOUR = timedelta(hours=1)


def import_means(
    hass: HomeAssistant,
    statistic_id: str,
    start: datetime,
    step: timedelta,
    means: Iterable[float],
    *,
    unit: str = "W",
    unit_class: str = "power",
) -> None:
    """Put means into the table of ``step``: of hours, or of five minutes."""
    metadata = StatisticMetaData(
        mean_type=StatisticMeanType.ARITHMETIC,
        has_sum=False,
        name=None,
        source="recorder",
        statistic_id=statistic_id,
        unit_class=unit_class,
        unit_of_measurement=unit,
    )
    rows = [
        StatisticData(start=start + n * step, mean=mean) for n, mean in enumerate(means)
    ]
    _import(hass, metadata, rows, step)


def import_sums(
    hass: HomeAssistant,
    statistic_id: str,
    start: datetime,
    step: timedelta,
    sums: Iterable[float],
    *,
    unit: str = "kWh",
    unit_class: str = "energy",
) -> None:
    """Put a counter's sums into the table of ``step``."""
    metadata = StatisticMetaData(
        mean_type=StatisticMeanType.NONE,
        has_sum=True,
        name=None,
        source="recorder",
        statistic_id=statistic_id,
        unit_class=unit_class,
        unit_of_measurement=unit,
    )
    rows = [
        StatisticData(start=start + n * step, state=value, sum=value)
        for n, value in enumerate(sums)
    ]
    _import(hass, metadata, rows, step)


def _import(
    hass: HomeAssistant,
    metadata: StatisticMetaData,
    rows: Iterable[StatisticData],
    step: timedelta,
) -> None:
    table = Statistics if step == HOUR else StatisticsShortTerm
    get_instance(hass).async_import_statistics(metadata, rows, table)
