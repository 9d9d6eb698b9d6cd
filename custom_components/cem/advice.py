"""What a person could do now: put right what is wrong, start what is cheaper later."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from homeassistant.util import dt as dt_util

from custom_components.cem.dashboard.opportunities import opportunities
from custom_components.cem.home import Home
from custom_components.cem.language import home_clock, renderer
from custom_components.cem.problems import key_of, problems


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """One thing to do, in words; ``key`` is the same while it is the same thing."""

    key: str
    text: str
    done: bool  # for today


def advice(home: Home, now: datetime) -> list[Advice]:
    """Return what there is to do: problems first, then what is unusual, then what saves most."""
    say, today = renderer(home.hass, home_clock), dt_util.as_local(now).date()
    found = [(key_of(code, m), say.text(m)) for code, m in problems(home)]
    found += [(key, say.text(message)) for key, message in home.unusual.items()]
    found += [
        (f"opportunity:{row['device']}", row["text"])
        for row in opportunities(home, now)["opportunities"]
    ]
    ticked = home.store.advice_done
    return [
        Advice(key=key, text=text, done=_is_of(today, key, ticked))
        for key, text in found
    ]


async def async_tick(home: Home, key: str, *, done: bool, today: date) -> None:
    """Leave one piece of advice alone for the rest of the day, or take it up again."""
    others = {
        other: day
        for other, day in home.store.advice_done.items()
        if other != key and day == today.isoformat()
    }
    home.store.advice_done = others | ({key: today.isoformat()} if done else {})
    await home.store.async_save()


def _is_of(today: date, key: str, ticked: Mapping[str, str]) -> bool:
    return ticked.get(key) == today.isoformat()
