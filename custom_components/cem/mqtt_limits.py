"""Limits that are ordered by MQTT: one topic for orders, one for signs of life.

`TOPIC/order` takes limits, `TOPIC/heartbeat` anything; each order is answered at
`TOPIC/answer`. docs/limits.md has the fields.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
import json
import logging
from typing import TYPE_CHECKING, Any, Final

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.util import dt as dt_util

from cem_core.evidence import Kind as EvidenceKind
from cem_core.limits import LimitError
from cem_core.limits.limit_message import (
    Ending,
    LimitMessageError,
    Ordering,
    read_limit_message,
)
from cem_core.limits.silence import Heartbeat, Rate, WhenSilent
from cem_core.model import Direction, LimitSource, Message, PowerLimit, Priority, Scope
from custom_components.cem import wishes
from custom_components.cem.broker import async_publish, async_subscribe, has_broker

if TYPE_CHECKING:
    from custom_components.cem.home import Home

_LOGGER: Final = logging.getLogger(__name__)
ISSUER_SILENT: Final = "MQTT (silent)"
MOST_LIMITS: Final = 32
_PER_S: Final = 2.0
_BURST: Final = 20.0
_SAME_TIME: Final = timedelta(seconds=2)
_TRIED_EVERY: Final = timedelta(seconds=30)


def monotonic_s(hass: HomeAssistant) -> float:
    """Return the time by which a source goes silent."""
    return hass.loop.time()


class MqttLimits:
    """One home's limits by MQTT."""

    def __init__(self, home: Home, subentry: ConfigSubentry) -> None:
        """Listen to nothing yet."""
        answers, now_s = subentry.data, monotonic_s(home.hass)
        self._home = home
        self._hass = home.hass
        self._topic: str = answers["topic"]
        self._most = Priority[answers["most_priority"].upper()]
        self._when_silent = WhenSilent(answers["when_silent"])
        self._silent_w = round(answers.get("silent_limit", 0) * 1000)
        self._scope = Scope(answers["limit_scope"])
        self._heartbeat = Heartbeat(
            heard_s=now_s, silent_after_s=answers.get("silent_after")
        )
        self._rate = Rate(per_s=_PER_S, burst=_BURST, left=_BURST, at_s=now_s)
        self._overrun = False
        self._was_silent = False
        self._stops: list[Callable[[], None]] = []
        self.connected = False

    @property
    def silent(self) -> bool:
        """Whether it has said nothing for too long."""
        return self._heartbeat.silent(monotonic_s(self._hass))

    @callback
    def start(self) -> None:
        """Subscribe, and try again until MQTT is there."""
        self._stops.append(
            async_track_time_interval(self._hass, self._connect, _TRIED_EVERY)
        )
        self._begin(self._connect())

    @callback
    def stop(self) -> None:
        """Listen no longer."""
        for stop in self._stops:
            stop()
        self._stops.clear()

    def limits(self) -> Sequence[PowerLimit]:
        """Return what holds besides the orders: the limit of a silent source."""
        silent = self.silent
        if silent != self._was_silent:
            self._was_silent = silent
            if silent and self._when_silent is WhenSilent.RELEASE:
                self._begin(self._end_all())
        if not silent or self._when_silent is not WhenSilent.LIMIT:
            return ()
        return (
            PowerLimit(
                limit_id="silent_mqtt",  # no message can name it
                source=LimitSource.MQTT,
                issuer=ISSUER_SILENT,
                direction=Direction.IMPORT,
                scope=self._scope,
                limit_w=self._silent_w,
                priority=self._most,
                reason=Message.of("mqtt_silent"),
            ),
        )

    async def _connect(self, now: datetime | None = None) -> None:
        del now
        if self.connected or not has_broker(self._hass):
            return
        self.connected = True
        try:
            for name, heard in (("order", self._ordered), ("heartbeat", self._alive)):
                self._stops.append(
                    await async_subscribe(self._hass, f"{self._topic}/{name}", heard)
                )
        except HomeAssistantError as error:
            self.connected = False
            _LOGGER.warning("Limits by MQTT cannot be received yet: %s", error)

    @callback
    def _alive(self, topic: str, payload: str, retained: bool) -> None:
        del topic, payload
        if not retained:  # kept by the broker, it says nothing of now
            self._heartbeat = self._heartbeat.heard(monotonic_s(self._hass))

    @callback
    def _ordered(self, topic: str, payload: str, retained: bool) -> None:
        if not payload:
            return  # what was retained is cleared
        self._rate, passes = self._rate.take(monotonic_s(self._hass))
        if not passes:
            if not self._overrun:
                self._overrun = True
                _LOGGER.warning("Too many limits by MQTT: some are not read")
                self._answer(None, None, "too many messages: it was not read")
            return
        self._overrun = False
        self._alive(topic, payload, retained)
        try:
            wish = read_limit_message(
                payload,
                now=dt_util.utcnow(),
                source=LimitSource.MQTT,
                most=self._most,
                retained=retained,
            )
        except LimitMessageError as error:
            self._answer(error.about, None, str(error))
            return
        self._begin(self._carry_out(wish))

    async def _carry_out(self, wish: Ordering | Ending) -> None:
        limit_id = wish.limit.limit_id if isinstance(wish, Ordering) else wish.limit_id
        about = limit_id.removeprefix(f"{LimitSource.MQTT}_")
        try:
            if isinstance(wish, Ordering):
                await self._order(wish)
            else:
                await wishes.async_end(
                    self._home,
                    limit_id,
                    wish.issuer,
                    administrator=False,
                    source=LimitSource.MQTT,
                )
        except LimitError as error:
            self._answer(about, limit_id, str(error))
        else:
            self._answer(about, limit_id, None)

    async def _order(self, ordering: Ordering) -> None:
        limit = ordering.limit
        held = {x.limit_id: x for x in self._held()}
        if limit.limit_id not in held and len(held) >= MOST_LIMITS:
            raise LimitError(f"{MOST_LIMITS} limits are ordered, and no more are kept")
        before = held.get(limit.limit_id)
        if before is not None and _same(before, limit):
            return  # a retained one comes again after each restart
        await wishes.async_order(self._home, limit, by_clock=ordering.by_clock)

    def _held(self) -> Sequence[PowerLimit]:
        orders = self._home.store.orders.limits
        return [limit for limit in orders if limit.source is LimitSource.MQTT]

    async def _end_all(self) -> None:
        await async_end_all(self._home)

    def _answer(
        self, about: str | None, limit_id: str | None, refused: str | None
    ) -> None:
        """Say at the answer topic, and in the evidence, what became of an order."""
        answer: dict[str, Any] = {"id": about, "accepted": refused is None}
        if refused is not None:
            answer["reason"] = refused
        self._home.evidence.note(
            EvidenceKind.ACKNOWLEDGED,
            {
                "source": LimitSource.MQTT.value,
                "limit_id": limit_id,
                "refused": refused,
            },
        )
        self._begin(
            async_publish(self._hass, f"{self._topic}/answer", json.dumps(answer))
        )

    def _begin(self, work: Any) -> None:  # noqa: ANN401 - any coroutine
        self._home.entry.async_create_task(self._hass, work, "cem limits by mqtt")


async def async_end_all(home: Home) -> None:
    """End what was ordered by MQTT: its source is silent or gone."""
    for limit in home.store.orders.limits:
        if limit.source is LimitSource.MQTT:
            await wishes.async_end(
                home,
                limit.limit_id,
                limit.issuer,
                administrator=False,
                source=LimitSource.MQTT,
            )


def _same(one: PowerLimit, other: PowerLimit) -> bool:
    """Tell whether they order the same; one without a start begins when it came."""
    return _what(one) == _what(other) and _same_time(one.end, other.end)


def _what(limit: PowerLimit) -> tuple[object, ...]:
    return (
        limit.issuer,
        limit.direction,
        limit.scope,
        limit.basis,
        limit.phase,
        limit.limit_w,
        limit.priority,
    )


def _same_time(one: datetime | None, other: datetime | None) -> bool:
    """Tell whether they are one time: over a restart it moves with the clock."""
    if one is None or other is None:
        return one is other
    return abs(one - other) <= _SAME_TIME
