"""What is kept can be taken along, and be deleted; evidence only if that is said."""

from collections.abc import Iterator
from datetime import UTC, datetime
import json
from pathlib import Path
from typing import Any
from unittest.mock import patch
import zipfile

from homeassistant.components.recorder import Recorder
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError, Unauthorized
import pytest
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.cem.care.export import SECRETS, async_delete_exports
from custom_components.cem.const import DOMAIN, Kind
from custom_components.cem.home import Home
from tests.cem_core.exchange.made import curve
from tests.custom_components.conftest import SetUp
from tests.custom_components.house import DATA
from tests.custom_components.test_limits import order

_START = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def exports(tmp_path: Path) -> Iterator[Path]:
    """Leave no exports in the harness's folder."""
    folder = tmp_path / "exports"
    with (
        patch("custom_components.cem.care.actions.folder_of", return_value=folder),
        patch("custom_components.cem.care.deletion.folder_of", return_value=folder),
    ):
        yield folder


async def call(
    hass: HomeAssistant, action: str, context: Context | None = None, **data: Any
) -> Any:
    """Call an action and return its answer."""
    return await hass.services.async_call(
        DOMAIN, action, data, blocking=True, return_response=True, context=context
    )


def names_in(folder: Path) -> list[str]:
    """Return what lies in ``folder``."""
    return sorted(path.name for path in folder.iterdir())


def in_the_way(folder: Path) -> None:
    """Put a file where ``folder`` should be."""
    folder.write_text("no folder")


async def lived_in(hass: HomeAssistant, set_up: SetUp) -> Home:
    """Set up a home with a secret, a session, a curve and a limit that was ordered."""
    charger = DATA[Kind.EV_CHARGER] | {"station": "w", "station_password": "hush-hush"}
    kept = {k: v for k, v in charger.items() if k not in ("switch", "throttle")}
    with (
        patch.dict(DATA, {Kind.EV_CHARGER: kept}),
        patch("custom_components.cem.listeners.Listener.async_start"),
    ):
        home = await set_up(Kind.METER, Kind.TARIFF, Kind.BATTERY, Kind.EV_CHARGER)
    home.learned.sessions["id_ev_charger"] = [{"energy_kwh": 7.5}]
    await order(hass, limit_id="relay-7")
    await hass.async_block_till_done(wait_background_tasks=True)
    archive = home.exchange.curves.archive
    day = curve(list(range(100, 196)), meter_id="1EMH0001", start=_START)
    await hass.async_add_executor_job(archive.keep_curve, day)
    return home


async def test_everything_is_in_the_archive_and_no_secret(
    hass: HomeAssistant, set_up: SetUp, exports: Path
) -> None:
    await lived_in(hass, set_up)
    answer = await call(hass, "export_everything")
    path = Path(answer["file"])
    assert path.parent == exports
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        content = {name: archive.read(name).decode(errors="replace") for name in names}
    assert {
        *("about.json", "settings.json", "state.json", "learned.json"),
        *("savings.json", "plan.json", "log.json", "curves.csv"),
    } <= names
    assert any(name.startswith("evidence/") for name in names)
    assert not any("hush-hush" in text for text in content.values())
    assert json.loads(content["about.json"])["left_out"] == sorted(SECRETS)
    settings = json.loads(content["settings.json"])
    titles = {each["title"] for each in settings["subentries"]}
    assert titles == {"Meter", "Cellar battery", "Wallbox"}
    learned = json.loads(content["learned.json"])
    assert learned["sessions"] == {"id_ev_charger": [{"energy_kwh": 7.5}]}
    assert "relay-7" in content["state.json"]
    assert "1EMH0001" in content["curves.csv"]
    log = json.loads(content["log.json"])
    assert any(each["about"] == "limit" for each in log)


@pytest.mark.parametrize("evidence", [False, True])
async def test_all_goes_and_evidence_if_that_is_said(
    hass: HomeAssistant,
    set_up: SetUp,
    recorder_mock: Recorder,
    hass_storage: dict[str, Any],
    exports: Path,
    *,
    evidence: bool,
) -> None:
    home = await lived_in(hass, set_up)
    await call(hass, "export_everything")
    curves, proofs = home.exchange.curves.archive.path, home.evidence.folder
    assert curves.exists()
    assert any(proofs.iterdir())
    with patch.object(recorder_mock, "async_clear_statistics") as clear:
        answer = await call(
            hass, "delete_everything", confirmation="Home", evidence=evidence
        )
    (names,) = clear.call_args.args
    assert "cem:home_entry_import" in names
    assert "sensor.home_grid_power" in names
    assert hass.config_entries.async_entries(DOMAIN) == []
    assert not [key for key in hass_storage if key.startswith("cem.")]
    assert not curves.exists()
    assert names_in(exports) == []
    assert answer["exports"] == 1
    assert proofs.exists() is not evidence
    assert (str(proofs) in answer["kept"]) is not evidence
    assert home.evidence.key.exists() is not evidence


async def test_another_name_deletes_nothing(hass: HomeAssistant, set_up: SetUp) -> None:
    home = await set_up(Kind.METER)
    with pytest.raises(ServiceValidationError) as refused:
        await call(hass, "delete_everything", confirmation="Hume")
    assert refused.value.translation_key == "not_confirmed"
    assert home.entry in hass.config_entries.async_entries(DOMAIN)


@pytest.mark.parametrize("action", ["export_everything", "delete_everything"])
async def test_only_administrators_may(
    hass: HomeAssistant, set_up: SetUp, hass_read_only_user: MockUser, action: str
) -> None:
    await set_up(Kind.METER)
    context = Context(user_id=hass_read_only_user.id)
    data = {"confirmation": "Home"} if action == "delete_everything" else {}
    with pytest.raises(Unauthorized):
        await call(hass, action, context, **data)


async def test_a_disk_that_takes_nothing_is_told(
    hass: HomeAssistant, set_up: SetUp, exports: Path
) -> None:
    await set_up(Kind.METER)
    in_the_way(exports)
    with pytest.raises(ServiceValidationError) as refused:
        await call(hass, "export_everything")
    assert refused.value.translation_key == "export_failed"


async def test_exports_of_other_homes_stay(hass: HomeAssistant, tmp_path: Path) -> None:
    for name in ("a-1.zip", "a-2.zip", "b-1.zip"):
        (tmp_path / name).touch()
    assert await async_delete_exports(hass, tmp_path, "a") == 2
    assert names_in(tmp_path) == ["b-1.zip"]
    assert await async_delete_exports(hass, tmp_path) == 1
