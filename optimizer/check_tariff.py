"""What two fields of the tariff say together: checks beyond their own bounds."""

from collections.abc import Iterator
from itertools import pairwise

from cem_core.tariff import BillingWindow
from cem_core.tariff.capacity_presets import CAPACITY_PRESETS
from optimizer.home_tariff import CapacityCharge, Tariff


def check_tariff(tariff: Tariff) -> Iterator[tuple[str, str]]:
    """Return the place and the text of what does not fit together."""
    if tariff.capacity is not None:
        for name, text in _capacity(tariff.capacity):
            yield f"tariff.capacity{name}", text


def _capacity(charge: CapacityCharge) -> Iterator[tuple[str, str]]:
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
