"""What of a home's life is worth telling people, and what they can answer to it."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
import logging
from typing import Any, Final

from homeassistant.core import callback
from homeassistant.util import dt as dt_util

from cem_core.model import Message
from cem_core.model.message_json import message_from_json
from cem_core.model.units import kw
from cem_core.model.wish import Wish
from cem_core.notification import Notification, Subject, Urgency
from custom_components.cem.advice import async_tick
from custom_components.cem.boost import BOOST, async_boost, boosts
from custom_components.cem.const import (
    EVENT_LIMIT_ENDED,
    EVENT_LIMIT_ORDERED,
    EVENT_NOT_OBEYING,
    EVENT_PLAN_CHANGED,
    EVENT_POWER_RETURNED,
    Kind,
)
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.dashboard.opportunities import opportunities
from custom_components.cem.device_wishes import (
    WishError,
    async_wish,
    standing,
    wish_from,
)
from custom_components.cem.events import HomeEvent
from custom_components.cem.home import Home
from custom_components.cem.messages.answers import Answer
from custom_components.cem.messages.digest import digest_of
from custom_components.cem.messages.messages import Button
from custom_components.cem.messages.recipients import person_of
from custom_components.cem.problems import key_of, problems

_LOGGER = logging.getLogger(__name__)
# Of these the list of advice tells enough: nothing broke.
_NO_NEWS: Final = frozenset({"no_meter", "car_unknown"})
_LOOKED_EVERY_S: Final = 30.0
_OPPORTUNITIES_EVERY_S: Final = 300.0
_PLAN_AGAIN: Final = timedelta(hours=1)
_HALF_A_DAY: Final = timedelta(hours=12)
_LET_IT_BE: Final = Message.of("answer_allow")

type Told = Mapping[str, Any]


def tell_people(home: Home) -> Callable[[], None]:
    """Tell the people of ``home`` from now on, until what is returned is called."""
    watch = Watch(home)
    stops = (
        home.listen_events(watch.happened),
        home.listen(watch.look),
        home.messages.start(lambda span, post: digest_of(home, span, post)),
    )

    def stop() -> None:
        for each in stops:
            each()

    return stop


class Watch:
    """Looks at one home for what people may want to hear of."""

    def __init__(self, home: Home) -> None:
        """Have seen nothing yet."""
        self._home = home
        self._seen: set[str] = set()  # problems of the last look
        self._told: set[str] = set()  # of them, whom people may have heard of
        self._looked_s = float("-inf")
        self._chances_s = float("-inf")
        self._tells: Mapping[str, Callable[[Told], None]] = {
            EVENT_LIMIT_ORDERED: self._limit_ordered,
            EVENT_LIMIT_ENDED: self._limit_ended,
            EVENT_NOT_OBEYING: self._not_obeying,
            EVENT_PLAN_CHANGED: self._plan_changed,
            EVENT_POWER_RETURNED: self._power_returned,
        }

    @callback
    def happened(self, event: HomeEvent) -> None:
        """Tell of a limit, of a device that does not follow it, of a new plan."""
        if (tells := self._tells.get(event.event_type)) is not None:
            tells(event.attributes)

    @callback
    def look(self) -> None:
        """Look now and then for problems, a new peak and what could be started."""
        now_s = self._home.hass.loop.time()
        if now_s - self._looked_s < _LOOKED_EVERY_S:
            return
        self._looked_s = now_s
        now = dt_util.utcnow()
        self._problems()
        self._peak(now)
        self._reminders(now)
        if now_s - self._chances_s >= _OPPORTUNITIES_EVERY_S:
            self._chances_s = now_s
            self._opportunities(now)

    def _limit_ordered(self, told: Told) -> None:
        self._home.messages.tell(
            Notification(
                key=_limit_key(told),
                subject=Subject.LIMIT,
                title=Message.of("title_limit"),
                text=Message.of(
                    "log_limit_ordered", issuer=told["issuer"], limit_w=told["limit_w"]
                ),
            )
        )

    def _limit_ended(self, told: Told) -> None:
        self._home.messages.forget(_limit_key(told))

    def _not_obeying(self, told: Told) -> None:
        self._home.messages.tell(
            Notification(
                key=f"obey:{told['name']}",
                subject=Subject.DEVICE,
                title=Message.of("title_device"),
                text=Message.of("log_not_obeying", device=told["name"]),
                urgency=Urgency.URGENT,
            )
        )

    def _power_returned(self, told: Told) -> None:
        until = datetime.fromisoformat(told["until"])
        self._home.messages.tell(
            Notification(
                key="power_cut",
                subject=Subject.DEVICE,
                title=Message.of("title_power_cut"),
                text=Message.of("log_power_returned", end_time=until),
                again_after=timedelta(0),
            )
        )

    def _plan_changed(self, told: Told) -> None:
        if not told["moved"]:
            return
        home, move = self._home, told["moved"][0]
        first, *others = map(message_from_json, told["moved"])
        device = home.devices.get(move["device"])
        buttons = {Answer.ACCEPT: Button(_LET_IT_BE, lambda: None)}
        if device is not None and boosts(device):
            buttons[Answer.FORCE] = self._boost_button(device)
        home.messages.tell(
            Notification(
                key="plan",
                subject=Subject.PLAN,
                title=Message.of("title_plan"),
                text=Message.of("log_plan_changed", what=first.then(*others)),
                again_after=_PLAN_AGAIN,
            ),
            buttons,
        )

    def _boost_button(self, device: ControlledDevice) -> Button:
        """Return what runs a device now, whatever the plan says."""
        home, name = self._home, device.model.name

        async def boost() -> None:
            try:
                await async_boost(home, device, BOOST)
            except WishError as error:
                self._refused(name, str(error))

        def begin() -> None:
            home.entry.async_create_task(home.hass, boost(), "cem boost")

        minutes = BOOST // timedelta(minutes=1)
        return Button(Message.of("answer_boost", device=name, minutes=minutes), begin)

    def _refused(self, device: str, reason: str) -> None:
        self._home.messages.tell(
            Notification(
                key=f"boost:{device}",
                subject=Subject.DEVICE,
                title=Message.of("title_device"),
                text=Message.of("device_refuses", device=device, cause=reason),
                again_after=timedelta(0),
            )
        )

    def _problems(self) -> None:
        """Tell of problems that were there at the last look too."""
        found = {
            key_of(code, message): message
            for code, message in problems(self._home)
            if code not in _NO_NEWS
        }
        for key in self._told - found.keys():
            self._home.messages.withdraw(key)
        lasting = found.keys() & self._seen
        for key in lasting - self._told:
            self._home.messages.tell(
                Notification(
                    key=key,
                    subject=Subject.DEVICE,
                    title=Message.of("title_problem"),
                    text=found[key],
                ),
            )
        self._told, self._seen = set(lasting), set(found)

    def _peak(self, now: datetime) -> None:
        ahead = self._home.peak_ahead
        if ahead is None or ahead.start <= now:
            return
        month = dt_util.as_local(ahead.start).replace(
            day=1, hour=0, minute=0, second=0, microsecond=0
        )
        key = f"peak:{month:%Y-%m}"
        next_month = (month + timedelta(days=32)).replace(day=1)
        self._home.messages.tell(
            Notification(
                key=key,
                subject=Subject.PEAK,
                title=Message.of("title_peak"),
                text=Message.of(
                    "peak_ahead",
                    start_time=ahead.start,
                    power_kw=kw(ahead.mean_w),
                    so_far_kw=kw(ahead.peak_so_far_w),
                ),
                until=ahead.start,
            ),
            {
                Answer.ACCEPT: Button(
                    _LET_IT_BE, lambda: self._home.messages.mute(key, next_month)
                )
            },
            valid=_HALF_A_DAY,
        )

    def _reminders(self, now: datetime) -> None:
        """Tell who asked for it that it is time."""
        home = self._home
        for wish in standing(home, now):
            device = home.devices[wish.device_id]
            if not wish.reminds or wish.start > now or device.running:
                continue
            asked_by = person_of(home.hass, wish.asked_by)
            home.messages.tell(
                Notification(
                    key=f"reminder:{wish.wish_id}",
                    subject=Subject.OPPORTUNITY,
                    title=Message.of("title_reminder"),
                    text=_reminder(device, wish),
                    urgency=Urgency.URGENT,
                    again_after=wish.until - wish.start,
                    asked=True,
                ),
                person=None if asked_by is None else asked_by.entity_id,
            )

    def _remind_button(self, row: Told) -> Button:
        """Return what reminds people when it is time for an opportunity."""
        home = self._home
        asked = {key: row[key] for key in ("device", "what", "power_w") if key in row}
        times = {
            key: datetime.fromisoformat(row[key])
            for key in ("start", "end")
            if key in row
        }

        async def remind() -> None:
            try:
                wish = wish_from(home, {**asked, **times, "reminds": True})
                await async_wish(home, wish)
            except WishError as error:
                _LOGGER.info("Nobody can be reminded of %s: %s", row["device"], error)

        def begin() -> None:
            home.entry.async_create_task(home.hass, remind(), "cem reminder")

        return Button(Message.of("answer_remind"), begin)

    def _opportunities(self, now: datetime) -> None:
        home = self._home
        today = dt_util.as_local(now).date()
        for row in opportunities(home, now)["opportunities"]:
            key = f"opportunity:{row['device']}"
            if home.store.advice_done.get(key) == today.isoformat():
                continue

            def accept(key: str = key) -> None:
                job = async_tick(home, key, done=True, today=today)
                home.entry.async_create_task(home.hass, job, "cem advice")

            home.messages.tell(
                Notification(
                    key=key,
                    subject=Subject.OPPORTUNITY,
                    title=Message.of("title_opportunity"),
                    text=message_from_json(row),
                    until=datetime.fromisoformat(row["start"]),
                ),
                {
                    Answer.ACCEPT: Button(Message.of("answer_accept"), accept),
                    Answer.REMIND: self._remind_button(row),
                },
                valid=_HALF_A_DAY,
            )


def _reminder(device: ControlledDevice, wish: Wish) -> Message:
    if wish.end is None:
        return Message.of("reminder_start", device=device.model.name)
    name, end = device.model.name, dt_util.as_local(wish.end)
    match device.kind:
        case Kind.EV_CHARGER:
            return Message.of("reminder_charge", device=name, end_time=end)
        case Kind.BATTERY:
            return Message.of("reminder_battery", device=name, end_time=end)
        case _:
            return Message.of("reminder_water", device=name, end_time=end)


def _limit_key(told: Told) -> str:
    return ":".join(("limit", told["issuer"], told["direction"], told["scope"]))
