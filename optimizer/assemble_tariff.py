"""The tariff of a home -> the couplings that price more than single steps."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import lru_cache

from cem_core.tariff import (
    CapacityTariff,
    WeighedPeriod,
    integration_periods,
    netting_periods,
    weigh,
)
from optimizer.component import Coupling
from optimizer.components.block_price import BlockPrice
from optimizer.components.capacity import Capacity
from optimizer.components.meter import Meter
from optimizer.home import Home
from optimizer.home_tariff import CapacityCharge, Tariff
from optimizer.horizon import Horizon, PerStep


def netted_steps(tariff: Tariff, horizon: Horizon) -> Sequence[Sequence[int]]:
    """Return the steps of each netting period, none where each step is billed."""
    if tariff.netting_minutes is None:
        return ()
    periods = netting_periods(horizon.grid, tariff.netting_minutes)
    return () if len(periods) == horizon.steps else periods


def tariff_couplings(
    tariff: Tariff, horizon: Horizon, most_import_kw: PerStep, meter: str | None
) -> Iterator[Coupling]:
    """Return what prices the home's peaks, at ``meter``, and the energy of a month."""
    for place, charge in enumerate(tariff.capacity):
        name, free = f"capacity charge {place}", tariff.holidays
        yield _charge(
            charge, horizon, most_import_kw, holidays=free, name=name, meter=meter
        )
    bought = tariff.import_
    if bought is not None and bought.blocks:
        yield BlockPrice(
            blocks=bought.energy_blocks,
            so_far_kwh=bought.imported_so_far_kwh,
            most_import_kw=most_import_kw,
        )


def sub_charges(
    given: Home, horizon: Horizon, meters: Sequence[Meter]
) -> Iterator[Coupling]:
    """Return what prices the peaks of sub-connections, each at its own meter."""
    bounds = {meter.id: meter.billing.most_import_kw for meter in meters}
    for sub in given.sub_connections:
        for place, charge in enumerate(sub.capacity):
            name, free = f"capacity charge {place} of {sub.id}", given.tariff.holidays
            yield _charge(
                charge, horizon, bounds[sub.id], holidays=free, name=name, meter=sub.id
            )


def _charge(
    charge: CapacityCharge,
    horizon: Horizon,
    most_import_kw: PerStep,
    *,
    holidays: Iterable[date],
    name: str,
    meter: str | None,
) -> Capacity:
    weighed = _weighed(
        charge.tariff, horizon, charge.open_period_kwh, frozenset(holidays)
    )
    return Capacity(
        tariff=charge.tariff,
        so_far=charge.so_far,
        weighed=weighed,
        most_import_kw=most_import_kw,
        name=name,
        meter=meter,
    )


@lru_cache(maxsize=8)  # a plan on new data has the same
def _weighed(
    tariff: CapacityTariff,
    horizon: Horizon,
    open_kwh: float | None,
    holidays: frozenset[date],
) -> Sequence[WeighedPeriod]:
    minutes = tariff.integration_minutes
    periods = integration_periods(horizon.grid, minutes, open_kwh)
    return tuple(weigh(tariff, periods, holidays))
