"""The price columns: as SERIES tells them, or as the tariff of HOME makes them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cem_core.tariff import (
    ByPart,
    NoPriceError,
    energy_prices,
    net_metered,
    netting_periods,
)
from optimizer.document import InputError, Problem
from optimizer.home import Column, Home, SubConnection
from optimizer.home_energy import ExportTariff, ImportTariff
from optimizer.home_tariff import Tariff
from optimizer.horizon import Horizon
from optimizer.series import Numbers


def price_columns_needed(home: Home) -> Iterator[tuple[str, str]]:
    """Return the columns of SERIES that prices are made from, and for whom."""
    tariff = home.tariff
    if tariff.import_ is None:
        yield Column.IMPORT_PRICE, "every plan"
    if tariff.export is None:
        yield Column.EXPORT_PRICE, "every plan"
    for user, block in _blocks(home):
        if block.spot_series is not None:
            yield block.spot_series, user
        if isinstance(block, ImportTariff) and block.co2_series is not None:
            yield block.co2_series, user
    for sub in home.sub_connections:
        for name in (sub.import_series, sub.export_series):
            if name is not None:
                yield name, f"the sub-connection {sub.id}"


def _blocks(home: Home) -> Iterator[tuple[str, ImportTariff | ExportTariff]]:
    """Return what prices are made by, and where it stands."""
    places: list[tuple[str, Tariff | SubConnection]] = [("tariff", home.tariff)]
    for place, sub in enumerate(home.sub_connections):
        places.append((f"sub_connections[{place}]", sub))
    for where, each in places:
        if each.import_ is not None:
            yield f"{where}.import", each.import_
        if each.export is not None:
            yield f"{where}.export", each.export


def with_prices(
    home: Home, aligned: Mapping[str, Numbers], horizon: Horizon
) -> Mapping[str, Numbers]:
    """Return ``aligned`` with the prices of every meter. Raises `InputError`."""
    maker = _Maker(home, aligned, horizon)
    made = dict(maker.household())
    for place, sub in enumerate(home.sub_connections):
        made |= maker.sub(sub, f"sub_connections[{place}]")
    if home.tariff.netting_minutes is not None:
        periods = netting_periods(horizon.grid, home.tariff.netting_minutes)
        hours = horizon.hours
        made = {n: _means(prices, periods, hours) for n, prices in made.items()}
    return {**aligned, **made}


@dataclass(frozen=True, slots=True)
class _Maker:
    home: Home
    aligned: Mapping[str, Numbers]
    horizon: Horizon

    def household(self) -> Iterator[tuple[str, Numbers]]:
        """Return both price columns of the household's meter."""
        tariff = self.home.tariff
        bought: Sequence[ByPart] | None = None
        if tariff.import_ is None:
            prices = self.aligned[Column.IMPORT_PRICE]
        else:
            bought = self._prices(tariff.import_, "tariff.import")
            prices = _totals(bought)
        yield Column.IMPORT_PRICE, prices
        if tariff.export is None:
            yield Column.EXPORT_PRICE, self.aligned[Column.EXPORT_PRICE]
            return
        sold = self._prices(tariff.export, "tariff.export")
        if tariff.export.net_metering_until is not None:
            until = tariff.export.net_metering_until
            if bought is None:
                bought = [ByPart(energy=price) for price in prices.tolist()]
            sold = net_metered(sold, bought, self.horizon.grid, until)
        yield Column.EXPORT_PRICE, _totals(sold)

    def sub(self, sub: SubConnection, where: str) -> Mapping[str, Numbers]:
        """Return the price columns of a sub-connection."""
        made = {}
        if sub.import_ is not None:
            bought = self._prices(sub.import_, f"{where}.import")
            made[sub.import_column] = _totals(bought)
        if sub.import_series is not None:
            made[sub.import_column] = self.aligned[sub.import_series]
        if sub.export is not None:
            sold = self._prices(sub.export, f"{where}.export")
            made[sub.export_column] = _totals(sold)
        if sub.export_series is not None:
            made[sub.export_column] = self.aligned[sub.export_series]
        return made

    def _prices(
        self, block: ImportTariff | ExportTariff, where: str
    ) -> Sequence[ByPart]:
        co2 = block.co2_series if isinstance(block, ImportTariff) else None
        try:
            return energy_prices(
                block.tariff,
                self.horizon.grid,
                spot=self._column(block.spot_series),
                co2=self._column(co2),
                holidays=frozenset(self.home.tariff.holidays),
            )
        except NoPriceError as error:
            raise InputError([Problem(str(error), where)]) from error

    def _column(self, name: str | None) -> Numbers | None:
        return None if name is None else self.aligned[name]


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
