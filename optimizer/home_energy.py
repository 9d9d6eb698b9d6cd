"""`tariff.import` and `tariff.export` of HOME.yaml: what a kWh costs or brings.

Where a block is absent its price column of SERIES holds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from cem_core.tariff import (
    Calendar,
    EnergyBlock,
    EnergyTariff,
    HourSpan,
    MonthSpan,
    Period,
    TimeOfUse,
    WeekdaySpan,
    When,
    YearDay,
)
from cem_core.tariff.calendar_presets import CALENDAR_PRESETS
from optimizer.fields import described


@dataclass(frozen=True, slots=True, kw_only=True)
class PricePeriod:
    """A named part of the year; what is absent is not asked about."""

    name: str = described("what its price is found by")
    months: tuple[MonthSpan, ...] = described("as 11, or 11-3", ())
    weekdays: tuple[WeekdaySpan, ...] = described("1 is Monday; or mon, mon-fri", ())
    hours: tuple[HourSpan, ...] = described("6 is 6:00-7:00; or 6-20, 22:30-6", ())
    day: str | None = described("only on days of this kind, as red", None)
    summer_time: bool | None = described(
        "only while the clock is on summer time, or false: while it is not", None
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceSheet:
    """A calendar of periods and their prices; the first that holds counts."""

    preset: str | None = described(
        "fills what is absent, by a law or an operator",
        None,
        names=tuple(CALENDAR_PRESETS),
    )
    periods: tuple[PricePeriod, ...] = described("in order; the first that holds", ())
    prices: Mapping[str, float] = described("currency per kWh by period, before VAT")
    days: Mapping[str, tuple[date, ...]] | None = described(
        "dates by their kind of day, as the colours of Tempo", None
    )
    other_days: str | None = described("kind of the dates not named", None)
    day_start_hour: int = described("a kind of day begins at", 0, minimum=0, maximum=23)
    daylight_saving: bool = described("the meter's clock changes in summer", True)
    yearly_holidays: tuple[YearDay, ...] = described(
        "as 12-25: count as a Sunday every year", ()
    )
    easter_holidays: tuple[int, ...] = described(
        "days after Easter Sunday that count as a Sunday: 1 is its Monday",
        (),
        minimum=-60,
        maximum=70,
    )

    @staticmethod
    def preset_values(name: str, given: set[str]) -> dict[str, object]:
        """Return the fields of a preset that ``given`` ones leave in force."""
        del given
        calendar = CALENDAR_PRESETS[name].calendar
        return {
            "periods": tuple(map(_period, calendar.periods)),
            "other_days": calendar.other_days or None,
            "day_start_hour": calendar.day_start_hour,
            "daylight_saving": calendar.daylight_saving,
            "yearly_holidays": calendar.yearly_holidays,
            "easter_holidays": calendar.easter_holidays,
        }

    @property
    def time_of_use(self) -> TimeOfUse:
        """What the engine prices by."""
        return TimeOfUse(
            calendar=Calendar(
                periods=tuple(
                    Period(
                        name=p.name,
                        when=When(
                            months=p.months,
                            weekdays=p.weekdays,
                            hours=p.hours,
                            summer_time=p.summer_time,
                        ),
                        day=p.day,
                    )
                    for p in self.periods
                ),
                yearly_holidays=self.yearly_holidays,
                easter_holidays=self.easter_holidays,
                other_days=self.other_days or "",
                day_start_hour=self.day_start_hour,
                daylight_saving=self.daylight_saving,
            ),
            prices=self.prices,
            days={
                day: kind for kind, dates in (self.days or {}).items() for day in dates
            },
        )


def _period(period: Period) -> PricePeriod:
    when = period.when
    return PricePeriod(
        name=period.name,
        months=when.months,
        weekdays=when.weekdays,
        hours=when.hours,
        day=period.day,
        summer_time=when.summer_time,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthBlock:
    """A price for the kWh of a month up to a total."""

    up_to_kwh: float | None = described(
        "total of the month that it ends at; absent: none", None, above=0
    )
    price_per_kwh: float = described("currency per kWh, VAT included", minimum=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportTariff:
    """What a kWh bought costs: (energy + network + tax) x (1 + VAT)."""

    spot_series: str | None = described(
        "column of SERIES with the market price per kWh", None
    )
    spot_factor: float = described("market price times this", 1.0)
    surcharge_per_kwh: float = described("the supplier's, before VAT", 0.0)
    cap_per_kwh: float | None = described(
        "most that the supplier asks, surcharge in, before VAT; absent: any", None
    )
    supply: PriceSheet | None = described("the supplier's time of use", None)
    network: PriceSheet | None = described("the grid fee's time of use", None)
    tax_per_kwh: float = described("taxes and levies, before VAT", 0.0)
    co2_series: str | None = described("column with the grid's kg CO2 per kWh", None)
    co2_price_per_kg: float = described("currency per kg CO2, before VAT", 0.0)
    vat_share: float = described("0.21 is 21 %", 0.0, minimum=0, maximum=1)
    blocks: tuple[MonthBlock, ...] = described(
        "added by the total of the calendar month, in order", ()
    )
    imported_so_far_kwh: float = described(
        "of the running month, for blocks", 0.0, minimum=0
    )

    @property
    def tariff(self) -> EnergyTariff:
        """What the engine prices by."""
        return EnergyTariff(
            spot_factor=self.spot_factor,
            supply=None if self.supply is None else self.supply.time_of_use,
            network=None if self.network is None else self.network.time_of_use,
            surcharge_per_kwh=self.surcharge_per_kwh,
            cap_per_kwh=self.cap_per_kwh,
            tax_per_kwh=self.tax_per_kwh,
            co2_price_per_kg=self.co2_price_per_kg,
            vat_share=self.vat_share,
        )

    @property
    def energy_blocks(self) -> tuple[EnergyBlock, ...]:
        """The blocks as the engine counts them."""
        return tuple(
            EnergyBlock(up_to_kwh=b.up_to_kwh, price_per_kwh=b.price_per_kwh)
            for b in self.blocks
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportTariff:
    """What a kWh sold brings."""

    spot_series: str | None = described(
        "column of SERIES with the market price per kWh", None
    )
    spot_factor: float = described("market price times this; 0 for a fixed price", 1.0)
    supply: PriceSheet | None = described("the buyer's time of use", None)
    surcharge_per_kwh: float = described("added; a feed-in fee is below 0", 0.0)
    vat_share: float = described("0.21 is 21 %", 0.0, minimum=0, maximum=1)
    paid_at_negative_spot: bool = described(
        "false: spot and supply bring nothing below zero (EEG section 51)", True
    )
    net_metering_until: date | None = described(
        "before this local date a kWh sold brings what one bought costs", None
    )

    @property
    def tariff(self) -> EnergyTariff:
        """What the engine prices by."""
        return EnergyTariff(
            spot_factor=self.spot_factor,
            supply=None if self.supply is None else self.supply.time_of_use,
            surcharge_per_kwh=self.surcharge_per_kwh,
            vat_share=self.vat_share,
            paid_at_negative_spot=self.paid_at_negative_spot,
        )
