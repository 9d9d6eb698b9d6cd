"""The tariff of a home -> the couplings that price more than single steps."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

from cem_core.tariff import integration_periods, netting_periods, weigh
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
    if timedelta(minutes=tariff.netting_minutes) <= horizon.step:
        return ()
    return netting_periods(horizon.grid, tariff.netting_minutes)


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
    periods = integration_periods(
        horizon.start,
        horizon.step,
        horizon.steps,
        charge.integration_minutes,
        horizon.zone,
    )
    return Capacity(
        tariff=charge.tariff,
        so_far=charge.so_far,
        weighed=weigh(charge.tariff, periods, frozenset(holidays)),
        most_import_kw=most_import_kw,
        name=name,
        meter=meter,
    )
