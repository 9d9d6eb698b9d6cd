"""What can be wrong with a home and what its owner can mend, each with what to know.

Each fault is a repairs issue with a fix flow (`repairs.py`) once it lasts.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers.issue_registry import IssueSeverity
from homeassistant.util import dt as dt_util

from custom_components.cem.care.disk import Room
from custom_components.cem.causes import told
from custom_components.cem.const import CONF_METHOD, Kind
from custom_components.cem.describe import known
from custom_components.cem.forms import FORMS
from custom_components.cem.forms.field import Field
from custom_components.cem.forms.form import Form
from custom_components.cem.home import Home
from custom_components.cem.numbers import ATTR_UNIT

# A meter's clock farther off than this counts energy into other quarter hours.
_CLOCK_OFF_S: Final = 120
# A meter that is silent for longer sends telegrams that are old when they come.
_SLOW_METER_S: Final = 120
# The market's prices of tomorrow are out when ten hours of today are left; sun and
# temperatures are foretold for days. With less, a car is planned for half a night.
_AHEAD: Final = timedelta(hours=8)
# What sleeps at night or while it stands is away for hours every day.
_AWAY_FOR: Final = timedelta(hours=2)
_SLEEPER_AWAY_FOR: Final = timedelta(hours=24)
_SLEEPERS: Final = (Kind.SOLAR, Kind.EV_CHARGER)
_TOLD_OTHERWISE: Final = (Kind.METER, Kind.TARIFF)
_MOST_NAMED: Final = 10
_PRICE_FIELDS: Final = ("price_entity", "export_price_entity", "day_kind_entity")


class FaultKind(StrEnum):
    """What is wrong; the keys of its words in strings.json."""

    ENTITY_GONE = "entity_gone"
    UNIT_CHANGED = "unit_changed"
    PRICES_STALE = "prices_stale"
    FORECAST_SHORT = "forecast_short"
    METER_SILENT = "meter_silent"
    CLOCK_OFF = "clock_off"
    DEVICE_REFUSES = "device_refuses"
    ENTITIES_AWAY = "entities_away"
    DISK_NEARLY_FULL = "disk_nearly_full"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong; ``about`` tells it from others of its kind."""

    kind: FaultKind
    about: str
    placeholders: Mapping[str, str]
    where: Mapping[str, str] = field(default_factory=dict)  # what its fix has to know
    severity: IssueSeverity = IssueSeverity.WARNING

    @property
    def issue_id(self) -> str:
        """Its name among the repairs issues."""
        return f"{self.kind}_{self.about}"


def faults(home: Home, room: Room | None) -> Iterator[Fault]:
    """Yield what is wrong with ``home`` now.

    ``room`` is left on its disk, None: it could not be asked.
    """
    for subentry in home.entry.subentries.values():
        yield from _of_entities(home.hass, subentry)
    yield from _of_prices(home)
    yield from _of_horizon(home)
    yield from _of_meter(home)
    yield from _of_devices(home)
    yield from _of_away(home)
    if room is not None and room.nearly_full:
        yield Fault(
            kind=FaultKind.DISK_NEARLY_FULL,
            about=home.entry.entry_id,
            placeholders={"home": home.entry.title, "free_mb": f"{room.free_mb:.0f}"},
            severity=IssueSeverity.ERROR,
        )


def form_of(subentry: ConfigSubentry) -> Form | None:
    """Return the form that a subentry was filled in, None if there is none now."""
    forms = FORMS[Kind(subentry.subentry_type)]
    form = forms.get(subentry.data[CONF_METHOD])
    return form or (next(iter(forms.values())) if len(forms) == 1 else None)


def fields_of(subentry: ConfigSubentry) -> Iterator[tuple[Field, str]]:
    """Yield each field of a subentry that names an entity, with that entity."""
    form = form_of(subentry)
    for each in () if form is None else form.fields:
        entity_id = subentry.data.get(each.key)
        if each.needs is not None and isinstance(entity_id, str):
            yield each, entity_id


def unit_of(state: State | None) -> str:
    """Return the unit of an entity in words for a sentence."""
    return (state and state.attributes.get(ATTR_UNIT)) or "-"


def _of_entities(hass: HomeAssistant, subentry: ConfigSubentry) -> Iterator[Fault]:
    for each, entity_id in fields_of(subentry):
        state = hass.states.get(entity_id)
        about = f"{subentry.subentry_id}_{each.key}"
        where = {"subentry_id": subentry.subentry_id, "field": each.key}
        where["entity"] = entity_id
        told = {"subject": subentry.title, "entity": entity_id}
        if state is None:
            yield Fault(
                kind=FaultKind.ENTITY_GONE,
                about=about,
                placeholders=told,
                where=where,
                severity=IssueSeverity.ERROR,
            )
        elif (
            each.needs is not None
            and each.needs.units
            and known(state) is not None
            and state.attributes.get(ATTR_UNIT) not in each.needs.units
        ):
            yield Fault(
                kind=FaultKind.UNIT_CHANGED,
                about=about,
                placeholders=told
                | {"unit": unit_of(state), "units": ", ".join(each.needs.units)},
                where=where,
                severity=IssueSeverity.ERROR,
            )


