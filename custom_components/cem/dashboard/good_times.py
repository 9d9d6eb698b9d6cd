"""When it is good to use energy and when it is not, also for what nothing can control."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any, Final

from homeassistant.util import dt as dt_util

from cem_core.insight.price_level import PriceLevel
from cem_core.model import Message
from cem_core.model.message_json import message_to_json
from cem_core.model.units import w
from custom_components.cem.home import Home
from custom_components.cem.language import home_clock, renderer

_AHEAD: Final = timedelta(hours=24)
# A kettle is more; below it the forecast errs more than there is.
_LEAST_SURPLUS_KW: Final = 0.1

type Json = dict[str, Any]
type Span = tuple[datetime, datetime]


def good_times(home: Home, now: datetime) -> list[Json]:
    """Return what the next 24 h bring: cheap, dear, surplus and peak, the first first.

    Each with ``kind``, ``start``, ``end`` and its sentence. Empty where prices do not
    differ, no surplus is foreseen and no new peak.
    """
    say = renderer(home.hass, home_clock)
    found = sorted(_told(home, now), key=lambda each: (each[1], each[0]))
    return [
        {
            "kind": kind,
            "start": start.isoformat(),
            "end": end.isoformat(),
            "text": say.text(message),
            **message_to_json(message),
        }
        for kind, (start, end), message in found
        if start < now + _AHEAD
    ]


def _told(home: Home, now: datetime) -> Iterator[tuple[str, Span, Message]]:
    levels, currency = home.price_levels, home.hass.config.currency
    for level in (PriceLevel.CHEAP, PriceLevel.DEAR):
        span = levels.next(level, now) if levels is not None else None
        if levels is None or span is None:
            continue
        mean = levels.prices.mean(max(span[0], now), span[1])
        if mean is not None:
            yield str(level), span, _of_price(level, span, mean, currency, now)
    surplus = _surplus(home.plan_document or {}, now)
    if surplus is not None:
        span, most_kw = surplus
        yield "surplus", span, _of_surplus(span, w(most_kw), now)
    ahead = home.peak_ahead
    if ahead is not None and ahead.start > now:
        peak = Message.of(
            "time_peak",
            start_time=dt_util.as_local(ahead.start),
            power_w=ahead.mean_w,
            peak_w=ahead.peak_so_far_w,
        )
        yield "peak", (ahead.start, ahead.start + timedelta(minutes=15)), peak


def _of_price(
    level: PriceLevel, span: Span, mean: float, currency: str, now: datetime
) -> Message:
    start_time, end_time = map(dt_util.as_local, span)
    match level, span[0] <= now:
        case PriceLevel.CHEAP, True:
            return Message.of(
                "time_cheap_now",
                end_time=end_time,
                price_per_kwh=mean,
                currency=currency,
            )
        case PriceLevel.CHEAP, False:
            return Message.of(
                "time_cheap",
                start_time=start_time,
                end_time=end_time,
                price_per_kwh=mean,
                currency=currency,
            )
        case _, True:
            return Message.of(
                "time_dear_now",
                end_time=end_time,
                price_per_kwh=mean,
                currency=currency,
            )
        case _:
            return Message.of(
                "time_dear",
                start_time=start_time,
                end_time=end_time,
                price_per_kwh=mean,
                currency=currency,
            )


def _of_surplus(span: Span, most_w: int, now: datetime) -> Message:
    start, end = map(dt_util.as_local, span)
    if start <= now:
        return Message.of("time_surplus_now", end_time=end, power_w=most_w)
    return Message.of("time_surplus", start_time=start, end_time=end, power_w=most_w)


def _surplus(plan: Json, now: datetime) -> tuple[Span, float] | None:
    """Return the first span in which ``plan`` exports, and its highest kW."""
    rows = [
        (
            begins := datetime.fromisoformat(time),
            begins + timedelta(minutes=minutes),
            kw,
        )
        for time, minutes, kw in zip(
            plan.get("times", ()),
            plan.get("minutes", ()),
            plan.get("grid", {}).get("export_kw", ()),
            strict=False,
        )
    ]
    ahead = [row for row in rows if row[1] > now]
    first = next(
        (n for n, (_, _, kw) in enumerate(ahead) if kw >= _LEAST_SURPLUS_KW), None
    )
    if first is None:
        return None
    run = list(takewhile(lambda row: row[2] >= _LEAST_SURPLUS_KW, ahead[first:]))
    return (run[0][0], run[-1][1]), max(kw for _, _, kw in run)
