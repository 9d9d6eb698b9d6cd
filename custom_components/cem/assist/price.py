"""Whether energy is cheap now, and when it is."""

from typing import Final

from homeassistant.util import dt as dt_util

from cem_core.insight.price_level import PriceLevel
from cem_core.model import Message
from custom_components.cem.assist.question import Asked, CannotAnswerError, HomeQuestion
from custom_components.cem.home import Home
from custom_components.cem.price_sensors import import_price


async def _answer(home: Home, asked: Asked) -> Message:
    del asked
    price = import_price(home, dt_util.utcnow())
    if price is None:
        raise CannotAnswerError(Message.of("assist_no_price"))
    currency = home.hass.config.currency
    cost = Message.of("assist_price", price_per_kwh=price, currency=currency)
    return cost.then(*_level(home))


def _level(home: Home) -> tuple[Message, ...]:
    """Say whether that is cheap, and when it is cheap next."""
    levels, now = home.price_levels, dt_util.utcnow()
    level = None if levels is None else levels.at(now)
    if levels is None or level is None:
        return ()
    span = levels.next(PriceLevel.CHEAP, now)
    if level is PriceLevel.CHEAP:
        if span is None:
            return (Message.of("assist_cheap"),)
        return (Message.of("assist_cheap_until", end_time=span[1]),)
    dear = level is PriceLevel.DEAR
    said = Message.of("assist_dear") if dear else Message.of("assist_not_cheap")
    if span is None:
        return (said,)
    start, end = span
    return said, Message.of("assist_cheap_from", start_time=start, end_time=end)


PRICE: Final = HomeQuestion(
    intent_type="CemPrice",
    tool="price",
    description="Says what energy costs now, whether that is cheap, and when it is",
    answer=_answer,
)
