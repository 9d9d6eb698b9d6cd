"""Near-limit notices: events, MQTT and people told, and what people answer."""

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
import json
import logging
from typing import TYPE_CHECKING, Any, Final

from homeassistant.core import Event, callback
from homeassistant.exceptions import HomeAssistantError
import probatio

from cem_core.limits import AnySide, Level, NearLimit, NoticeCause, Relief
from cem_core.model import Direction
from custom_components.cem import events
from custom_components.cem.const import DOMAIN
from custom_components.cem.language import renderer
from custom_components.cem.notice_actions import Answer, NoticeActions
from custom_components.cem.notice_delivery import async_deliver, async_withdraw
from custom_components.cem.notice_settings import SNOOZE, NoticeSettings
from custom_components.cem.notice_text import answer_text, body, title

if TYPE_CHECKING:
    from custom_components.cem.home import Home

_LOGGER = logging.getLogger(__name__)
# What the companion app fires when a button of a notification is pressed.
_ANSWERED: Final = "mobile_app_notification_action"


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
        self._actions = NoticeActions(home.entry.entry_id)
        self._quiet_until_s = float("-inf")
        self._allowed: dict[AnySide, Level] = {}
        self._shown: set[AnySide] = set()
        self._shed: Mapping[str, Direction] = {}
        self._shed_until_s = float("-inf")

    def start(self) -> Callable[[], None]:
        """Listen to what people answer, until the returned is called."""
        return self._hass.bus.async_listen(_ANSWERED, self._answered)

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

    @callback
    def snooze(self, duration: timedelta) -> None:
        """Send people nothing for a while, but that the supply will be cut."""
        self._quiet_until_s = self._hass.loop.time() + duration.total_seconds()

    def _allow(self, notice: NearLimit) -> None:
        """Leave the devices what they have, up to the limit itself."""
        self._allowed[notice.side] = notice.level
        self.shed_now((), notice.direction, timedelta(0))

    @callback
    def _answered(self, event: Event[Mapping[str, Any]]) -> None:
        action_id = event.data.get("action")
        if not isinstance(action_id, str) or not self._actions.is_ours(action_id):
            return
        taken = self._actions.take(action_id, self._hass.loop.time())
        if taken is None:
            _LOGGER.warning(
                "An answer to a notice of %s was refused: it is unknown, was given"
                " before or comes too late",
                self._home.entry.title,
            )
            return
        answer, notice = taken
        match answer:
            case Answer.SHED:
                self.shed_now(notice.helping, notice.direction, self.settings.shed_for)
            case Answer.SNOOZE:
                self.snooze(SNOOZE)
            case Answer.ALLOW:
                self._allow(notice)

    def _tell(self, notice: NearLimit) -> None:
        side = notice.side
        if notice.cause is NoticeCause.LEVEL and (
            notice.level < self.settings.notify_from
            or notice.level <= self._allowed.get(side, Level.CLEAR)
            or self._hass.loop.time() < self._quiet_until_s
        ):
            return
        said = renderer(self._hass)
        offered = self._actions.offer(notice, self._hass.loop.time())
        if not any(each.commanded for each in notice.helping):
            del offered[Answer.SHED]
        self._shown.add(side)
        self._later(
            async_deliver(
                self._hass,
                self.settings.notify,
                title=said.text(title(notice)),
                text=said.text(body(notice)),
                tag=self._tag(side),
                actions={
                    action_id: said.text(answer_text(answer, self.settings.shed_for))
                    for answer, action_id in offered.items()
                },
            )
        )

    def _withdraw(self, notice: NearLimit) -> None:
        side = notice.side
        self._allowed.pop(side, None)
        if side in self._shown:
            self._shown.discard(side)
            self._later(
                async_withdraw(self._hass, self.settings.notify, self._tag(side))
            )

    def _tag(self, side: AnySide) -> str:
        return "_".join((DOMAIN, self._home.entry.entry_id, "near", *map(str, side)))

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
