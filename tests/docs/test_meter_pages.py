"""Each format and form that is read has its page, which names it."""

import re

from cem_core.meter.formats import FORMATS
from cem_core.meter.json_forms.forms import FORMS
from tests.test_repository import ROOT

DOCS = ROOT / "docs"


def test_each_format_leads_to_its_page() -> None:
    text = (DOCS / "meter.md").read_text()
    pages = dict(re.findall(r"^\| \[`(\w+)`\]\((meters/\w+\.md)\)", text, re.MULTILINE))
    assert set(pages) == set(FORMATS)
    assert all((DOCS / page).is_file() for page in pages.values())


def test_each_form_of_json_is_listed() -> None:
    text = (DOCS / "meters" / "json.md").read_text()
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} >= set(FORMS)
