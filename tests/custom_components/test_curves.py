"""Load curves of the home: recorded, given out, taken in, kept as statistics."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.recorder import get_instance
from homeassistant.components.recorder.statistics import statistics_during_period
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError, Unauthorized
import pytest
from pytest_homeassistant_custom_component.common import MockUser
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)

from cem_core.archive import CurveArchive
from cem_core.exchange.forms import FORMS, Writing
from cem_core.model import Direction, Reading
from custom_components.cem.const import DOMAIN, Kind
from custom_components.cem.exchange.statistics import statistic_id
from custom_components.cem.home import Home
from tests.cem_core.exchange.made import curve
from tests.custom_components.conftest import SetUp

START = datetime(2026, 1, 15, 10, 0, tzinfo=UTC)
METER = "E0047000123456789"


def telegram(at: datetime, import_wh: int, **changes: Any) -> Reading:
    said: dict[str, Any] = {
        "format": "dsmr",
        "timestamp": at,
        "meter_id": METER,
        "import_power_w": 400,
        "export_power_w": 0,
        "import_energy_wh": {"1": import_wh, "2": 500},
        "export_energy_wh": {"1": 7, "2": 0},
    }
    return Reading(**said | changes)


async def let_pass(
    hass: HomeAssistant,
    home: Home,
    freezer: FrozenDateTimeFactory,
    until: datetime,
    *,
    meter: Callable[[datetime], Reading] | None = None,
) -> None:
    """Let a telegram come each ten seconds, with 400 W."""
    at = datetime.now(UTC)
    while at <= until:
        freezer.move_to(at)
        counted = round((at - START).total_seconds()) // 9
        home.exchange.take(meter(at) if meter else telegram(at, 1000 + counted))
        if at.minute % 5 == 0 and at.second == 0:
            await hass.async_block_till_done(wait_background_tasks=True)
        at += timedelta(seconds=10)
    await hass.async_block_till_done(wait_background_tasks=True)


async def act(hass: HomeAssistant, action: str, **data: Any) -> dict[str, Any]:
    answer = await hass.services.async_call(
        DOMAIN, action, data, blocking=True, return_response=True
    )
    assert isinstance(answer, dict)
    return dict(answer)


@pytest.fixture
async def home(
    hass: HomeAssistant, set_up: SetUp, freezer: FrozenDateTimeFactory
) -> Home:
    freezer.move_to(START)
    await hass.config.async_set_time_zone("Europe/Brussels")
    home = await set_up(Kind.METER)
    await hass.async_block_till_done(wait_background_tasks=True)
    return home


async def test_quarter_hours_are_recorded_and_given_out(
    hass: HomeAssistant, home: Home, freezer: FrozenDateTimeFactory
) -> None:
    await let_pass(hass, home, freezer, START + timedelta(hours=1))
    answer = await act(hass, "export_curves", start=START.isoformat())
    imported, exported = FORMS["csv"].read(answer["content"].encode())
    assert [each.energy_wh for each in imported.intervals] == [100] * 4
    assert [each.energy_wh for each in exported.intervals] == [0] * 4
    assert answer["curves"][0]["billing"] == "not for billing"
    assert answer["content"].splitlines()[1].startswith("2026-01-15T11:00:00+01:00,")
    hours = await act(
        hass, "export_curves", start=START.isoformat(), resolution="60", format="cim"
    )
    assert FORMS["cim"].read(hours["content"].encode())[0].energy_wh == 400


async def test_a_restart_loses_no_quarter_hour(
    hass: HomeAssistant, home: Home, freezer: FrozenDateTimeFactory
) -> None:
    await let_pass(hass, home, freezer, START + timedelta(minutes=7))
    assert await hass.config_entries.async_reload(home.entry.entry_id)
    again: Home = home.entry.runtime_data
    await hass.async_block_till_done(wait_background_tasks=True)
    freezer.move_to(START + timedelta(minutes=9))
    await let_pass(hass, again, freezer, START + timedelta(minutes=15))
    answer = await act(hass, "export_curves", start=START.isoformat())
    found = FORMS["csv"].read(answer["content"].encode())[0]
    assert [(each.energy_wh, each.status.value) for each in found.intervals] == [
        (100, "metered")
    ]


async def test_an_outage_is_missing_and_spread_only_when_asked(
    hass: HomeAssistant, home: Home, freezer: FrozenDateTimeFactory
) -> None:
    await let_pass(hass, home, freezer, START + timedelta(minutes=15))
    freezer.move_to(START + timedelta(minutes=45))
    await let_pass(hass, home, freezer, START + timedelta(minutes=60))
    answer = await act(hass, "export_curves", start=START.isoformat())
    assert answer["curves"][0]["statuses"] == {
        "metered": 2, "calculated": 0, "estimated": 0, "missing": 2,
    }  # fmt: skip
    answer = await act(hass, "export_curves", start=START.isoformat(), spread=True)
    assert answer["curves"][0]["statuses"]["estimated"] == 2
    assert answer["curves"][0]["energy_wh"] == 400


async def test_a_clock_that_is_days_off_and_a_register_that_goes_back(
    hass: HomeAssistant, home: Home, freezer: FrozenDateTimeFactory
) -> None:
    curves = home.exchange.curves
    await let_pass(hass, home, freezer, START + timedelta(minutes=5))
    later = START + timedelta(minutes=6)
    freezer.move_to(later)
    home.exchange.take(telegram(START + timedelta(days=400), 5000))
    home.exchange.take(telegram(later, 5))
    assert curves.refused == 2
    await let_pass(hass, home, freezer, START + timedelta(minutes=15))
    assert curves.refused == 2
    (imported, _) = await curves.async_read(
        timedelta(minutes=15), START, START + timedelta(minutes=15)
    )
    assert imported.energy_wh == 100


async def test_a_telegram_without_one_tariff_is_in_no_sum(
    hass: HomeAssistant, home: Home, freezer: FrozenDateTimeFactory
) -> None:
    def said(at: datetime) -> Reading:
        counted = 1000 + round((at - START).total_seconds()) // 9
        part = {"2": 9_999} if at.minute == 7 else {"1": counted, "2": 500}
        return telegram(at, 0, import_energy_wh=part)

    await let_pass(hass, home, freezer, START + timedelta(minutes=15), meter=said)
    answer = await act(hass, "export_curves", start=START.isoformat())
    assert answer["curves"][0]["energy_wh"] == 100


async def test_hours_become_statistics(
    hass: HomeAssistant, home: Home, freezer: FrozenDateTimeFactory
) -> None:
    await let_pass(hass, home, freezer, START + timedelta(hours=2))
    await async_wait_recording_done(hass)
    name = statistic_id(home.entry, Direction.IMPORT)
    found = await get_instance(hass).async_add_executor_job(
        statistics_during_period,
        hass,
        START,
        None,
        {name},
        "hour",
        None,
        {"sum", "state"},
    )
    rows = found[name]
    hours = [(row["start"] - START.timestamp()) / 3600 for row in rows]
    assert hours == [0, 1]
    assert [row["state"] for row in rows] == pytest.approx([0.4, 0.4])
    assert [row["sum"] for row in rows] == pytest.approx([0.4, 0.8])


async def test_a_home_stops_although_the_recorder_has(
    hass: HomeAssistant,
    home: Home,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def closed(*_: object) -> None:
        raise RuntimeError("cannot schedule new futures after shutdown")

    monkeypatch.setattr(get_instance(hass), "async_add_executor_job", closed)
    await let_pass(hass, home, freezer, START + timedelta(hours=1))
    assert await hass.config_entries.async_unload(home.entry.entry_id)


async def test_an_mid_meter_says_so(
    hass: HomeAssistant, set_up: SetUp, freezer: FrozenDateTimeFactory
) -> None:
    freezer.move_to(START)
    home = await set_up(Kind.METER, options={"mid_meter": True})
    await hass.async_block_till_done(wait_background_tasks=True)
    await let_pass(hass, home, freezer, START + timedelta(minutes=15))
    answer = await act(hass, "export_curves", start=START.isoformat())
    assert answer["curves"][0]["billing"] == "MID register"


async def test_a_meter_of_entities_is_named_by_them(
    hass: HomeAssistant, home: Home, freezer: FrozenDateTimeFactory
) -> None:
    def said(at: datetime) -> Reading:
        return telegram(at, 1000, format="entity", timestamp=None, meter_id=None)

    await let_pass(hass, home, freezer, START + timedelta(minutes=15), meter=said)
    answer = await act(hass, "export_curves", start=START.isoformat())
    assert answer["curves"][0]["meter_id"] == "sensor.grid"
    assert answer["curves"][0]["statuses"]["calculated"] == 1


async def test_a_slow_meter_has_no_gaps(
    hass: HomeAssistant, home: Home, freezer: FrozenDateTimeFactory
) -> None:
    for seconds in (0, 50, 840, 895, 950, 1000):  # it is silent after 60 s
        at = START + timedelta(seconds=seconds)
        freezer.move_to(at)
        home.exchange.take(telegram(at, 1000 + seconds // 9))
        await hass.async_block_till_done(wait_background_tasks=True)
    answer = await act(hass, "export_curves", start=START.isoformat())
    assert answer["curves"][0]["statuses"]["calculated"] == 1
    assert answer["curves"][0]["energy_wh"] == 100


@pytest.mark.parametrize(
    "name", [name for name, form in FORMS.items() if form.encoding]
)
async def test_curves_are_taken_in_and_given_out_again(
    name: str, hass: HomeAssistant, home: Home
) -> None:
    form = FORMS[name]
    made = curve([5, None, 7, 8], start=START - timedelta(days=1), meter_id="Zähler")
    text = form.write([made], Writing(made=START)).decode(form.encoding or "")
    answer = await act(hass, "import_curves", content=text)
    assert (answer["format"], answer["curves"][0]["new_intervals"]) == (name, 3)
    answer = await act(
        hass,
        "export_curves",
        format=name,
        start=made.start.isoformat(),
        end=made.end.isoformat(),
    )
    assert form.read(answer["content"].encode(form.encoding or "")) == (made,)


async def test_files_lie_where_home_assistant_may_write(
    hass: HomeAssistant, home: Home, tmp_path: Path
) -> None:
    made = curve([5], start=START)
    archive: CurveArchive = home.exchange.curves.archive
    await hass.async_add_executor_job(archive.keep_curve, made)
    span = {
        "start": made.start.isoformat(),
        "end": made.end.isoformat(),
        "file": str(tmp_path / "curve.csv"),
    }
    with pytest.raises(ServiceValidationError) as refused:
        await act(hass, "export_curves", **span)
    assert refused.value.translation_key == "file_not_allowed"
    hass.config.allowlist_external_dirs = {str(tmp_path)}
    answer = await act(hass, "export_curves", **span)
    assert "content" not in answer
    data = (tmp_path / "curve.csv").read_bytes()
    assert FORMS["csv"].read(data) == (made,)
    answer = await act(hass, "import_curves", file=span["file"])
    assert answer["curves"][0]["new_intervals"] == 0


@pytest.mark.parametrize(
    ("action", "data", "key"),
    [
        ("export_curves", {"day": "2020-01-01"}, "no_curves"),
        (
            "export_curves",
            {"start": "2026-01-02T00:00:00Z", "end": "2026-01-01T00:00:00Z"},
            "span_wrong",
        ),
        ("import_curves", {}, "nothing_to_import"),
        ("import_curves", {"content": "what is this"}, "format_unknown"),
        ("import_curves", {"content": "<x/>", "format": "cim"}, "curves_refused"),
        ("revoke_consent", {"publication": "nobody"}, "no_publication"),
    ],
)
async def test_what_cannot_be_is_refused_in_a_sentence(
    action: str, data: dict[str, Any], key: str, hass: HomeAssistant, home: Home
) -> None:
    with pytest.raises(ServiceValidationError) as refused:
        await act(hass, action, **data)
    assert refused.value.translation_key == key


async def test_only_administrators_get_curves(
    hass: HomeAssistant, home: Home, hass_read_only_user: MockUser
) -> None:
    for action in ("export_curves", "import_curves"):
        with pytest.raises(Unauthorized):
            await hass.services.async_call(
                DOMAIN,
                action,
                {},
                blocking=True,
                return_response=True,
                context=Context(user_id=hass_read_only_user.id),
            )
