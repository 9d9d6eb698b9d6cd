"""Whether devices do what they are ordered: timed, tested, insisted on, shown."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from homeassistant.core import callback
from homeassistant.helpers import issue_registry as ir

from cem_core.devices import Followed, Reaction, ReactionWatch, trial_w
from cem_core.devices.obeyed import Obeyed
from cem_core.dispatch import Insistence, Rung
from cem_core.evidence import Kind as EvidenceKind
from cem_core.model import OPERATOR_REACTION_S, Cause, DeviceKind, Owner
from custom_components.cem import charger_phases, events
from custom_components.cem.const import DOMAIN, Kind, Mode
from custom_components.cem.first_test import FirstTest
from custom_components.cem.phase_choice import wanted_w
from custom_components.cem.promises import Promises
from custom_components.cem.unfollowed import Unfollowed
from custom_components.cem.unmeasured import Unmeasured

if TYPE_CHECKING:
    from custom_components.cem.controlled import ControlledDevice
    from custom_components.cem.fast_loop import Snapshot
    from custom_components.cem.home import Home

TEST_TAKES_AT_MOST_S: Final = 120.0


class CannotTestError(Exception):
    """Why no test order can be sent now: a key of strings.json."""


class Obedience:
    """Follows what becomes of the orders to a home's devices."""

    def __init__(self, home: Home) -> None:
        """Start with what was learned before the last stop."""
        self._home = home
        self._watches = {
            device_id: ReactionWatch(both_ways=device.kind is Kind.BATTERY)
            for device_id, device in home.devices.items()
            if device.controllable and device.kind is not Kind.APPLIANCE
        }
        self._obeyed = {
            device_id: Obeyed(both_ways=home.devices[device_id].kind is Kind.BATTERY)
            for device_id in self._watches
        }
        self._unfollowed = Unfollowed(home.hass)
        self._promises = Promises(home)
        self._unmeasured = Unmeasured(home, self._followed)
        self._first_test = FirstTest(self._testable_w, self._test_unasked)
        self._tests: dict[str, asyncio.Future[Followed]] = {}
        self._insisted: Mapping[str, Insistence] = {}
        for device_id in self._watches:
            self._judge(home.devices[device_id])

    @callback
    def observe(self, snapshot: Snapshot) -> None:
        """Look at the devices after each decision."""
        now_s = self._home.hass.loop.time()
        self._unmeasured.look(snapshot)
        for device_id, watch in self._watches.items():
            device = self._home.devices[device_id]
            cut = device.contactor is not None and device.contactor.is_open
            ordered_w = None if cut else device.ordered_w
            followed = watch.update(now_s, ordered_w, device.shown_w)
            if followed is not None and not self._unmeasured.times(device):
                self._followed(device, followed)
            self._obeyed[device_id].update(
                now_s,
                None if _balances(device) else ordered_w,
                device.power_w,
                settles_s=device.reaction.seconds,
            )
            hardened = device_id in snapshot.insisted
            beyond_s = 0.0 if hardened else self._obeyed[device_id].beyond_s(now_s)
            self._unfollowed.look(device, beyond_s)
            stuck = self._unfollowed.told(device)
            self._promises.look(device, now_s, ordered_w, stuck=stuck)
            self._first_test.look(device, now_s)
            chosen = device.choice is not None and charger_phases.choose(
                self._home.hass, device, now_s, wanted_w(self._home, device)
            )
            said = device.phases_said
            if charger_phases.follow(self._home.hass, device, now_s, said) or chosen:
                self._home.models_changed()
        if snapshot.insisted or self._insisted or self._home.store.cut:
            self._insist(snapshot)

    def obeyed_percent(self, device: ControlledDevice) -> int | None:
        """Return how much of the last day's time ``device`` did what it was ordered.

        Of what has no meter: how many of its last orders the connection point showed.
        None: nothing was ordered, or nothing tells.
        """
        if not device.measures:
            return self._unmeasured.percent(device)
        watched = self._obeyed.get(device.device_id)
        return None if watched is None else watched.percent(self._home.hass.loop.time())

    def _followed(self, device: ControlledDevice, followed: Followed) -> None:
        home, key = self._home, device.subentry_id
        device.reaction = device.reaction.with_one(followed)
        home.store.reactions[key] = device.reaction.to_json()
        home.store.save_later()
        home.models_changed()
        if (test := self._tests.get(device.device_id)) is not None and not test.done():
            test.set_result(followed)
        if home.operator_limit is not None:
            told = {
                "device": device.device_id,
                "limit_id": home.operator_limit.limit_id,
                "after_s": followed.after_s,
                "from_w": followed.from_w,
                "ordered_w": followed.ordered_w,
                "power_w": followed.power_w,
            }
            home.evidence.note(EvidenceKind.EFFECT, told)
        if device.device_id not in self._insisted:
            ir.async_delete_issue(home.hass, DOMAIN, f"not_obeying_{key}")
        self._judge(device)

    def _judge(self, device: ControlledDevice) -> None:
        """Tell the owner of a device that cannot keep an operator's limit."""
        issue = f"too_slow_{device.subentry_id}"
        if not device.model.slow or device.contactor is not None:
            ir.async_delete_issue(self._home.hass, DOMAIN, issue)
            return
        self._create_issue(
            issue,
            "too_slow",
            device=device.model.name,
            reaction_s=f"{device.model.reaction_s or 0:.0f}",
            limit_s=f"{OPERATOR_REACTION_S:.0f}",
        )

    def _create_issue(self, issue: str, key: str, **placeholders: str) -> None:
        ir.async_create_issue(
            self._home.hass,
            DOMAIN,
            issue,
            is_fixable=False,
            severity=ir.IssueSeverity.WARNING,
            translation_key=key,
            translation_placeholders=placeholders,
        )

    def _insist(self, snapshot: Snapshot) -> None:
        for device_id, insistence in snapshot.insisted.items():
            before = self._insisted.get(device_id)
            rung = None if before is None else before.rung
            if insistence.rung is not None and insistence.rung is not rung:
                self._harden(self._home.devices[device_id], insistence, snapshot)
        self._insisted = snapshot.insisted
        for device in self._home.devices.values():
            held = snapshot.insisted.get(device.device_id)
            self._switch(device, cut=held is not None and held.cut)

    def _harden(
        self, device: ControlledDevice, insistence: Insistence, snapshot: Snapshot
    ) -> None:
        """Carry out a harder action, and say so everywhere."""
        rung = insistence.rung
        if rung is not Rung.CONTACTOR:
            device.insist()
        order = snapshot.setpoints[device.device_id]
        told: dict[str, Any] = {
            "device": device.device_id,
            "action": "bridge" if insistence.bridges else _NAMES[rung or Rung.REPEAT],
            "ordered_w": order.power_w,
            "power_w": device.power_w,
            "limit_id": order.limit_id,
        }
        self._home.evidence.note(EvidenceKind.EXCEPTION, told)
        if insistence.bridges:
            return  # it is slow, as its owner knows
        self._home.fire(events.not_obeying(told | {"name": device.model.name}))
        self._create_issue(
            f"not_obeying_{device.subentry_id}",
            "not_obeying_cut" if rung is Rung.CONTACTOR else "not_obeying",
            device=device.model.name,
        )

    def _switch(self, device: ControlledDevice, *, cut: bool) -> None:
        contactor, held = device.contactor, self._home.store.cut
        if contactor is None:
            return
        if cut:
            contactor.open()
            if device.subentry_id not in held:
                held.add(device.subentry_id)
                self._save()
        elif device.subentry_id in held:
            contactor.close()
            if not contactor.is_open:
                held.discard(device.subentry_id)
                self._save()

    def _save(self) -> None:
        """A contactor that we opened must be known after a kill."""
        home = self._home
        home.entry.async_create_task(home.hass, home.store.async_save(), "cem store")

    @callback
    def release(self) -> None:
        """Give every device its supply back."""
        for device in self._home.devices.values():
            self._switch(device, cut=False)

    def _test_unasked(self, device: ControlledDevice) -> None:
        """Test ``device`` once this decision is through."""

        async def test() -> None:
            with suppress(CannotTestError):
                await self.async_test(device)

        self._home.entry.async_create_background_task(
            self._home.hass, test(), "cem first test", eager_start=False
        )

    def _testable_w(self, device: ControlledDevice) -> int | None:
        if _balances(device):
            return None  # the orders that balance tell, and a test would upset them
        try:
            return self.check(device)
        except CannotTestError:
            return None

    async def async_test(self, device: ControlledDevice) -> Followed | None:
        """Send a small order, and return how it was followed, None if not in time.

        Raises `CannotTestError` where no order may or can be sent.
        """
        device.test_w = self.check(device)
        result: asyncio.Future[Followed] = self._home.hass.loop.create_future()
        self._tests[device.device_id] = result
        try:
            self._home.cycle()
            async with asyncio.timeout(TEST_TAKES_AT_MOST_S):
                return await result
        except TimeoutError:
            return None
        finally:
            del self._tests[device.device_id]
            device.test_w = None
            self._home.cycle()

    def check(self, device: ControlledDevice) -> int:
        """Return the test order for ``device``, or raise `CannotTestError`."""
        home = self._home
        if device.device_id in self._tests:
            raise CannotTestError("test_under_way")
        if device.device_id not in self._watches:
            raise CannotTestError("test_impossible")
        if home.operator_limit is not None:
            raise CannotTestError("test_under_limit")
        commanded = device.control and device.owner is Owner.PLAN and device.available
        if home.mode is not Mode.CONTROL or not commanded:
            raise CannotTestError("test_not_controlled")
        shown_w = device.shown_w
        solar = device.model.kind is DeviceKind.SOLAR
        order_w = None
        if shown_w is not None and (solar or device.connected is not False):
            order_w = trial_w(device.model, shown_w, device.state_of_charge)
        if order_w is None:
            raise CannotTestError("test_not_running")
        return order_w


def _balances(device: ControlledDevice) -> bool:
    """Tell whether it may follow the house by itself: then its power is its own."""
    order = device.setpoint
    return order is not None and order.cause is Cause.BALANCE and not order.limit_id


def cut_before(
    devices: Mapping[str, ControlledDevice], cut: set[str]
) -> dict[str, Insistence]:
    """Return what is known after a restart of devices whose supply we had cut.

    Why it was is not: it stays so until the limit ends.
    """
    return {
        device_id: Insistence(since_s=0, rung=Rung.CONTACTOR)
        for device_id, device in devices.items()
        if device.subentry_id in cut
    }


def stored(reactions: Mapping[str, Mapping[str, Any]], subentry_id: str) -> Reaction:
    """Return what was stored of a device's reaction."""
    document = reactions.get(subentry_id)
    return Reaction() if document is None else Reaction.from_json(document)


_NAMES: Final = {
    Rung.REPEAT: "repeat",
    Rung.LOWER: "lower",
    Rung.STOP: "stop",
    Rung.CONTACTOR: "contactor",
}
