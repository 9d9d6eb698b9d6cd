"""Capacity tariffs as they are published: data, each with its source and date.

Prices change yearly and differ by operator: a preset is the model and a price
of its day, and any field given beside it goes first.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from cem_core.tariff.calendar import when
from cem_core.tariff.capacity import CapacityTariff, PeakLevel, PeakMask


@dataclass(frozen=True, slots=True, kw_only=True)
class CapacityPreset:
    """A tariff, whose it is, since when, and where that stands.

    ``needs`` names a field that only the contract of a home can tell.
    """

    tariff: CapacityTariff
    currency: str
    valid_from: date
    source: str
    needs: str = ""


def _levels(*rows: tuple[float, float]) -> tuple[PeakLevel, ...]:
    return tuple(PeakLevel(up_to_kw=kw, price=price) for kw, price in rows)


CAPACITY_PRESETS: Final[Mapping[str, CapacityPreset]] = {
    # Quarter-hour peak of a month, at least 2.5 kW, mean of twelve; the price is
    # the Flemish mean, 53.39 EUR per kW and year before VAT of 6 %, a twelfth a month.
    # The eight areas are between 49.05 and 57.10.
    "belgium_flanders": CapacityPreset(
        tariff=CapacityTariff(
            integration_minutes=15,
            price_per_kw=53.39 * 1.06 / 12,
            floor_kw=2.5,
            months_averaged=12,
        ),
        currency="EUR",
        valid_from=date(2026, 1, 1),
        source="https://www.vlaamsenutsregulator.be/elektriciteit-en-aardgas/"
        "nettarieven/capaciteitstarief",
    ),
    # Mean of the three highest hours on three days; the sums are Elvia's, the
    # largest operator, a month with 25 % VAT. Others have other sums.
    "norway": CapacityPreset(
        tariff=CapacityTariff(
            integration_minutes=60,
            top=3,
            distinct_days=True,
            levels=_levels(
                (2, 150),
                (5, 250),
                (10, 420),
                (15, 585),
                (20, 755),
                (25, 925),
                (50, 1760),
                (75, 2600),
                (100, 3440),
                (1000, 6800),
            ),
        ),
        currency="NOK",
        valid_from=date(2026, 7, 1),
        source="https://www.elvia.no/nettleie/alt-om-nettleiepriser/nettleie-pris/",
    ),
    # Half the power counts from 22 to 6. Houses up to 63 A pay it no more since
    # 1 June 2026; it is here for bills before that.
    "sweden_ellevio": CapacityPreset(
        tariff=CapacityTariff(
            integration_minutes=60,
            top=3,
            distinct_days=True,
            price_per_kw=81.25,
            masks=(
                PeakMask(when=when(hours="22-6"), weight=0.5),
                PeakMask(weight=1.0),
            ),
        ),
        currency="SEK",
        valid_from=date(2025, 1, 1),
        source="https://www.ellevio.se/abonnemang/elnatspriser-privat/",
    ),
    "sweden_goteborg_energi": CapacityPreset(
        tariff=CapacityTariff(
            integration_minutes=60, top=3, distinct_days=True, price_per_kw=49.0
        ),
        currency="SEK",
        valid_from=date(2026, 1, 1),
        source="https://www.goteborgenergi.se/privat/elnat/elnatsavgiften",
    ),
    # The three highest hours of working days from 7 to 19, on different days; the
    # price doubles from November to March, here as a weight.
    "sweden_sollentuna": CapacityPreset(
        tariff=CapacityTariff(
            integration_minutes=60,
            top=3,
            distinct_days=True,
            price_per_kw=72.5,
            masks=(
                PeakMask(
                    when=when(months="11-3", weekdays="1-5", hours="7-19"), weight=2.0
                ),
                PeakMask(
                    when=when(months="4-10", weekdays="1-5", hours="7-19"), weight=1.0
                ),
            ),
        ),
        currency="SEK",
        valid_from=date(2026, 1, 1),
        source="https://www.seom.se/elnat/priser-och-villkor/sa-funkar-effektavgiften/",
    ),
    # Winter working days from 6 to 20 alone; the price is not published yet.
    "sweden_falkenberg": CapacityPreset(
        tariff=CapacityTariff(
            integration_minutes=60,
            top=3,
            distinct_days=True,
            masks=(PeakMask(when=when(months="11-3", weekdays="1-5", hours="6-20")),),
        ),
        currency="SEK",
        valid_from=date(2026, 7, 1),
        source="https://www.falkenberg-energi.se/elnat/effektavgifter/",
        needs="price_per_kw",
    ),
    # What a quarter hour exceeds the contracted power by (`floor_kw`) costs twice
    # the excess price a month, where a maximum-demand meter and not a breaker
    # watches it: Circular 3/2020 of the CNMC, article 9; 1.4064 EUR per kW.
    "spain": CapacityPreset(
        tariff=CapacityTariff(integration_minutes=15, price_per_kw=2 * 1.4064),
        currency="EUR",
        valid_from=date(2021, 6, 1),
        source="https://gl.support.somenergia.coop/article/"
        "1092-custo-da-potencia-e-dos-excesos-de-potencia-para-tarifas-entre-15-e-50-kw",
        needs="floor_kw",
    ),
}
