"""Each country with tariffs has its page, which names all of them as they are."""

import json
from pathlib import Path

import pytest

from cem_core.tariff.country_rules import COUNTRY_RULES
from tests.test_repository import ROOT

TARIFFS = sorted((ROOT / "custom_components/cem/presets/tariffs").glob("*.json"))
PAGES = ROOT / "docs" / "countries"
WORDS = {
    "price_factor": "factor",
    "price_addition": "addition",
    "import_price": "price",
    "period_prices": "prices",
    "export_price": "exports",
    "export_factor": "exports' factor",
    "export_addition": "exports' addition",
}


def test_countries_with_tariffs_or_rules_have_a_page() -> None:
    pages = {page.stem for page in PAGES.glob("*.md")}
    assert pages == {path.stem for path in TARIFFS}
    assert {country.lower() for country in COUNTRY_RULES} <= pages


@pytest.mark.parametrize("path", TARIFFS, ids=lambda path: path.stem)
def test_a_page_lists_the_tariffs(path: Path) -> None:
    listed = [
        line
        for line in (PAGES / f"{path.stem}.md").read_text().splitlines()
        if line.startswith("| ") and not line.startswith("| tariff")
    ]
    told = json.loads(path.read_text())["tariffs"]
    assert len(listed) == len(told)
    for line, tariff in zip(listed, told, strict=True):
        answers = tariff["answers"]
        presets = [answers.get("calendar"), answers.get("capacity_preset")]
        named = ", ".join(f"`{preset}`" for preset in presets if preset)
        until = f" to {tariff['valid_until']}" if "valid_until" in tariff else ""
        holds = f"from {tariff['valid_from']}{until}"
        check = ", ".join(WORDS[key] for key in tariff["unconfirmed"])
        cells = (tariff["name"], tariff["basis"], named, holds, check)
        assert line == f"| {' | '.join(cells)} |"
