"""What cannot follow what the meter said before is kept from the home, and told."""

from datetime import timedelta

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest

from cem_core.limits import Contract
from cem_core.model import Quality, Reading
from custom_components.cem.const import Kind
from custom_components.cem.meter_guard import MeterGuard
from custom_components.cem.meters.entities import EntityMeter
from custom_components.cem.problems import problems
from tests.custom_components.conftest import SetUp

NOW = dt_util.utcnow()


def said(wh: int, after_s: int = 0, power_w: int = 500) -> Reading:
    """Return a reading of a named meter, some seconds from now."""
    return Reading(
        format="dsmr",
        timestamp=NOW + timedelta(seconds=after_s),
        meter_id="E1",
        import_power_w=power_w,
        import_energy_wh={"1": wh},
    )


async def test_a_register_that_fell_is_a_problem_until_it_has_passed(
    hass: HomeAssistant, set_up: SetUp, caplog: pytest.LogCaptureFixture
) -> None:
    home = await set_up(Kind.METER)
    home.on_reading(said(5_000))
    home.on_reading(said(1_000, 1, 700))
    reading = home.snapshot.reading
    assert reading is not None
    assert (reading.import_energy_wh, reading.power_w) == ({"1": 5_000}, 700)
    assert reading.quality_of("import_energy_wh.1") is Quality.ESTIMATED
    assert home.meter is not None
    assert reading.source == home.meter.source
    assert "meter_doubted" in dict(problems(home))
    assert "fell from 5000 to 1000 Wh" in caplog.text
    home.on_reading(said(5_001, 2))
    assert "meter_doubted" not in dict(problems(home))


async def test_an_old_telegram_changes_nothing(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER)
    home.on_reading(said(5_000, 60))
    home.on_reading(said(5_000, 0, power_w=9_000))
    assert home.snapshot.grid_w == 500


@pytest.mark.parametrize(("fuse_a", "doubted"), [(None, False), (25.0, True)])
def test_the_fuses_bound_what_can_have_passed(
    fuse_a: float | None, *, doubted: bool
) -> None:
    guard = MeterGuard("home", None, Contract(fuse_a=fuse_a))
    guard.believed(said(0), 0)
    guard.believed(said(1_800, 3), 3)  # a kilowatt-hour and 960 kW
    assert (guard.doubt is not None) is doubted


def test_the_difference_of_two_entities_is_calculated(hass: HomeAssistant) -> None:
    for name, power_w in (("in", "700"), ("out", "200")):
        hass.states.async_set(f"sensor.{name}", power_w, {"unit_of_measurement": "W"})
    of_two = {"import_power": "sensor.in", "export_power": "sensor.out"}
    of_one = {"power": "sensor.in", "power_sign": "import_positive"}
    marks = []
    for data in (of_two, of_one):
        reading = EntityMeter(hass, data).read()
        assert reading is not None
        marks.append((reading.import_power_w, reading.quality_of("import_power_w")))
    assert marks == [(500, Quality.CALCULATED), (700, Quality.METERED)]
