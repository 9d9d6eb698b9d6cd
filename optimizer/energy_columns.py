"""The price columns: as SERIES tells them, or as the tariff of HOME makes them."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from cem_core.tariff import (
    ByPart,
    NoPriceError,
    energy_prices,
    net_metered,
    netting_periods,
)
from optimizer.document import InputError, Problem
from optimizer.home import Column, Home
from optimizer.horizon import Horizon
from optimizer.series import Numbers


def price_columns_needed(home: Home) -> Iterator[tuple[str, str]]:
    """Return the columns of SERIES that prices are made from, and for whom."""
    tariff = home.tariff
    for column, block, user in (
        (Column.IMPORT_PRICE, tariff.import_, "tariff.import"),
        (Column.EXPORT_PRICE, tariff.export, "tariff.export"),
    ):
        if block is None:
            yield column, "every plan"
        elif block.spot_series is not None:
            yield block.spot_series, user
    if tariff.import_ is not None and tariff.import_.co2_series is not None:
        yield tariff.import_.co2_series, "tariff.import"


def with_prices(
    home: Home, aligned: Mapping[str, Numbers], horizon: Horizon
) -> Mapping[str, Numbers]:
    """Return ``aligned`` with both price columns. Raises `InputError`."""
    tariff, holidays = home.tariff, frozenset(home.tariff.holidays)
    grid = horizon.grid

    def column(name: str | None) -> Numbers | None:
        return None if name is None else aligned[name]

    prices = dict(aligned)
    bought: Sequence[ByPart] = ()
    where = "tariff.import"
    try:
        if tariff.import_ is not None:
            bought = energy_prices(
                tariff.import_.tariff,
                grid,
                spot=column(tariff.import_.spot_series),
                co2=column(tariff.import_.co2_series),
                holidays=holidays,
            )
            prices[Column.IMPORT_PRICE] = _totals(bought)
        else:
            bought = [ByPart(energy=float(p)) for p in prices[Column.IMPORT_PRICE]]
        where = "tariff.export"
        if tariff.export is not None:
            sold = energy_prices(
                tariff.export.tariff,
                grid,
                spot=column(tariff.export.spot_series),
                holidays=holidays,
            )
            if tariff.export.net_metering_until is not None:
                until = tariff.export.net_metering_until
                sold = net_metered(sold, bought, grid, until)
            prices[Column.EXPORT_PRICE] = _totals(sold)
    except NoPriceError as error:
        raise InputError([Problem(str(error), where)]) from error
    if tariff.netting_minutes is not None:
        periods = netting_periods(grid, tariff.netting_minutes)
        for name in (Column.IMPORT_PRICE, Column.EXPORT_PRICE):
            prices[name] = _means(prices[name], periods, horizon.hours)
    return prices


def _means(
    prices: Numbers, periods: Sequence[Sequence[int]], hours: Numbers
) -> Numbers:
    """Return one price a period, its mean: what is netted has no time within it."""
    means = prices.copy()
    for steps in periods:
        part = list(steps)
        means[part] = np.average(prices[part], weights=hours[part])
    return means


def _totals(prices: Sequence[ByPart]) -> Numbers:
    return np.array([price.total for price in prices], float)
