"""The tariff of a home -> the couplings that price more than single steps."""

from collections.abc import Iterator

from cem_core.tariff import integration_periods, weigh
from optimizer.component import Coupling
from optimizer.components.block_price import BlockPrice
from optimizer.components.capacity import Capacity
from optimizer.home_tariff import Tariff
from optimizer.horizon import Horizon, PerStep


def tariff_couplings(
    tariff: Tariff, horizon: Horizon, most_import_kw: PerStep
) -> Iterator[Coupling]:
    """Return what prices peaks and the energy of a month."""
    for place, charge in enumerate(tariff.capacity):
        periods = integration_periods(
            horizon.start,
            horizon.step,
            horizon.steps,
            charge.integration_minutes,
            horizon.zone,
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
