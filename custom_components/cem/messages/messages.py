"""Every message of a home to its people goes through here, and their answers back."""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
import logging
from typing import TYPE_CHECKING, Any, Final

from homeassistant.core import Event, callback
from homeassistant.helpers.event import async_track_time_change
from homeassistant.util import dt as dt_util

from cem_core.model import Message
from cem_core.notification import Notification, Post, Verdict
from custom_components.cem.const import DOMAIN
from custom_components.cem.language import renderer
from custom_components.cem.messages.answers import Answer, Answers, Handler
from custom_components.cem.messages.delivery import async_deliver, async_withdraw
from custom_components.cem.messages.settings import Digest, MessageSettings

if TYPE_CHECKING:
    from custom_components.cem.home import Home

_LOGGER = logging.getLogger(__name__)
# What the companion app fires when a button of a notification is pressed.
_ANSWERED: Final = "mobile_app_notification_action"
_MONDAY: Final = 0
SNOOZE: Final = timedelta(hours=1)

type Digester = Callable[[timedelta], str | None]


@dataclass(frozen=True, slots=True)
class Button:
    """An answer that a message offers: its words, and what it does."""

    words: Message
    does: Handler


class Messages:
    """Tells the people of one home what they want to know, when they want to."""

    def __init__(self, home: Home) -> None:
        """Take the settings and what was told before; tell nothing yet."""
        self._home = home
        self._hass = home.hass
        self.settings = MessageSettings.of(home.entry.options)
        stored = home.store.messages
        self.post = (
            Post(self.settings.post)
            if stored is None
            else Post.from_json(self.settings.post, stored)
        )
        self._answers = Answers(home.entry.entry_id)
        self._shown: set[str] = set()

    def start(self, digest: Digester) -> Callable[[], None]:
        """Take answers, and send what ``digest`` says when it is due, until stopped."""
        at = self.settings.digest_at

        @callback
        def due(now: datetime) -> None:
            self._tell_digest(digest, dt_util.as_local(now))

        stops = [self._hass.bus.async_listen(_ANSWERED, self._answered)]
        if self.settings.digest is not Digest.NEVER:
            stops.append(
                async_track_time_change(
                    self._hass, due, hour=at.hour, minute=at.minute, second=0
                )
            )

        def stop() -> None:
            for each in stops:
                each()

        return stop

    @callback
    def tell(
        self,
        told: Notification,
        buttons: Mapping[Answer, Button] | None = None,
        valid: timedelta | None = None,
    ) -> Verdict:
        """Tell people now, or later, or not at all; return which.

        ``buttons`` beside the one that snoozes; they work for ``valid``.
        """
        verdict = self.post.judge(told, dt_util.now())
        if verdict is not Verdict.DROP:
            self._keep()
        if verdict is Verdict.SEND:
            offered = dict(buttons or {})
            offered.setdefault(
                Answer.SNOOZE,
                Button(
                    Message.of("answer_snooze", minutes=SNOOZE // timedelta(minutes=1)),
                    lambda: self.snooze(SNOOZE),
                ),
            )
            self._send(told, offered, valid)
        return verdict

    @callback
    def withdraw(self, key: str) -> None:
        """Take a message back that no longer holds."""
        if key in self._shown:
            self._shown.discard(key)
            self._later(
                async_withdraw(self._hass, self.settings.notify, self._tag(key))
            )

    @callback
    def snooze(self, duration: timedelta) -> None:
        """Tell nothing for a while, but that the supply will be cut."""
        self.post.snooze(dt_util.now() + duration)
        self._keep()

    @callback
    def mute(self, key: str, until: datetime) -> None:
        """Tell this one not again before ``until``: somebody accepts it."""
        self.post.mute(key, until)
        self._keep()

    @callback
    def forget(self, key: str) -> None:
        """Take this one back, and tell it as new when it comes again."""
        self.withdraw(key)
        self.post.forget(key)

    def _send(
        self,
        told: Notification,
        buttons: Mapping[Answer, Button],
        valid: timedelta | None,
    ) -> None:
        said = renderer(self._hass)
        ids = self._answers.offer(
            {answer: button.does for answer, button in buttons.items()},
            self._hass.loop.time(),
            valid,
        )
        self._shown.add(told.key)
        self._deliver(
            told.key,
            said.text(told.title),
            said.text(told.text),
            {
                action_id: said.text(buttons[answer].words)
                for answer, action_id in ids.items()
            },
        )

    def _tell_digest(self, digest: Digester, now: datetime) -> None:
        weekly = self.settings.digest is Digest.WEEKLY
        if weekly and now.weekday() != _MONDAY:
            return
        text = digest(timedelta(days=7 if weekly else 1))
        self._keep()
        if text is not None:
            title = renderer(self._hass).text(Message.of("digest_title"))
            self._deliver("digest", title, text, {})

    def _deliver(
        self, key: str, title: str, text: str, actions: Mapping[str, str]
    ) -> None:
        self._later(
            async_deliver(
                self._hass,
                self.settings.notify,
                title=title,
                text=text,
                tag=self._tag(key),
                actions=actions,
            )
        )

    @callback
    def _answered(self, event: Event[Mapping[str, Any]]) -> None:
        action_id = event.data.get("action")
        if not isinstance(action_id, str) or not self._answers.is_ours(action_id):
            return
        handler = self._answers.take(action_id, self._hass.loop.time())
        if handler is None:
            _LOGGER.warning(
                "An answer to a message of %s was refused: it is unknown, was given"
                " before or comes too late",
                self._home.entry.title,
            )
            return
        handler()

    def _keep(self) -> None:
        self._home.store.messages = self.post.to_json()
        self._home.store.save_later()

    def _tag(self, key: str) -> str:
        return f"{DOMAIN}_{self._home.entry.entry_id}_{key}"

    def _later(self, job: Coroutine[Any, Any, None]) -> None:
        self._home.entry.async_create_task(self._hass, job, "cem message")
