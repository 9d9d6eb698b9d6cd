"""Consumer Energy Manager: plans a home's devices and keeps power limits."""

# ruff: noqa: E402
# The finder comes first: everything below may import what comes with it.
from custom_components.cem import _vendor_path

_vendor_path.install()

from collections.abc import Callable, Coroutine
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from homeassistant.components.frontend import add_extra_js_url
from homeassistant.components.http.server import StaticPathConfig
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    config_validation as cv,
    device_registry as dr,
    issue_registry as ir,
)
from homeassistant.helpers.typing import ConfigType

from custom_components.cem import garbage
from custom_components.cem.assist import async_hear, async_setup_assist
from custom_components.cem.budgets.keeper import keep_budgets
from custom_components.cem.care.actions import async_setup_care_services
from custom_components.cem.care.issues import Issues, forget_issues
from custom_components.cem.comfort import follow_comfort
from custom_components.cem.const import CONF_METHOD, DOMAIN, Kind
from custom_components.cem.eebus_network import async_removed
from custom_components.cem.exchange.actions import async_setup_exchange_services
from custom_components.cem.exchange.publications import store_of
from custom_components.cem.habits.keeper import keep_habits
from custom_components.cem.home import Home
from custom_components.cem.learning.store import LearningStore
from custom_components.cem.messages.watch import tell_people
from custom_components.cem.planner import Planner
from custom_components.cem.power_cuts import boot_id
from custom_components.cem.renamed import async_follow_renames
from custom_components.cem.saving.store import SavingsStore
from custom_components.cem.season import follow_season
from custom_components.cem.services import async_setup_services
from custom_components.cem.store import HomeStore
from custom_components.cem.websocket_api import async_setup_websocket

type CemConfigEntry = ConfigEntry[Home]

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)

PLATFORMS: Final = (
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.CALENDAR,
    Platform.EVENT,
    Platform.SELECT,
    Platform.SENSOR,
    Platform.SWITCH,
    Platform.TODO,
)
BUNDLE: Final = Path(__file__).parent / "frontend" / "cem.js"
BUNDLE_URL: Final = f"/{DOMAIN}/cem.js"
_DIGEST_LENGTH: Final = 12


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Register actions, what Assist hears, the dashboard's commands and its bundle."""
    async_setup_services(hass)
    async_setup_exchange_services(hass)
    async_setup_care_services(hass)
    async_setup_websocket(hass)
    await async_setup_assist(hass)
    if (digest := await hass.async_add_executor_job(digest_of, BUNDLE)) is not None:
        await hass.http.async_register_static_paths(
            [StaticPathConfig(BUNDLE_URL, str(BUNDLE), cache_headers=True)]
        )
        add_extra_js_url(hass, f"{BUNDLE_URL}?v={digest}")
    return True


async def async_setup_entry(hass: HomeAssistant, entry: CemConfigEntry) -> bool:
    """Start the home: its limits first, plans later and in the background."""
    store = HomeStore(hass, entry.entry_id)
    await store.async_load()
    if store.unreadable is not None:
        _report_unreadable(hass, entry, store.unreadable)
    learned = LearningStore(hass, entry.entry_id)
    await learned.async_load()
    learned.keep_only(set(entry.subentries))
    home = Home(hass, entry, store, learned)
    await home.savings.async_load()
    home.savings.keep_only(set(entry.subentries))
    entry.runtime_data = home
    _forget_removed(hass, entry)
    home.power_cuts.boot = await hass.async_add_executor_job(boot_id)
    planner = Planner(home)
    home.start()
    await home.links.async_start()
    planner.start()
    entry.async_on_unload(entry.add_update_listener(_listener(entry)))
    entry.async_on_unload(async_follow_renames(hass, entry))
    entry.async_on_unload(Issues(home).start())
    entry.async_on_unload(tell_people(home))
    entry.async_on_unload(keep_budgets(home))
    entry.async_on_unload(keep_habits(home))
    entry.async_on_unload(follow_comfort(home))
    entry.async_on_unload(follow_season(home))
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    home.power_cuts.tell()
    await async_hear(home)
    home.stop_planner = planner.async_stop
    entry.async_on_unload(garbage.spare_what_stays(hass))
    return True


