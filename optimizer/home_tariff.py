"""The `tariff` of HOME.yaml: what its fields mean, and the engine's view of it."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from cem_core.tariff import (
    BillingWindow,
    CapacityTariff,
    HourSpan,
    MonthSpan,
    PeakLevel,
    PeakMask,
    PeaksSoFar,
    WeekdaySpan,
    When,
)
from cem_core.tariff.capacity_presets import CAPACITY_PRESETS
from optimizer.fields import described
from optimizer.home_energy import ExportTariff, ImportTariff


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeLevel:
    """A fixed sum a window for peaks up to a power, that power included."""

    up_to_kw: float = described("highest peak of the level", minimum=0)
    price: float = described("currency a window", minimum=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mask:
    """How much a mean counts in a part of the year; absent: in all of it."""

    months: tuple[MonthSpan, ...] = described("as 11, or 11-3", ())
    weekdays: tuple[WeekdaySpan, ...] = described("1 is Monday; or mon, mon-fri", ())
    hours: tuple[HourSpan, ...] = described("6 is 6:00-7:00; or 6-20, 22:30-6", ())
    weight: float = described("what its means are multiplied by", 1.0, minimum=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class CapacityCharge:
    """A price on the highest clock-aligned mean imports of a month or a year."""

    preset: str | None = described(
        "fills what is absent, by the tariff of an operator",
        None,
        names=tuple(CAPACITY_PRESETS),
    )
    integration_minutes: int = described(
        "length of the mean", 15, allowed=(5, 10, 15, 30, 60)
    )
    top: int = described(
        "the peak is the mean of so many highest", 1, minimum=1, maximum=1000
    )
    distinct_days: bool = described("of each day only its highest counts", False)
    window: BillingWindow = described("what a peak is billed for", BillingWindow.MONTH)
    price_per_kw: float | None = described(
        "currency per kW of a window's peak", None, minimum=0
    )
    steps: tuple[ChargeLevel, ...] = described("or a fixed sum by level", ())
    floor_kw: float = described("least that is billed", 0.0, minimum=0)
    peaks_so_far_kw: tuple[float, ...] = described(
        "weighted peaks of the first window before the start", (), minimum=0
    )
    peak_so_far_kw: float | None = described(
        "short form for a single one", None, minimum=0
    )
    first_day_peak_kw: float | None = described(
        "highest of the first day before the start, where days count once",
        None,
        minimum=0,
    )
    months_averaged: int = described(
        "a bill is on the mean of so many months", 1, minimum=1, maximum=120
    )
    masks: tuple[Mask, ...] = described(
        "the first that holds weighs a mean, 0 where none does; absent: all count 1",
        (),
    )

    @staticmethod
    def preset_values(name: str, given: set[str]) -> dict[str, object]:
        """Return the fields of a preset that ``given`` ones leave in force."""
        tariff = CAPACITY_PRESETS[name].tariff
        values: dict[str, object] = {
            "integration_minutes": tariff.integration_minutes,
            "top": tariff.top,
            "distinct_days": tariff.distinct_days,
            "window": tariff.window,
            "floor_kw": tariff.floor_kw,
            "months_averaged": tariff.months_averaged,
            "masks": tuple(map(_mask, tariff.masks)),
        }
        if not given & {"price_per_kw", "steps"}:
            if tariff.levels:
                values["steps"] = tuple(map(_level, tariff.levels))
            else:
                values["price_per_kw"] = tariff.price_per_kw
        return values

    @property
    def tariff(self) -> CapacityTariff:
        """What the engine bills by."""
        return CapacityTariff(
            integration_minutes=self.integration_minutes,
            top=self.top,
            distinct_days=self.distinct_days,
            window=self.window,
            price_per_kw=0.0 if self.price_per_kw is None else self.price_per_kw,
            levels=tuple(
                PeakLevel(up_to_kw=s.up_to_kw, price=s.price) for s in self.steps
            ),
            floor_kw=self.floor_kw,
            months_averaged=self.months_averaged,
            masks=tuple(
                PeakMask(
                    when=When(months=m.months, weekdays=m.weekdays, hours=m.hours),
                    weight=m.weight,
                )
                for m in self.masks
            ),
        )

    @property
    def so_far(self) -> PeaksSoFar:
        """What was measured in the first window before the start."""
        single = () if self.peak_so_far_kw is None else (self.peak_so_far_kw,)
        return PeaksSoFar(
            peaks_kw=self.peaks_so_far_kw + single, first_day_kw=self.first_day_peak_kw
        )


def _mask(mask: PeakMask) -> Mask:
    when = mask.when
    return Mask(
        months=when.months,
        weekdays=when.weekdays,
        hours=when.hours,
        weight=mask.weight,
    )


def _level(level: PeakLevel) -> ChargeLevel:
    return ChargeLevel(up_to_kw=level.up_to_kw, price=level.price)


class MeteredPhases(StrEnum):
    """Whether a meter adds up its phases before it counts."""

    SUMMED = "summed"
    EACH = "each"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tariff:
    """What is not in the price columns of SERIES."""

    currency: str = described("ISO 4217 code", "EUR")
    import_: ImportTariff | None = described(
        "what a kWh costs; absent: import_price of SERIES", None
    )
    export: ExportTariff | None = described(
        "what a kWh brings; absent: export_price of SERIES", None
    )
    capacity: tuple[CapacityCharge, ...] = described(
        "peak charge, or a list of several; absent: none", (), one_or_more=True
    )
    netting_minutes: int | None = described(
        "import and export are billed net in such periods; absent: in each step",
        None,
        allowed=(15, 30, 60),
    )
    metered_phases: MeteredPhases = described(
        "each: the meter counts import and export of every phase apart",
        MeteredPhases.SUMMED,
    )
    holidays: tuple[date, ...] = described("dates that count as a Sunday", ())
