"""What people wish of devices: checked, kept until it is over, planned with."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from homeassistant.util import dt as dt_util

from cem_core.model import Message
from cem_core.model.render import Renderer
from cem_core.model.what_if import What
from cem_core.model.wish import Wish
from custom_components.cem.const import Kind, Mode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from custom_components.cem.controlled import ControlledDevice
    from custom_components.cem.home import Home

_ONCE: Final = frozenset({What.FORCE, What.START})
_LONGEST: Final = timedelta(days=2)  # no plan looks further
_MOST: Final = 20
_CHARGING_TAKES: Final = timedelta(hours=12)


class WishError(Exception):
    """A wish that cannot be kept, and why."""

    def __init__(self, why: Message) -> None:
        """Say so in English; ``why`` in any language."""
        super().__init__(Renderer().text(why))
        self.why = why


def wish_from(home: Home, asked: Mapping[str, Any]) -> Wish:
    """Return the wish that is ``asked`` for. Raises `WishError`.

    ``asked``: device, what, start, end (aware), power_w, takes_control, reminds and
    asked_by as in `cem/set_wish`.
    """
    device = home.devices.get(asked["device"])
    if device is None:
        raise WishError(Message.of("wish_no_device"))
    now = dt_util.utcnow()
    what: What = asked["what"]
    start = dt_util.as_utc(asked["start"]) if "start" in asked else now
    end = dt_util.as_utc(asked["end"]) if "end" in asked else None
    if what in {What.START, What.DEPART}:
        end = None
    elif end is None or end <= start:
        raise WishError(Message.of("wish_needs_end"))
    if what is What.FORCE and "power_w" not in asked:
        raise WishError(Message.of("wish_needs_power"))
    if what is What.DEPART and device.kind is not Kind.EV_CHARGER:
        raise WishError(Message.of("wish_nothing_leaves"))
    takes_control = asked.get("takes_control", False)
    if takes_control and (not device.controllable or what not in _ONCE):
        raise WishError(Message.of("wish_nothing_starts_it"))
    until = end or start
    if what is What.START:
        until += device.run_length if device.kind is Kind.APPLIANCE else _CHARGING_TAKES
    if until <= now or until - now > _LONGEST:
        raise WishError(Message.of("wish_out_of_reach"))
    return Wish(
        wish_id=uuid4().hex[:12],
        device_id=device.device_id,
        what=what,
        start=start,
        end=end,
        power_w=asked["power_w"] if what is What.FORCE else None,
        until=until,
        takes_control=takes_control,
        reminds=asked.get("reminds", False),
        asked_by=asked.get("asked_by"),
    )


def under_control(home: Home, device: ControlledDevice) -> bool:
    """Tell whether the CEM commands the device by itself."""
    return home.mode is Mode.CONTROL and device.control and device.controllable


def asked_once(home: Home, now: datetime) -> dict[str, int]:
    """Return what devices that are not under control are to do now, in W, for once."""
    asked: dict[str, int] = {}
    for wish in home.store.wishes:
        if not wish.takes_control or not wish.start <= now < wish.until:
            continue
        device = home.devices.get(wish.device_id)
        if device is not None and not under_control(home, device):
            most_w = device.dispatched_most_w
            asked[wish.device_id] = most_w if wish.power_w is None else wish.power_w
    return asked


def end_asked_once(home: Home, device: ControlledDevice, now: datetime) -> None:
    """Leave the device to the person who changed it while it did what was asked."""
    if device.device_id in asked_once(home, now):
        home.store.wishes = [
            wish
            for wish in home.store.wishes
            if wish.device_id != device.device_id or not wish.takes_control
        ]
        home.store.save_later()


def standing(home: Home, now: datetime) -> tuple[Wish, ...]:
    """Return the wishes that are not over, of devices that there are."""
    return tuple(
        wish
        for wish in home.store.wishes
        if wish.until > now and wish.device_id in home.devices
    )


async def async_wish(home: Home, wish: Wish) -> None:
    """Keep a wish, instead of those that a device cannot do beside it."""
    now = dt_util.utcnow()
    others = [old for old in standing(home, now) if not wish.excludes(old)]
    if len(others) >= _MOST:
        raise WishError(Message.of("wish_too_many"))
    home.store.wishes = [*others, wish]
    await home.store.async_save()
    home.replan_wanted("wish")


async def async_unwish(home: Home, wish_id: str) -> None:
    """Take a wish back. Raises `WishError` where it is over, or nobody's."""
    left = [wish for wish in home.store.wishes if wish.wish_id != wish_id]
    if len(left) == len(home.store.wishes):
        raise WishError(Message.of("wish_over"))
    home.store.wishes = left
    await home.store.async_save()
    home.replan_wanted("wish")