async def async_migrate_entry(hass: HomeAssistant, entry: ConfigEntry) -> bool:
    """Name a meter's method by what it is now: any format over TCP, not only P1."""
    if entry.version > 1:
        return False
    for subentry in entry.subentries.values():
        if subentry.data[CONF_METHOD] == "p1_tcp":
            data = {**subentry.data, CONF_METHOD: "tcp"}
            hass.config_entries.async_update_subentry(entry, subentry, data=data)
    hass.config_entries.async_update_entry(entry, minor_version=2)
    return True


async def async_unload_entry(hass: HomeAssistant, entry: CemConfigEntry) -> bool:
    """Stop, and hand devices back where no operator's limit is in force."""
    if not await hass.config_entries.async_unload_platforms(entry, PLATFORMS):
        return False
    home = entry.runtime_data
    await home.stop_planner()
    await home.async_stop()
    return True


async def async_remove_entry(hass: HomeAssistant, entry: CemConfigEntry) -> None:
    """Forget what was stored for the home."""
    await async_removed(hass, entry)
    await HomeStore(hass, entry.entry_id).async_remove()
    await LearningStore(hass, entry.entry_id).async_remove()
    await SavingsStore(hass, entry.entry_id).async_remove()
    await store_of(hass, entry.entry_id).async_remove()
    forget_issues(hass, entry.entry_id)
    for issue in ("worker_packages", "stored_state"):
        ir.async_delete_issue(hass, DOMAIN, f"{issue}_{entry.entry_id}")


def _listener(entry: CemConfigEntry) -> Callable[..., Coroutine[Any, Any, None]]:
    """Return what takes a changed home or subentry."""
    made_of = _made_of(entry)

    async def changed(hass: HomeAssistant, entry: CemConfigEntry) -> None:
        """Make the home anew; devices keep their orders meanwhile.

        What people want to be told changes nothing else.
        """
        home = entry.runtime_data
        if home.reloading:
            return  # one that has not read the subentries yet is under way
        if _made_of(entry) == made_of:
            home.messages.choose_anew()
            return
        home.reloading = True
        await hass.config_entries.async_reload(entry.entry_id)

    return changed


def _made_of(entry: CemConfigEntry) -> tuple[object, ...]:
    """Return all that a home is set up from, but what its people are told."""
    subentries = {
        subentry.subentry_id: (subentry.title, dict(subentry.data))
        for subentry in entry.subentries.values()
        if subentry.subentry_type != Kind.PERSON
    }
    return entry.title, dict(entry.data), dict(entry.options), subentries


def digest_of(bundle: Path) -> str | None:
    """Return what names this very bundle: browsers keep it until it changes."""
    if not bundle.is_file():
        return None
    return sha256(bundle.read_bytes()).hexdigest()[:_DIGEST_LENGTH]


def _report_unreadable(hass: HomeAssistant, entry: ConfigEntry, reason: str) -> None:
    ir.async_create_issue(
        hass,
        DOMAIN,
        f"stored_state_{entry.entry_id}",
        is_fixable=False,
        severity=ir.IssueSeverity.ERROR,
        translation_key="stored_state",
        translation_placeholders={"home": entry.title, "reason": reason},
    )


def _forget_removed(hass: HomeAssistant, entry: CemConfigEntry) -> None:
    """Remove from the registry the devices whose subentry is gone."""
    registry = dr.async_get(hass)
    known = {entry.entry_id, *entry.subentries}
    for device in dr.async_entries_for_config_entry(registry, entry.entry_id):
        ids = {key for domain, key in device.identifiers if domain == DOMAIN}
        if not any(_belongs(key, known) for key in ids):
            registry.async_remove_device(device.id)


def _belongs(identifier: str, known: set[str]) -> bool:
    """Tell whether a device is of something known, or of a part of it: a sub-meter."""
    return any(identifier == key or identifier.startswith(f"{key}_") for key in known)
