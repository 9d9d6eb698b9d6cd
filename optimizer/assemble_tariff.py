"""The tariff of a home -> the couplings that price more than single steps."""

from collections.abc import Iterator, Sequence

from cem_core.tariff import integration_periods, netting_periods, weigh
from optimizer.component import Coupling
from optimizer.components.block_price import BlockPrice
from optimizer.components.capacity import Capacity
from optimizer.home_tariff import Tariff
from optimizer.horizon import Horizon, PerStep


def netted_steps(tariff: Tariff, horizon: Horizon) -> Sequence[Sequence[int]]:
    """Return the steps of each netting period, none where each step is billed."""
    if tariff.netting_minutes is None:
        return ()
    periods = netting_periods(horizon.grid, tariff.netting_minutes)
    return () if len(periods) == horizon.steps else periods


def tariff_couplings(
    tariff: Tariff, horizon: Horizon, most_import_kw: PerStep
) -> Iterator[Coupling]:
    """Return what prices peaks and the energy of a month."""
    for place, charge in enumerate(tariff.capacity):
        periods = integration_periods(
            horizon.grid, charge.integration_minutes, charge.open_period_kwh
        )
        yield Capacity(
            tariff=charge.tariff,
            so_far=charge.so_far,
            weighed=weigh(charge.tariff, periods, frozenset(tariff.holidays)),
            most_import_kw=most_import_kw,
            name=f"capacity charge {place}",
        )
    bought = tariff.import_
    if bought is not None and bought.blocks:
        yield BlockPrice(
            blocks=bought.energy_blocks,
            so_far_kwh=bought.imported_so_far_kwh,
            most_import_kw=most_import_kw,
        )
