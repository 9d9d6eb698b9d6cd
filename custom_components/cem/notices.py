"""Near-limit notices: events and MQTT, what people are told, and what they answer."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
import json
import logging
from typing import TYPE_CHECKING, Any, Final

from homeassistant.core import callback
from homeassistant.exceptions import HomeAssistantError
import probatio

from cem_core.limits import AnySide, Level, NearLimit, NoticeCause, Relief
from cem_core.model import Direction
from cem_core.notification import Notification, Subject, Urgency
from custom_components.cem import events
from custom_components.cem.const import Mode
from custom_components.cem.messages import Answer, Button
from custom_components.cem.notice_settings import NoticeSettings
from custom_components.cem.notice_text import answer_text, body, title

if TYPE_CHECKING:
    from custom_components.cem.home import Home

_LOGGER = logging.getLogger(__name__)
# The detector itself bounds how often a level is told.
_AT_ONCE: Final = timedelta(0)


class Notices:
    """What the home tells of limits that are near, and what was answered."""

    def __init__(self, home: Home) -> None:
        """Take the settings of ``home``; tell nothing yet."""
        self._home = home
        self._hass = home.hass
        self.settings = NoticeSettings.of(
            home.entry.options,
            contract=home.settings.contract,
            country=home.hass.config.country,
        )
        self._allowed: dict[AnySide, Level] = {}
        self._shed: Mapping[str, Direction] = {}
        self._shed_until_s = float("-inf")

    @property
    def shed(self) -> Mapping[str, Direction]:
        """The devices that somebody turned down, while it lasts."""
        if self._shed and self._hass.loop.time() >= self._shed_until_s:
            self._shed = {}
        return self._shed

    @callback
    def take(self, notices: Iterable[NearLimit]) -> None:
        """Tell what the fast loop found with this telegram."""
        for notice in notices:
            event = events.near_limit(notice)
            self._home.fire(event)
            if self.settings.topic is not None:
                self._later(self._async_publish(self.settings.topic, event))
            if notice.near:
                self._tell(notice)
            else:
                self._withdraw(notice)

    @callback
    def shed_now(
        self, helping: Iterable[Relief], direction: Direction, duration: timedelta
    ) -> None:
        """Turn devices to their floor for a while; no time ends it."""
        self._shed = {each.device_id: direction for each in helping}
        self._shed_until_s = self._hass.loop.time() + duration.total_seconds()
        self._home.cycle()

    def _allow(self, notice: NearLimit) -> None:
        """Leave the devices what they have, up to the limit itself."""
        self._allowed[notice.side] = notice.level
        self.shed_now((), notice.direction, timedelta(0))

    def _tell(self, notice: NearLimit) -> None:
        side = notice.side
        if notice.cause is NoticeCause.LEVEL and (
            self.settings.keeps_quiet(notice, controls=self._home.mode is Mode.CONTROL)
            or notice.level <= self._allowed.get(side, Level.CLEAR)
        ):
            return
        told = Notification(
            key=_key(side),
            subject=Subject.NEAR_LIMIT,
            title=title(notice),
            text=body(notice),
            urgency=_urgency(notice),
            again_after=_AT_ONCE,
        )
        does = {
            Answer.SHED: lambda: self.shed_now(
                notice.helping, notice.direction, self.settings.shed_for
            ),
            Answer.ALLOW: lambda: self._allow(notice),
        }
        if not any(each.commanded for each in notice.helping):
            del does[Answer.SHED]
        self._home.messages.tell(
            told,
            {
                answer: Button(answer_text(answer, self.settings.shed_for), handler)
                for answer, handler in does.items()
            },
        )

    def _withdraw(self, notice: NearLimit) -> None:
        self._allowed.pop(notice.side, None)
        self._home.messages.withdraw(_key(notice.side))

    def _later(self, job: Any) -> None:  # noqa: ANN401 - a coroutine of any kind
        self._home.entry.async_create_task(self._hass, job, "cem notice")

    async def _async_publish(self, topic: str, event: events.HomeEvent) -> None:
        payload = json.dumps({"event_type": event.event_type, **event.attributes})
        message = {"topic": topic, "payload": payload, "qos": 1, "retain": False}
        try:
            await self._hass.services.async_call(
                "mqtt", "publish", message, blocking=True
            )
        except (HomeAssistantError, probatio.Invalid) as error:
            _LOGGER.warning("MQTT did not take a near-limit notice: %s", error)


def _key(side: AnySide) -> str:
    return "_".join(("near", *map(str, side)))


def _urgency(notice: NearLimit) -> Urgency:
    if notice.cause is not NoticeCause.LEVEL:
        return Urgency.SAFETY
    warns = notice.level is Level.WARNING
    return Urgency.URGENT if warns else Urgency.NORMAL
