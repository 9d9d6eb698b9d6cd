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
from custom_components.cem.messages.recipients import Recipient, Recipients
from custom_components.cem.messages.settings import Digest

if TYPE_CHECKING:
    from custom_components.cem.home import Home

_LOGGER = logging.getLogger(__name__)
# What the companion app fires when a button of a notification is pressed.
_ANSWERED: Final = "mobile_app_notification_action"
_MONDAY: Final = 0
SNOOZE: Final = timedelta(hours=1)

_SOONEST: Final = (Verdict.SEND, Verdict.HOLD, Verdict.DROP)

type Digester = Callable[[timedelta, Post], str | None]


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
        self.recipients = Recipients(home.entry, home.store.messages)
        self._answers = Answers(home.entry.entry_id)
        self._digest: Digester | None = None
        self._digests: list[Callable[[], None]] = []

    def start(self, digest: Digester) -> Callable[[], None]:
        """Take answers, and send what ``digest`` says when it is due, until stopped."""
        self._digest = digest
        self._await_digests()
        stop_answers = self._hass.bus.async_listen(_ANSWERED, self._answered)

        def stop() -> None:
            self._digest = None
            self._await_digests()
            stop_answers()

        return stop

    @callback
    def choose_anew(self) -> None:
        """Take what people chose since; what was told to whom is still known."""
        shown = set[str]().union(*(each.shown for each in self.recipients))
        self.recipients = Recipients(self._home.entry, self.recipients.to_json())
        for recipient in self.recipients:
            recipient.shown.update(shown)
        self._keep()
        self._await_digests()

    def _await_digests(self) -> None:
        """Wait for each recipient's digest, and no more for those before."""
        for stop in self._digests:
            stop()
        digest = self._digest
        self._digests = [
            self._when_due(recipient, digest)
            for recipient in self.recipients
            if digest is not None and recipient.settings.digest is not Digest.NEVER
        ]

    def _when_due(self, recipient: Recipient, digest: Digester) -> Callable[[], None]:
        at = recipient.settings.digest_at

        @callback
        def due(now: datetime) -> None:
            self._tell_digest(recipient, digest, dt_util.as_local(now))

        return async_track_time_change(
            self._hass, due, hour=at.hour, minute=at.minute, second=0
        )

    @callback
    def tell(
        self,
        told: Notification,
        buttons: Mapping[Answer, Button] | None = None,
        valid: timedelta | None = None,
        *,
        person: str | None = None,
    ) -> Verdict:
        """Tell each recipient now, or later, or not at all; return the soonest of it.

        ``buttons`` beside the one that snoozes; they work for ``valid``. Only ``person``,
        an entity, is told where they chose messages of their own.
        """
        now = dt_util.now()
        recipients = self.recipients.of_person(person)
        verdicts = [(each, each.post.judge(told, now)) for each in recipients]
        met = {verdict for _, verdict in verdicts}
        if met != {Verdict.DROP}:
            self._keep()
        for recipient, verdict in verdicts:
            if verdict is Verdict.SEND:
                self._send(recipient, told, buttons or {}, valid)
        return min(met, key=_SOONEST.index)

    @callback
    def withdraw(self, key: str) -> None:
        """Take a message back that no longer holds."""
        for recipient in self.recipients:
            if key in recipient.shown:
                recipient.shown.discard(key)
                targets = recipient.settings.notify
                self._later(async_withdraw(self._hass, targets, self._tag(key)))

    @callback
    def snooze(self, duration: timedelta) -> None:
        """Tell nobody anything for a while, but that the supply will be cut."""
        for recipient in self.recipients:
            recipient.post.snooze(dt_util.now() + duration)
        self._keep()

    @callback
    def mute(self, key: str, until: datetime) -> None:
        """Tell this one not again before ``until``: somebody accepts it."""
        for recipient in self.recipients:
            recipient.post.mute(key, until)
        self._keep()

    @callback
    def forget(self, key: str) -> None:
        """Take this one back, and tell it as new when it comes again."""
        self.withdraw(key)
        for recipient in self.recipients:
            recipient.post.forget(key)

    def _send(
        self,
        recipient: Recipient,
        told: Notification,
        asked: Mapping[Answer, Button],
        valid: timedelta | None,
    ) -> None:
        said = renderer(self._hass)
        buttons = {**asked, Answer.SNOOZE: self._snooze_button(recipient)}
        ids = self._answers.offer(
            {answer: button.does for answer, button in buttons.items()},
            self._hass.loop.time(),
            valid,
        )
        recipient.shown.add(told.key)
        self._deliver(
            recipient,
            told.key,
            said.text(told.title),
            said.text(told.text),
            {
                action_id: said.text(buttons[answer].words)
                for answer, action_id in ids.items()
            },
        )

    def _snooze_button(self, recipient: Recipient) -> Button:
        """Return what keeps quiet to this recipient alone."""

        def snooze() -> None:
            recipient.post.snooze(dt_util.now() + SNOOZE)
            self._keep()

        minutes = SNOOZE // timedelta(minutes=1)
        return Button(Message.of("answer_snooze", minutes=minutes), snooze)

    def _tell_digest(
        self, recipient: Recipient, digest: Digester, now: datetime
    ) -> None:
        weekly = recipient.settings.digest is Digest.WEEKLY
        if weekly and now.weekday() != _MONDAY:
            return
        text = digest(timedelta(days=7 if weekly else 1), recipient.post)
        self._keep()
        if text is not None:
            title = renderer(self._hass).text(Message.of("digest_title"))
            self._deliver(recipient, "digest", title, text, {})

    def _deliver(
        self,
        recipient: Recipient,
        key: str,
        title: str,
        text: str,
        actions: Mapping[str, str],
    ) -> None:
        self._later(
            async_deliver(
                self._hass,
                recipient.settings.notify,
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
        self._home.store.messages = self.recipients.to_json()
        self._home.store.save_later()

    def _tag(self, key: str) -> str:
        return f"{DOMAIN}_{self._home.entry.entry_id}_{key}"

    def _later(self, job: Coroutine[Any, Any, None]) -> None:
        self._home.entry.async_create_task(self._hass, job, "cem message")
