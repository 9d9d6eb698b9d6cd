"""From market prices and price sheets to what one kWh costs or brings, by part."""

from collections.abc import Sequence, Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime
from math import gcd
from typing import Self

from cem_core.tariff.integration import Powers
from cem_core.tariff.time_grid import TimeGrid
from cem_core.tariff.time_of_use import TimeOfUse


@dataclass(frozen=True, slots=True, kw_only=True)
class ByPart:
    """Money by part, per kWh or in all."""

    energy: float = 0.0
    network: float = 0.0
    tax: float = 0.0
    vat: float = 0.0

    @property
    def total(self) -> float:
        """All parts together."""
        return self.energy + self.network + self.tax + self.vat

    def __add__(self, other: Self) -> ByPart:
        return ByPart(
            energy=self.energy + other.energy,
            network=self.network + other.network,
            tax=self.tax + other.tax,
            vat=self.vat + other.vat,
        )

    def __mul__(self, factor: float) -> ByPart:
        return ByPart(
            energy=self.energy * factor,
            network=self.network * factor,
            tax=self.tax * factor,
            vat=self.vat * factor,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class EnergyTariff:
    """A contract's formula, all prices in currency per kWh before VAT.

    (spot x factor + supply + surcharge, network, tax + CO2) x (1 + VAT).

    What is exported has the same formula with a negative surcharge (the
    supplier's margin or a feed-in fee), no tax and, for a household, no VAT.
    ``cap_per_kwh`` is the most that the supplier asks, its surcharge in.
    Without ``paid_at_negative_spot`` spot and supply bring nothing while the
    market price is below zero (EEG 2023 section 51, plants since 2025-02-25).
    """

    spot_factor: float = 1.0
    supply: TimeOfUse | None = None
    network: TimeOfUse | None = None
    surcharge_per_kwh: float = 0.0
    tax_per_kwh: float = 0.0
    co2_price_per_kg: float = 0.0
    vat_share: float = 0.0
    paid_at_negative_spot: bool = True
    cap_per_kwh: float | None = None

    def at(
        self,
        local: datetime,
        *,
        spot_per_kwh: float = 0.0,
        co2_kg_per_kwh: float = 0.0,
        holidays: AbstractSet[date] = frozenset(),
    ) -> ByPart:
        """Return the price at a time on the local clock. Raises `NoPriceError`."""
        paid = spot_per_kwh * self.spot_factor
        if self.supply is not None:
            paid += self.supply.price(local, holidays)
        if spot_per_kwh < 0 and not self.paid_at_negative_spot:
            paid = 0.0
        energy = paid + self.surcharge_per_kwh
        if self.cap_per_kwh is not None:
            energy = min(energy, self.cap_per_kwh)
        network = 0.0
        if self.network is not None:
            network = self.network.price(local, holidays)
        tax = self.tax_per_kwh + self.co2_price_per_kg * co2_kg_per_kwh
        vat = self.vat_share * (energy + network + tax)
        return ByPart(energy=energy, network=network, tax=tax, vat=vat)

    @property
    def grain_minutes(self) -> int:
        """The longest span that divides every boundary in its calendars."""
        sheets = (sheet for sheet in (self.supply, self.network) if sheet is not None)
        return gcd(24 * 60, *(sheet.calendar.grain_minutes for sheet in sheets))


def energy_prices(
    tariff: EnergyTariff,
    grid: TimeGrid,
    *,
    spot: Powers | None = None,
    co2: Powers | None = None,
    holidays: AbstractSet[date] = frozenset(),
) -> Sequence[ByPart]:
    """Return the mean price in each step of ``grid``. Raises `NoPriceError`.

    ``spot`` is the market price per kWh, ``co2`` the grid's kg per kWh, by step.
    """
    prices = []
    for t, times in enumerate(grid.samples(tariff.grain_minutes)):
        found = [
            tariff.at(
                local,
                spot_per_kwh=0.0 if spot is None else spot[t],
                co2_kg_per_kwh=0.0 if co2 is None else co2[t],
                holidays=holidays,
            )
            for local in times
        ]
        prices.append(found[0] if len(found) == 1 else _mean(found))
    return prices


def _mean(found: Sequence[ByPart]) -> ByPart:
    total = ByPart()
    for each in found:
        total += each
    return total * (1 / len(found))


def net_metered(
    exported: Sequence[ByPart],
    imported: Sequence[ByPart],
    grid: TimeGrid,
    until: date,
) -> Sequence[ByPart]:
    """Return export prices where before ``until`` a kWh out takes off one in.

    So long as no more is exported than imported in the settlement year, which
    a plan of days cannot see.
    """
    return [
        bought if grid.local(t).date() < until else sold
        for t, (sold, bought) in enumerate(zip(exported, imported, strict=True))
    ]


def energy_bill(prices: Sequence[ByPart], powers_kw: Powers, hours: float) -> ByPart:
    """Return what ``powers_kw`` in steps of ``hours`` cost or bring, by part."""
    total = ByPart()
    for t, price in enumerate(prices):
        total += price * (powers_kw[t] * hours)
    return total
