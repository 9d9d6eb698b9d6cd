"""Each of the 27 use cases has its page, which claims what the table claims."""

import re

import pytest

from tests.test_repository import ROOT
from tests.test_use_cases import CASES

PAGES = ROOT / "docs" / "use-cases"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["no"])
def test_a_page_says_what_the_table_says(case: dict[str, str]) -> None:
    text = (PAGES / f"uc{int(case['no']):02}.md").read_text()
    assert text.startswith(f"# {case['no']}. {case['use case']}\n")
    assert ("**Planned" in text) == (case["state"] == "planned")
    if case["state"] == "works":
        assert "What is missing" not in text or case["no"] == "1"
    named = set(re.findall(r"`(tests/[\w/]+\.py)`", text))
    assert set(re.findall(r"`(tests/[\w/]+\.py)`", case["test"])) <= named
    assert all((ROOT / name).is_file() for name in named)


def test_there_is_no_other_page() -> None:
    assert len(list(PAGES.glob("*.md"))) == len(CASES)
