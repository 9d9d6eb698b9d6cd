"""What control saved, or would have saved, on the days that are over."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from homeassistant.util import dt as dt_util
import probatio

from cem_core.insight.savings import SavedDay, row, usual_error
from cem_core.model import Message
from custom_components.cem.assist.question import Asked, CannotAnswerError, HomeQuestion
from custom_components.cem.home import Home
from custom_components.cem.planning.capacity import tariff_of

_WEEK: Final = "week"
_LAST_DAY: Final = "day"
# What a day has in common with today, for it to be of the same period.
_SAME: Final[Mapping[str, Callable[[date], tuple[int, ...]]]] = {
    _WEEK: lambda day: day.isocalendar()[:2],
    "month": lambda day: (day.year, day.month),
    "year": lambda day: (day.year,),
}


async def _answer(home: Home, asked: Asked) -> Message:
    days = home.savings.days
    if not days:
        first = home.savings_waiting or Message.of("savings_first_noon")
        raise CannotAnswerError(first)
    inside = _of_period(days, asked.slots.get("period", _WEEK))
    waiting = () if home.savings_waiting is None else (home.savings_waiting,)
    if not inside:
        raise CannotAnswerError(Message.of("assist_no_day_saved").then(*waiting))
    said = _saved(inside, usual_error(days, days[-1].without), home)
    if tariff_of(home.tariff or {}) is not None:
        said = said.then(Message.of("assist_saved_without_peaks"))
    return said.then(*waiting)


def _of_period(days: list[SavedDay], period: str) -> list[SavedDay]:
    """Return the days that end in today's ``period``, or the last one that is over."""
    if period == _LAST_DAY:
        return days[-1:]
    same, today = _SAME[period], dt_util.now().date()
    return [d for d in days if same(dt_util.as_local(d.end).date()) == same(today)]


def _saved(days: list[SavedDay], error: float, home: Home) -> Message:
    summed, currency = row(days, error), home.hass.config.currency
    start, end = days[0].start, days[-1].end
    least, most = summed["saved_min"], summed["saved_max"]
    match [day.controlled for day in days]:
        case controlled if all(controlled):
            return Message.of(
                "assist_saved",
                start_time=start,
                end_time=end,
                least_cost=least,
                most_cost=most,
                currency=currency,
            )
        case controlled if not any(controlled):
            return Message.of(
                "assist_would_have_saved",
                start_time=start,
                end_time=end,
                least_cost=least,
                most_cost=most,
                currency=currency,
            )
        case _:
            return Message.of(
                "assist_saved_in_part",
                start_time=start,
                end_time=end,
                least_cost=least,
                most_cost=most,
                currency=currency,
            )


SAVED: Final = HomeQuestion(
    intent_type="CemSaved",
    tool="savings",
    description=(
        "Says what control saved, or would have saved, this week, month or year, or "
        "on the last day that is over"
    ),
    slots={
        probatio.Optional("period", description="week if not said"): probatio.In(
            [_LAST_DAY, *_SAME]
        )
    },
    answer=_answer,
)
