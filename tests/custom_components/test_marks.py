"""How figures came about."""

import pytest

from cem_core.model import Quality, Reading
from custom_components.cem.marks import energy_quality, grid_quality


@pytest.mark.parametrize(
    ("import_w", "export_w", "mark"),
    [
        (500, 0, Quality.METERED),
        (500, None, Quality.METERED),
        (0, 0, Quality.METERED),
        (500, 200, Quality.CALCULATED),
        (None, None, None),
    ],
)
def test_a_net_power_is_metered_unless_both_flow(
    import_w: int | None, export_w: int | None, mark: Quality | None
) -> None:
    reading = Reading(format="dsmr", import_power_w=import_w, export_power_w=export_w)
    assert grid_quality(reading) is mark


def test_the_worst_mark_is_that_of_the_sum() -> None:
    marks = {"import_energy_wh.1": Quality.ESTIMATED}
    tariffs = Reading(format="dsmr", import_energy_wh={"1": 1, "2": 2}, quality=marks)
    assert energy_quality(tariffs, "import_energy_wh") is Quality.ESTIMATED
    assert energy_quality(tariffs, "import_energy_wh", "2") is Quality.METERED
    total = Reading(format="dsmr", export_energy_wh={"total": 3, "1": 3})
    assert energy_quality(total, "export_energy_wh") is Quality.METERED
