"""What is said of a standby that rose, and of a day that used far more."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Final

from cem_core.insight.unusual import (
    HOURS_A_YEAR,
    Day,
    RisenStandby,
    UnusualDay,
    more_since,
)
from cem_core.model import Message
from cem_core.model.units import kw

# A device that explains less of it than this is not named.
_NAMED_FROM: Final = 0.5

type Appliances = Mapping[str, Sequence[Day]]


def say_standby(
    found: RisenStandby,
    until: date,
    appliances: Appliances,
    price_per_kwh: float | None,
    currency: str,
) -> Message:
    """Return since when, by how much, what a year of it costs, which device, what to do."""
    year_kwh = round(kw(round(found.more_w * HOURS_A_YEAR)))
    said = Message.of(
        "standby_rose",
        days=(until - found.since).days + 1,
        standby_w=round(found.standby_w),
        usual_w=round(found.usual_w),
        more_w=round(found.more_w),
        year_kwh=str(year_kwh),
    )
    if price_per_kwh is not None:
        cost = year_kwh * price_per_kwh
        said = said.then(Message.of("standby_costs", year_cost=cost, currency=currency))
    named = _most(appliances, found.since, found.more_w, lambda day: day.base_w)
    if named is None:
        return said.then(Message.of("standby_look_for"))
    device, more_w = named
    return said.then(
        Message.of("standby_of_device", device=device, more_w=round(more_w))
    )


def say_day(
    found: UnusualDay,
    appliances: Appliances,
    price_per_kwh: float | None,
    currency: str,
) -> Message:
    """Return how much more was used, what it cost, by which device, what to do."""
    more_kwh = kw(round(found.more_wh))
    said = Message.of(
        "unusual_day",
        energy_kwh=kw(round(found.energy_wh)),
        usual_kwh=kw(round(found.usual_wh)),
    )
    if price_per_kwh is not None:
        cost = more_kwh * price_per_kwh
        said = said.then(
            Message.of("unusual_day_costs", more_cost=cost, currency=currency)
        )
    named = _most(appliances, found.day, found.more_wh, lambda day: day.energy_wh)
    if named is None:
        return said.then(Message.of("unusual_day_look_for"))
    device, more_wh = named
    return said.then(
        Message.of("unusual_day_of_device", device=device, more_kwh=kw(round(more_wh)))
    )


def _most(
    appliances: Appliances,
    since: date,
    of: float,
    measure: Callable[[Day], float],
) -> tuple[str, float] | None:
    """Return the device that rose most, with how much, if that is the most part."""
    rose = {
        name: more
        for name, days in appliances.items()
        if (more := more_since(days, since, measure)) is not None
    }
    if not rose:
        return None
    device = max(rose, key=lambda name: rose[name])
    return (device, rose[device]) if rose[device] >= _NAMED_FROM * of else None
