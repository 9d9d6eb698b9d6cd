"""All that is kept of a home, as one archive that its owner can read and take along.

GDPR art. 15 and 20: everything, in formats that other programs read. Secrets (keys,
passwords, tokens) are no data about anybody and are left out.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
import json
from pathlib import Path
from typing import Any, Final
import zipfile

from homeassistant.components.diagnostics import async_redact_data
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from cem_core.archive import CurveArchive
from cem_core.exchange.forms import FORMS, Writing
from custom_components.cem.const import DOMAIN
from custom_components.cem.home import Home
from custom_components.cem.language import renderer

SECRETS: Final = frozenset(
    {"auth_key", "key", "password", "s2_token", "secret", "station_password", "token"}
)
_QUARTER_HOUR: Final = timedelta(minutes=15)

type Files = Mapping[str, str | bytes]


def folder_of(hass: HomeAssistant) -> Path:
    """Return where exports are written: Home Assistant serves nothing from there."""
    return Path(hass.config.path(f"{DOMAIN}_export"))


async def async_export(home: Home, folder: Path) -> Path:
    """Write the archive and return where it is.

    Raises `OSError` where the disk takes none, and `ArchiveError` where curves cannot
    be read.
    """
    now = dt_util.utcnow()
    files = _documents(home, now)
    copied = (
        ("evidence", home.evidence.folder),
        ("consents", home.exchange.publications.folder),
    )
    zone = dt_util.get_default_time_zone()
    how = Writing(made=now.replace(microsecond=0), zone=zone)
    path = folder / f"{home.entry.entry_id}-{now:%Y%m%dT%H%M%SZ}.zip"
    archive = home.exchange.curves.archive

    def write() -> None:
        curves = _curves(archive, now, how)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(path, {**files, **curves}, copied)

    await home.hass.async_add_executor_job(write)
    return path


async def async_delete_exports(
    hass: HomeAssistant, folder: Path, entry_id: str | None = None
) -> int:
    """Delete the exports of a home, or all, and return how many. Raises `OSError`."""

    def delete() -> int:
        wanted = "*.zip" if entry_id is None else f"{entry_id}-*.zip"
        found = sorted(folder.glob(wanted))
        for path in found:
            path.unlink()
        return len(found)

    return await hass.async_add_executor_job(delete)


def _documents(home: Home, now: datetime) -> Files:
    entry, say = home.entry, renderer(home.hass)
    documents: dict[str, Any] = {
        "about": {
            "made": now.isoformat(),
            "home": entry.title,
            "entry_version": [entry.version, entry.minor_version],
            "left_out": sorted(SECRETS),
        },
        "settings": {
            "connection": dict(entry.data),
            "options": dict(entry.options),
            "subentries": [
                {
                    "type": subentry.subentry_type,
                    "title": subentry.title,
                    "data": dict(subentry.data),
                }
                for subentry in entry.subentries.values()
            ],
        },
        "state": home.store.as_json(),
        "learned": home.learned.as_json(),
        "savings": home.savings.as_json(),
        "plan": home.plan_document,
        "log": [
            {
                "time": each.time.isoformat(),
                "about": each.about,
                "device": each.device_id,
                "action": each.action,
                "text": say.text(each.message),
            }
            for each in home.action_log.entries
        ],
    }
    return {
        f"{name}.json": json.dumps(
            async_redact_data(document, SECRETS), indent=1, default=str
        )
        for name, document in documents.items()
    }


def _curves(archive: CurveArchive, now: datetime, how: Writing) -> Files:
    span = archive.span()
    if span is None:
        return {}
    curves = archive.read(_QUARTER_HOUR, _quarter(span[0]), _quarter(now))
    return {"curves.csv": FORMS["csv"].write(curves, how)} if curves else {}


def _quarter(time: datetime) -> datetime:
    return time - timedelta(seconds=time.timestamp() % _QUARTER_HOUR.total_seconds())


def _write(path: Path, files: Files, copied: Iterable[tuple[str, Path]]) -> None:
    part = path.with_suffix(".part")
    try:
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in files.items():
                archive.writestr(name, content)
            for name, folder in copied:
                for file in _inside(folder):
                    archive.write(file, f"{name}/{file.relative_to(folder)}")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _inside(folder: Path) -> Sequence[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())
