"""Counts the budgets of a home now and then, and tells of those that will not last."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from homeassistant.core import callback
from homeassistant.helpers.event import async_track_utc_time_change
from homeassistant.util import dt as dt_util

from cem_core.insight.budget import LOOKS_BACK, Mark, Progress, progress
from cem_core.model import Message
from cem_core.notification import Notification, Subject
from custom_components.cem.budgets.budget import Budget, Measure, Standing
from custom_components.cem.budgets.counted import async_hours
from custom_components.cem.home import Home
from custom_components.cem.messages import Answer, Button

# The recorder's rows of five minutes are there some seconds after each fifth minute.
_MINUTES: Final = range(0, 60, 5)
_SECOND: Final = 30
_ONCE_A_PERIOD: Final = timedelta(days=40)  # its key names the period
_HALF_A_DAY: Final = timedelta(hours=12)


def keep_budgets(home: Home) -> Callable[[], None]:
    """Count the budgets of ``home`` from now on, until what is returned is called."""
    keeper = BudgetKeeper(home)

    @callback
    def later(_: datetime) -> None:
        home.entry.async_create_background_task(
            home.hass, keeper.async_count(), "cem budgets"
        )

    if not home.budgets:
        return lambda: None
    later(dt_util.utcnow())
    return async_track_utc_time_change(
        home.hass, later, minute=_MINUTES, second=_SECOND
    )


class BudgetKeeper:
    """Counts the budgets of one home."""

    def __init__(self, home: Home) -> None:
        """Have counted nothing yet."""
        self._home = home

    async def async_count(self) -> None:
        """Count what is used of each, and tell of what is worth it."""
        home, now = self._home, dt_util.now()
        budgets = [standing.budget for standing in home.budgets.values()]
        periods = {each.budget_id: each.period.around(now) for each in budgets}
        since = min(start for start, _ in periods.values()) - LOOKS_BACK
        hours = await async_hours(home, budgets, dt_util.as_utc(since))
        for budget in budgets:
            start, end = map(dt_util.as_utc, periods[budget.budget_id])
            counted = hours.get(budget.budget_id)
            found = None
            if counted is not None:
                zone = dt_util.get_default_time_zone()
                found = progress(budget.amount, start, end, counted, zone)
            home.budgets[budget.budget_id] = Standing(budget=budget, progress=found)
            if found is not None:
                self._tell(budget, found)
        home.notify()

    def _tell(self, budget: Budget, found: Progress) -> None:
        period = dt_util.as_local(found.start)
        end = dt_util.as_local(found.end)
        for mark in found.marks(budget.nearly):
            key = f"budget:{budget.budget_id}:{period:%Y-%m-%d}:{mark}"

            def accept(key: str = key) -> None:
                self._home.messages.mute(key, end)

            self._home.messages.tell(
                Notification(
                    key=key,
                    subject=Subject.BUDGET,
                    title=Message.of("title_budget", budget=budget.name),
                    text=self._text(budget, found, mark),
                    again_after=_ONCE_A_PERIOD,
                ),
                {Answer.ACCEPT: Button(Message.of("answer_allow"), accept)},
                valid=_HALF_A_DAY,
            )

    def _text(self, budget: Budget, found: Progress, mark: Mark) -> Message:
        used = self._much(budget, float(found.used))
        # As it was given: a whole number has no decimals.
        whole = budget.amount == int(budget.amount)
        amount = self._much(budget, int(budget.amount) if whole else budget.amount)
        if mark is Mark.FORETOLD:
            expected = found.used if found.expected is None else found.expected
            return Message.of(
                "budget_foretold",
                budget=budget.name,
                expected=self._much(budget, float(expected)),
                used=used,
                amount=amount,
            )
        if mark is Mark.OVER:
            return Message.of(
                "budget_over", budget=budget.name, used=used, amount=amount
            )
        return Message.of(
            "budget_nearly",
            budget=budget.name,
            percent=round(100 * found.share),
            used=used,
            amount=amount,
        )

    def _much(self, budget: Budget, value: float) -> Message:
        """Return an amount of what the budget counts, with its unit."""
        unit = budget.unit(self._home.hass.config.currency)
        if budget.measure is Measure.COST:
            return Message.of("budget_money", spent_cost=value, currency=unit)
        return Message.of("budget_quantity", value=round(value, 1), unit=unit)