def _of_prices(home: Home) -> Iterator[Fault]:
    """Yield a feed that says nothing, or whose last price is over."""
    tariff, prices = home.tariff, home.prices
    if tariff is None:
        return
    silent = any(
        state is not None and known(state) is None
        for name in _PRICE_FIELDS
        if name in tariff
        for state in (home.hass.states.get(tariff[name]),)
    )
    over = (
        prices is not None
        and prices.fixed_import is None
        and prices.imported.end is not None
        and prices.imported.end <= dt_util.utcnow()
    )
    if silent or over or home.prices_refused:
        yield Fault(
            kind=FaultKind.PRICES_STALE,
            about=home.entry.entry_id,
            placeholders={"home": home.entry.title},
        )


def _of_horizon(home: Home) -> Iterator[Fault]:
    now = dt_util.utcnow()
    ends = dict(home.foretold_until)
    prices = home.prices
    end = None if prices is None else prices.imported.end
    # Prices that are over are told as that.
    if prices and prices.fixed_import is None and end is not None and end > now:
        ends[_title_of_tariff(home)] = end
    short = sorted(name for name, end in ends.items() if end - now < _AHEAD)
    if short:
        yield Fault(
            kind=FaultKind.FORECAST_SHORT,
            about=home.entry.entry_id,
            placeholders={
                "home": home.entry.title,
                "sources": ", ".join(short),
                "hours": f"{_AHEAD.total_seconds() / 3600:.0f}",
            },
        )


def _title_of_tariff(home: Home) -> str:
    tariffs = (
        subentry.title
        for subentry in home.entry.subentries.values()
        if subentry.subentry_type == Kind.TARIFF
    )
    return next(tariffs, Kind.TARIFF.value)


def _of_meter(home: Home) -> Iterator[Fault]:
    if home.meter is None:
        return
    told = {"home": home.entry.title}
    if home.snapshot.meter_silent:
        yield Fault(
            kind=FaultKind.METER_SILENT,
            about=home.entry.entry_id,
            placeholders=told,
            severity=IssueSeverity.ERROR,
        )
    elif (off_s := clock_off_s(home)) is not None and abs(off_s) > _CLOCK_OFF_S:
        yield Fault(
            kind=FaultKind.CLOCK_OFF,
            about=home.entry.entry_id,
            placeholders=told | {"off_s": f"{off_s:+.0f}"},
        )


def clock_off_s(home: Home) -> float | None:
    """Return how far the meter's clock is before the host's, None where unknown."""
    reading, heard_s = home.snapshot.reading, home.snapshot.reading_s
    slow = home.meter is None or home.meter.silent_after_s > _SLOW_METER_S
    if slow or reading is None or heard_s is None or reading.timestamp is None:
        return None
    since = timedelta(seconds=home.hass.loop.time() - heard_s)
    return (reading.timestamp - (dt_util.utcnow() - since)).total_seconds()


def _of_devices(home: Home) -> Iterator[Fault]:
    for device in home.devices.values():
        if device.problem is not None:
            yield Fault(
                kind=FaultKind.DEVICE_REFUSES,
                about=device.subentry_id,
                placeholders={
                    "device": device.model.name,
                    "cause": told(home.hass, device.problem),
                },
                where={"device_id": device.device_id},
            )


def _of_away(home: Home) -> Iterator[Fault]:
    """Yield one fault for all that has been unavailable for hours: one cause is likely."""
    away = list(_away(home, dt_util.utcnow()))
    if away:
        more = [f"+{len(away) - _MOST_NAMED}"] if len(away) > _MOST_NAMED else []
        yield Fault(
            kind=FaultKind.ENTITIES_AWAY,
            about=home.entry.entry_id,
            placeholders={
                "home": home.entry.title,
                "entities": ", ".join((*away[:_MOST_NAMED], *more)),
            },
        )


def _away(home: Home, now: datetime) -> Iterator[str]:
    """Yield what has been away for too long: entities, and devices without any."""
    for subentry in home.entry.subentries.values():
        kind = Kind(subentry.subentry_type)
        if kind in _TOLD_OTHERWISE:
            continue
        for _, entity_id in fields_of(subentry):
            state = home.hass.states.get(entity_id)
            if state is None or state.state != STATE_UNAVAILABLE:
                continue
            if now - state.last_changed >= _most_away(kind):
                yield f"{subentry.title}: {entity_id}"
    for device in home.devices.values():
        since = device.away_since
        if device.driver.entities or since is None:
            continue
        if now - since >= _most_away(device.kind):
            yield device.model.name


def _most_away(kind: Kind) -> timedelta:
    return _SLEEPER_AWAY_FOR if kind in _SLEEPERS else _AWAY_FOR
