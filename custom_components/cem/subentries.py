"""The subentries of a home, as what they stand for."""

from collections.abc import Callable, Mapping
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.util import slugify

from cem_core.devices.hot_cycle import HotCycleLog
from custom_components.cem.budgets.budget import Budget, Standing
from custom_components.cem.car_wish import CarWish
from custom_components.cem.const import DEVICE_KINDS, Charging, Kind
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.meters import Meter, connect
from custom_components.cem.obedience import stored
from custom_components.cem.store import HomeStore


def only(entry: ConfigEntry, kind: Kind) -> ConfigSubentry | None:
    """Return the subentry of a kind of which a home has one."""
    for subentry in entry.subentries.values():
        if subentry.subentry_type == kind:
            return subentry
    return None


def meter_of(hass: HomeAssistant, entry: ConfigEntry) -> Meter | None:
    """Return the home's meter, if it has one yet."""
    subentry = only(entry, Kind.METER)
    return connect(hass, entry, subentry) if subentry else None


def tariff_of(entry: ConfigEntry) -> Mapping[str, Any] | None:
    """Return what the user said about prices."""
    subentry = only(entry, Kind.TARIFF)
    return subentry.data if subentry else None


def budgets_of(entry: ConfigEntry) -> dict[str, Standing]:
    """Return the home's budgets by subentry; nothing is counted yet."""
    return {
        subentry.subentry_id: Standing(budget=Budget.of(subentry))
        for subentry in entry.subentries.values()
        if subentry.subentry_type == Kind.BUDGET
    }


def devices_of(
    hass: HomeAssistant,
    entry: ConfigEntry,
    store: HomeStore,
    *,
    changed: Callable[[], None],
) -> dict[str, ControlledDevice]:
    """Return the home's devices by the name that plans use."""
    devices: dict[str, ControlledDevice] = {}
    for subentry in entry.subentries.values():
        if Kind(subentry.subentry_type) not in DEVICE_KINDS:
            continue
        device_id = _free(slugify(subentry.title), devices)
        device = ControlledDevice(hass, subentry, device_id, changed=changed)
        device.control = subentry.subentry_id not in store.uncontrolled
        device.charging = store.charging.get(subentry.subentry_id, Charging.PLAN)
        _keep_wish(device, store)
        _keep_hot_cycles(device, store)
        device.reaction = stored(store.reactions, subentry.subentry_id)
        devices[device_id] = device
    return devices


def _keep_wish(device: ControlledDevice, store: HomeStore) -> None:
    """Go on with what the driver asked for, until the car leaves."""

    def over() -> None:
        store.car_wishes.pop(device.subentry_id, None)
        store.save_later()

    kept = store.car_wishes.get(device.subentry_id)
    device.wish = None if kept is None else CarWish.of_json(kept)
    device.wish_over = over


def _keep_hot_cycles(device: ControlledDevice, store: HomeStore) -> None:
    """Go on from the last cycle against legionella that was seen."""
    protection, key = device.protection, device.subentry_id
    if protection is None:
        return

    def saved(log: HotCycleLog) -> None:
        store.hot_cycles[key] = log.to_json()
        store.save_later()

    if (kept := store.hot_cycles.get(key)) is not None:
        protection.log = HotCycleLog.from_json(kept)
    protection.saved = saved


def _free(wanted: str, taken: Mapping[str, object]) -> str:
    number, name = 1, wanted
    while name in taken:
        number += 1
        name = f"{wanted}_{number}"
    return name
