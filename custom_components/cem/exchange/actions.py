"""Actions: give out and take in load curves, revoke a consent. For administrators."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.helpers import config_validation as cv, device_registry as dr
from homeassistant.helpers.service import async_register_admin_service
from homeassistant.util import dt as dt_util
import probatio

from cem_core.archive import ArchiveError
from cem_core.evidence import EvidenceError
from cem_core.exchange import CurveError, LoadCurve
from cem_core.exchange.days import day_span
from cem_core.exchange.forms import FORMS, Writing, recognise
from custom_components.cem.action_schema import ActionSchema
from custom_components.cem.calls import home_of, refuse
from custom_components.cem.const import AUTOMATION, DOMAIN
from custom_components.cem.exchange.publications import Publication
from custom_components.cem.home import Home

# What needs no package that Home Assistant does not have.
_FORMATS: Final = tuple(name for name, form in FORMS.items() if form.encoding)
_LONGEST: Final = timedelta(days=3 * 366)
_MOST_BYTES: Final = 50_000_000
_ENTRY: Final = {probatio.Optional("config_entry_id"): cv.string}
EXPORT: Final = ActionSchema(
    {
        **_ENTRY,
        probatio.Optional("format", default="csv"): probatio.In(_FORMATS),
        probatio.Optional("resolution", default="15"): probatio.All(
            probatio.Coerce(str), probatio.In(("5", "15", "30", "60"))
        ),
        probatio.Exclusive("day", "span"): cv.date,
        probatio.Exclusive("start", "span"): cv.datetime,
        probatio.Optional("end"): cv.datetime,
        probatio.Optional("spread", default=False): cv.boolean,
        probatio.Optional("file"): cv.string,
    }
)
IMPORT: Final = ActionSchema(
    {
        **_ENTRY,
        probatio.Exclusive("file", "from"): cv.string,
        probatio.Exclusive("content", "from"): cv.string,
        probatio.Optional("format"): probatio.In(_FORMATS),
    }
)
REVOKE: Final = ActionSchema({**_ENTRY, probatio.Required("publication"): cv.string})


@callback
def async_setup_exchange_services(hass: HomeAssistant) -> None:
    """Register the actions."""
    for name, action, schema, response in (
        ("export_curves", _export, EXPORT, SupportsResponse.OPTIONAL),
        ("import_curves", _import, IMPORT, SupportsResponse.OPTIONAL),
        ("revoke_consent", _revoke, REVOKE, SupportsResponse.OPTIONAL),
    ):
        async_register_admin_service(
            hass, DOMAIN, name, action, schema=schema, supports_response=response
        )


async def _export(call: ServiceCall) -> ServiceResponse:
    """Give out curves as text, or write them to a file."""
    home = home_of(call.hass, call.data.get("config_entry_id"))
    resolution = timedelta(minutes=int(call.data["resolution"]))
    start, end = _span(call, resolution)
    curves = await _read(home, resolution, start, end, spread=call.data["spread"])
    if not curves:
        raise refuse("no_curves")
    zone = await dt_util.async_get_time_zone(call.hass.config.time_zone)
    how = Writing(
        made=dt_util.utcnow().replace(microsecond=0),
        zone=zone or dt_util.get_default_time_zone(),
    )
    form = FORMS[call.data["format"]]
    try:
        data = await call.hass.async_add_executor_job(form.write, curves, how)
    except CurveError as error:
        raise refuse("curves_unwritten", reason=str(error)) from error
    answer: dict[str, Any] = {
        "format": call.data["format"],
        "media_type": form.media_type,
        "curves": [_described(curve) for curve in curves],
    }
    if (name := call.data.get("file")) is None:
        return answer | {"content": data.decode(form.encoding or "utf-8")}
    path = _allowed(call.hass, name)
    try:
        await call.hass.async_add_executor_job(path.write_bytes, data)
    except OSError as error:
        raise refuse("file_unusable", file=name, reason=str(error)) from error
    return answer | {"file": name}


async def _read(
    home: Home,
    resolution: timedelta,
    start: datetime,
    end: datetime,
    *,
    spread: bool,
) -> tuple[LoadCurve, ...]:
    try:
        return await home.exchange.curves.async_read(
            resolution, start, end, spread=spread, imported=True
        )
    except ArchiveError as error:
        raise refuse("curves_unreadable", reason=str(error)) from error


async def _import(call: ServiceCall) -> ServiceResponse:
    """Take curves in, all or none of a file; what is kept already stays."""
    home = home_of(call.hass, call.data.get("config_entry_id"))
    if "file" in call.data:
        name = call.data["file"]
        path = _allowed(call.hass, name)
        try:
            data = await call.hass.async_add_executor_job(_bytes, path)
        except OSError as error:
            raise refuse("file_unusable", file=name, reason=str(error)) from error
    elif "content" in call.data:
        data = call.data["content"].encode()
    else:
        raise refuse("nothing_to_import")
    kind = call.data.get("format") or recognise(data)
    if kind is None or (encoding := FORMS[kind].encoding) is None:
        raise refuse("format_unknown")
    if "content" in call.data:
        data = call.data["content"].encode(encoding, "replace")

    def take() -> list[dict[str, Any]]:
        archive = home.exchange.curves.archive
        return [
            _described(curve) | {"new_intervals": archive.keep_curve(curve)}
            for curve in FORMS[kind].read(data)
        ]

    try:
        found = await call.hass.async_add_executor_job(take)
    except CurveError as error:
        raise refuse("curves_refused", reason=str(error)) from error
    except ArchiveError as error:
        raise refuse("curves_unreadable", reason=str(error)) from error
    answer: dict[str, Any] = {"format": kind, "curves": found}
    return answer


async def _revoke(call: ServiceCall) -> ServiceResponse:
    """Revoke the consent of a publication, at once."""
    home = home_of(call.hass, call.data.get("config_entry_id"))
    publication = _publication(home, call.data["publication"])
    by = AUTOMATION
    if call.context.user_id is not None:
        user = await call.hass.auth.async_get_user(call.context.user_id)
        by = by if user is None else user.name or user.id
    try:
        await home.exchange.publications.async_revoke(publication, by)
    except (EvidenceError, OSError) as error:
        raise refuse("revocation_unrecorded", reason=str(error)) from error
    consent = publication.consent
    return {
        "publication": publication.subentry.title,
        "state": publication.state.value,
        "consent_id": None if consent is None else consent.consent_id,
    }


def _publication(home: Home, named: str) -> Publication:
    """Return the publication that its device, its id or its name stands for."""
    device = dr.async_get(home.hass).async_get(named)
    keys = {key for _, key in device.identifiers} if device else set()
    for name, publication in home.exchange.publications.all.items():
        if named in (name, publication.subentry.title) or name in keys:
            return publication
    raise refuse("no_publication", publication=named)


def _span(call: ServiceCall, resolution: timedelta) -> tuple[datetime, datetime]:
    """Return from when to when; by default the day that is over.

    A start inside an interval is that interval's.
    """
    now = dt_util.now()
    zone = dt_util.get_default_time_zone()
    if "start" in call.data:
        start = dt_util.as_utc(call.data["start"])
        end = dt_util.as_utc(call.data.get("end", now))
        start -= timedelta(seconds=start.timestamp() % resolution.total_seconds())
    else:
        day = call.data.get("day", now.date() - timedelta(days=1))
        start, end = day_span(day, zone)
    if not timedelta(0) < end - start <= _LONGEST:
        raise refuse("span_wrong")
    return start, end


def _allowed(hass: HomeAssistant, name: str) -> Path:
    if not hass.config.is_allowed_path(name):
        raise refuse("file_not_allowed", file=name)
    return Path(name)


def _bytes(path: Path) -> bytes:
    if path.stat().st_size > _MOST_BYTES:
        raise OSError(f"larger than {_MOST_BYTES} bytes")
    return path.read_bytes()


def _described(curve: LoadCurve) -> dict[str, Any]:
    return {
        "meter_id": curve.meter_id,
        "register": curve.register,
        "direction": curve.direction.value,
        "start": curve.start.isoformat(),
        "end": curve.end.isoformat(),
        "intervals": len(curve.intervals),
        "statuses": curve.counts(),
        "energy_wh": curve.energy_wh,
        "billing": curve.billing,
    }
