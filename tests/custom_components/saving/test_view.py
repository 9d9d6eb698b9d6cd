"""The documents of `cem/savings` that the dashboard's own tests show.

`--snapshot-update` writes them anew, into __snapshots__.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from homeassistant.core import HomeAssistant
import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from cem_core.insight.savings import SavedDay
from cem_core.model import Message
from custom_components.cem.const import Kind
from custom_components.cem.home import Home
from custom_components.cem.saving.view import savings_json
from tests.custom_components.conftest import SetUp

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
DAY = timedelta(days=1)
OBSERVED = SavedDay(
    start=NOON - DAY,
    end=NOON,
    controlled=False,
    measured_share=0.997,
    bill=4.1,
    without=4.3,
    planned=3.2,
    known=3.1,
    perfect=3.05,
    peak_kw=7.6,
    peak_without_kw=7.9,
    peak_planned_kw=4.2,
    import_kwh=14.2,
    export_kwh=1.1,
    produced_kwh=4.4,
    export_planned_kwh=0.2,
)
CONTROLLED = replace(OBSERVED, controlled=True, bill=3.25, peak_kw=4.4, export_kwh=0.3)


def ago(day: SavedDay, days: int) -> SavedDay:
    return replace(day, start=day.start - days * DAY, end=day.end - days * DAY)


@pytest.fixture
async def home(hass: HomeAssistant, set_up: SetUp) -> Home:
    await hass.config.async_set_time_zone("UTC")
    return await set_up(Kind.METER, Kind.TARIFF, Kind.SOLAR, Kind.BATTERY)


DOCUMENTS: tuple[tuple[str, list[SavedDay], Message | None], ...] = (
    ("new", [], None),
    ("not_measured", [], Message.of("savings_not_measured")),
    ("observed", [ago(OBSERVED, 1), OBSERVED], None),
    ("mixed", [ago(OBSERVED, 2), ago(CONTROLLED, 1), CONTROLLED], None),
    (
        "loss",
        [ago(OBSERVED, 1), replace(CONTROLLED, bill=4.7)],
        Message.of("savings_no_prices"),
    ),
)


async def test_the_documents(home: Home, snapshot: SnapshotAssertion) -> None:
    told = {}
    for name, days, waiting in DOCUMENTS:
        home.savings.days = days
        home.savings_waiting = waiting
        told[name] = savings_json(home)
    assert told["mixed"]["periods"][1]["saved"] == pytest.approx(1.1 + 2 * 1.05)
    assert told["loss"]["periods"][0]["saved"] < 0
    assert told == snapshot(extension_class=JSONSnapshotExtension)
