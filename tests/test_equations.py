"""The model's pages print the equations that stand beside the rows in the code."""

from pathlib import Path

import pytest

from script.rig.equations import PAGES, ROOT, named, rows, with_rows

FILES = sorted(
    path
    for path in (ROOT / "optimizer").rglob("*.py")
    if list(rows(path.read_text(encoding="utf-8")))
)


@pytest.mark.parametrize("page", sorted(PAGES.glob("*.md")), ids=lambda page: page.stem)
def test_a_page_is_as_the_code_says(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text == with_rows(text), "run script/equations"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_row_has_its_equation_beside_it_and_a_page(path: Path) -> None:
    found = dict(rows(path.read_text(encoding="utf-8")))
    assert [name for name, equation in found.items() if not equation] == []
    pages = (page.read_text(encoding="utf-8") for page in PAGES.glob("*.md"))
    assert any(str(path.relative_to(ROOT)) in named(page) for page in pages)


def test_an_equation_is_taken_from_the_function_that_builds_its_row() -> None:
    source = """
def build(block):
    # no row
    @block.Constraint([0])
    def kept(b, t):
        # E[t+1] = E[t]
        return b.energy[t] == 0

    @block.Constraint([0])
    def silent(b, t):
        return b.energy[t] == 1
"""
    assert list(rows(source)) == [("kept", "E[t+1] = E[t]"), ("silent", "")]
    page = "a\n<!-- rows of optimizer/components/inverter.py -->\nold\n<!-- end of rows -->\nb\n"
    assert "old" not in with_rows(page)
    assert "give_only  to_home[t] ≤ limit z[t]" in with_rows(page)
