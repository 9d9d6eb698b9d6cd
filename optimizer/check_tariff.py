"""What two fields of the tariff say together: checks beyond their own bounds."""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from cem_core.tariff import BillingWindow
from cem_core.tariff.capacity_presets import CAPACITY_PRESETS
from optimizer.home_energy import ExportTariff, ImportTariff, PriceSheet
from optimizer.home_tariff import CapacityCharge, Tariff


def check_tariff(tariff: Tariff, step_minutes: int) -> Iterator[tuple[str, str]]:
    """Return the place and the text of what does not fit together."""
    netting = tariff.netting_minutes
    if netting is not None and netting > step_minutes and netting % step_minutes:
        text = f"{netting} is no multiple of step_minutes, {step_minutes}"
        yield "tariff.netting_minutes", text
    if tariff.import_ is not None:
        for name, text in check_import(tariff.import_):
            yield f"tariff.import{name}", text
    if tariff.export is not None:
        for name, text in check_export(tariff.export):
            yield f"tariff.export{name}", text
    for place, charge in enumerate(tariff.capacity):
        which = f"[{place}]" if len(tariff.capacity) > 1 else ""
        for name, text in check_capacity(charge):
            yield f"tariff.capacity{which}{name}", text


def check_capacity(charge: CapacityCharge) -> Iterator[tuple[str, str]]:
    """Return what does not fit in a capacity charge, by its field."""
    yield from _price(charge)
    if charge.peak_so_far_kw is not None and charge.peaks_so_far_kw:
        yield ".peak_so_far_kw", "is the short form of peaks_so_far_kw: give one"
    if charge.months_averaged > 1 and charge.window is not BillingWindow.MONTH:
        yield ".months_averaged", "needs window: month"
    if charge.months_averaged > 1 and charge.steps:
        text = "needs price_per_kw: what a peak adds to later bills depends on it alone"
        yield ".months_averaged", text


def _price(charge: CapacityCharge) -> Iterator[tuple[str, str]]:
    preset = CAPACITY_PRESETS.get(charge.preset or "")
    if charge.steps and charge.price_per_kw is not None:
        yield ".steps", "stands beside price_per_kw: give one"
    elif not charge.steps and charge.price_per_kw is None:
        yield "", "missing: price_per_kw, steps or a preset"
    elif preset and preset.needs and not getattr(charge, preset.needs):
        yield (
            ".preset",
            f"{charge.preset} needs {preset.needs}, which your contract says",
        )
    for place, (lower, upper) in enumerate(pairwise(charge.steps), start=1):
        where = f".steps[{place}]"
        if upper.up_to_kw <= lower.up_to_kw:
            text = f"must be above {lower.up_to_kw:g}, that of the step before"
            yield f"{where}.up_to_kw", text
        if upper.price < lower.price:
            text = f"must not be below {lower.price:g}, that of the step before"
            yield f"{where}.price", text


def check_import(bought: ImportTariff) -> Iterator[tuple[str, str]]:
    """Return what does not fit in what a kWh costs, by its field."""
    for name, sheet in (("supply", bought.supply), ("network", bought.network)):
        yield from _sheet(name, sheet)
    told = (bought.spot_series, bought.supply, bought.network)
    if told == (None, None, None) and not bought.surcharge_per_kwh + bought.tax_per_kwh:
        yield "", "says no price: give spot_series, supply, network or a surcharge"
    if bought.co2_price_per_kg and bought.co2_series is None:
        yield ".co2_price_per_kg", "needs co2_series, a column with kg per kWh"
    for place, (lower, upper) in enumerate(pairwise(bought.blocks), start=1):
        if lower.up_to_kwh is None:
            yield f".blocks[{place - 1}].up_to_kwh", "only the last block has no end"
        elif upper.up_to_kwh is not None and upper.up_to_kwh <= lower.up_to_kwh:
            text = f"must be above {lower.up_to_kwh:g}, that of the block before"
            yield f".blocks[{place}].up_to_kwh", text


def check_export(sold: ExportTariff) -> Iterator[tuple[str, str]]:
    """Return what does not fit in what a kWh brings, by its field."""
    yield from _sheet("supply", sold.supply)
    if not sold.paid_at_negative_spot and sold.spot_series is None:
        yield ".paid_at_negative_spot", "needs spot_series, the market price"


def _sheet(name: str, sheet: PriceSheet | None) -> Iterator[tuple[str, str]]:
    if sheet is None:
        return
    names = list(dict.fromkeys(period.name for period in sheet.periods))
    if not names:
        yield f".{name}", "missing: periods or a preset"
        return
    if missing := [each for each in names if each not in sheet.prices]:
        yield f".{name}.prices", f"missing: {', '.join(missing)}"
    for each in sheet.prices.keys() - set(names):
        text = f"{each!r} is no period; the periods are {', '.join(names)}"
        yield f".{name}.prices.{each}", text
    kinds = {period.day for period in sheet.periods} - {None}
    days = sheet.days or {}
    for kind in days.keys() - kinds:
        text = f"no period is for {kind!r} days"
        if kinds:
            text += f"; there are {', '.join(sorted(map(str, kinds)))}"
        yield f".{name}.days.{kind}", text
    dates = Counter(day for each in days.values() for day in set(each))
    for day, count in dates.items():
        if count > 1:
            yield f".{name}.days", f"{day} is of two kinds"
