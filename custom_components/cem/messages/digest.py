"""What happened in a day or a week, told together."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from homeassistant.util import dt as dt_util

from cem_core.model import Message
from cem_core.model.units import kw
from cem_core.notification import Post
from custom_components.cem.advice import advice
from custom_components.cem.home import Home
from custom_components.cem.language import renderer
from custom_components.cem.planning.capacity import capacity_document

_MOST_ADVICE: Final = 3
_MOST_HAPPENED: Final = 10
_LINE: Final = "\n"


def digest_of(home: Home, span: timedelta, post: Post) -> str | None:
    """Return what the ``span`` until now brought, None: nothing that is worth a line.

    What ``post`` held back is in it and waits no more.
    """
    now = dt_util.utcnow()
    say = renderer(home.hass)
    lines = [
        *_saved(home, now - span),
        *_held(post, now),
        *_happened(home, now - span),
    ]
    if not lines:
        return None
    told = [say.text(line) for line in (*lines, *_peak(home))]
    todo = [each.text for each in advice(home, now) if not each.done]
    return _LINE.join((*told, *todo[:_MOST_ADVICE]))


def _saved(home: Home, since: datetime) -> Iterator[Message]:
    days = [day for day in home.savings.days if day.end > since]
    if not days:
        return
    saved = sum(day.saved for day in days)
    controlled = any(day.controlled for day in days)
    said = Message.of(
        "digest_money", saved_cost=abs(saved), currency=home.hass.config.currency
    )
    one = len(days) == 1
    span = (
        Message.of("digest_day") if one else Message.of("digest_days", days=len(days))
    )
    match controlled, saved >= 0:
        case True, True:
            yield Message.of("digest_saved", span=span, saved=said)
        case True, False:
            yield Message.of("digest_lost", span=span, lost=said)
        case False, True:
            yield Message.of("digest_would_save", span=span, saved=said)
        case _:
            yield Message.of("digest_would_lose", span=span, lost=said)


def _peak(home: Home) -> Iterator[Message]:
    billed = home.tariff is not None and capacity_document(home.tariff) is not None
    if billed and home.month_peak_w is not None:
        yield Message.of("digest_peak", power_kw=kw(home.month_peak_w))


def _held(post: Post, now: datetime) -> Iterator[Message]:
    for held in post.take_held(now):
        if held.times > 1:
            yield Message.of(
                "digest_held_times",
                at_time=held.time,
                what=held.text,
                times=held.times,
            )
        else:
            yield Message.of("digest_held", at_time=held.time, what=held.text)


def _happened(home: Home, since: datetime) -> Iterator[Message]:
    entries = [
        entry
        for entry in home.action_log.entries
        if entry.about == "limit" and entry.time > since
    ]
    for entry in entries[-_MOST_HAPPENED:]:
        yield Message.of("digest_held", at_time=entry.time, what=entry.message)
