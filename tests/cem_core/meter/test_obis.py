"""The table of OBIS codes, and the page that explains it."""

from pathlib import Path
import re
from typing import Final

from cem_core.meter.obis import CHANNELS, TABLE, TARIFFS, Quantity

PAGE: Final = Path(__file__).parents[3] / "docs" / "meters" / "p1.md"


def test_the_page_names_every_code_and_no_other() -> None:
    page = PAGE.read_text(encoding="utf-8")
    table = page.partition("| OBIS |")[2].partition("\n\n")[0]
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| ")]
    named = set(re.findall(r"\d-[\dn]:[\dx.]+", " ".join(cells)))
    known = {
        re.sub(r"^0-[1-9]:", "0-n:", re.sub(r"(?<=\.8\.)\d+$", "x", code))
        for code in TABLE
    }
    assert named == known


def test_phases_tariffs_and_channels_are_complete() -> None:
    by_field: dict[str, set[object]] = {}
    for item in TABLE.values():
        by_field.setdefault(item.field, set()).add(item.key)
    assert by_field["voltage_v"] == {1, 2, 3}
    assert by_field["import_energy_wh"] == {"total", *map(str, TARIFFS)}
    assert by_field["submeter_value"] == set(CHANNELS)


def test_units_are_in_lower_case_as_they_are_looked_up() -> None:
    quantities = [i.content for i in TABLE.values() if isinstance(i.content, Quantity)]
    assert quantities
    for quantity in quantities:
        units = {*quantity.factors, *quantity.other_units}
        assert units == {unit.lower() for unit in units}
