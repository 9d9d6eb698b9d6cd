"""script/docs makes a whole site: each link leads somewhere, nothing comes from outside."""

from html.parser import HTMLParser
import json
from pathlib import Path
import shutil

import pytest

from script.rig.docs.page import DeadLinkError, render
from script.rig.docs.site import build
from tests.test_repository import ROOT


class Links(HTMLParser):
    """Collects what a page links to, loads, and is linked by."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.feed(page.read_text())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if anchor := given.get("id"):
            self.anchors.add(anchor)
        if tag == "a" and (link := given.get("href")):
            self.links.append(link)
        for name in ("src", "href"):
            if tag in {"img", "link", "script"} and (link := given.get(name)):
                self.loads.append(link)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("site")
    build(ROOT, target, diagrams(target.with_suffix(".js")))
    return target


def diagrams(path: Path) -> Path:
    """Return a script in the place of the one that draws."""
    path.write_text("const mermaid = {};\n")
    return path


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Links]:
    return {page: Links(page) for page in sorted(site.rglob("*.html"))}


def test_every_page_of_markdown_is_a_page_of_the_site(
    pages: dict[Path, Links],
) -> None:
    assert len(pages) >= len(list((ROOT / "docs").rglob("*.md"))) > 50


def test_every_link_leads_to_a_page_and_its_section(pages: dict[Path, Links]) -> None:
    dead = []
    for page, found in pages.items():
        for link in found.links:
            file, _, anchor = link.partition("#")
            if ":" in file:
                continue
            target = (page.parent / file).resolve() if file else page
            known = pages[target].anchors if target in pages else set()
            if not target.is_file() or (anchor and anchor not in known):
                dead.append((page.name, link))
    assert dead == []


def test_nothing_is_loaded_from_outside(site: Path, pages: dict[Path, Links]) -> None:
    for page, found in pages.items():
        for link in found.loads:
            target = (page.parent / link).resolve()
            assert target.is_relative_to(site), link
            assert target.is_file(), link
    for name in ("site.css", "site.js"):
        assert "//" not in (site / name).read_text().replace("// ", "")


def test_the_navigation_leads_to_every_page(
    site: Path, pages: dict[Path, Links]
) -> None:
    """Directly, or by the list of a folder that it leads to."""
    front = site / "index.html"
    reached = {(site / link).resolve() for link in pages[front].links}
    for page in list(reached):
        if page.name == "index.html":
            reached |= {(page.parent / link).resolve() for link in pages[page].links}
    assert {p.relative_to(site) for p in pages if p not in reached} <= {
        front.relative_to(site)
    }


def test_the_index_finds_a_problem_by_its_code(site: Path) -> None:
    text = (site / "search.js").read_text()
    index = json.loads(text.removeprefix("const INDEX = ").removesuffix(";\n"))
    rows = [row for row in index if row[2] == "meter_silent"]
    assert [row[0] for row in rows] == ["troubleshooting.html#meter_silent"]
    assert "P1 port has one reader" in rows[0][3]


def test_a_dead_link_is_named(tmp_path: Path) -> None:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "README.md").write_text("# Front\n\n[gone](gone.md)\n")
    with pytest.raises(DeadLinkError, match=r"docs/README.md links to gone.md"):
        build(tmp_path, tmp_path / "site", diagrams(tmp_path / "mermaid.js"))


def test_headings_that_are_alike_have_anchors_of_their_own() -> None:
    page = render("# A `b` c\n\n## Same\n\none\n\n## Same\n\ntwo\n", str)
    assert page.title == "A b c"
    assert page.sections == [
        ("a-b-c", "A b c", ""),
        ("same", "Same", "one"),
        ("same-1", "Same", "two"),
    ]


def test_an_equation_is_mathml_and_a_price_is_none() -> None:
    page = render("# T\n\n$E_t$ costs 2 $ or 3 $.\n\n$$p = c$$\n", str)
    assert page.html.count("<math") == 2
    assert "<msub><mi>E</mi><mi>t</mi></msub>" in page.html
    assert 'display="block"' in page.html
    assert "2 $ or 3 $" in page.html
    assert not page.has_diagrams


def test_a_diagram_is_drawn_where_there_is_one(pages: dict[Path, Links]) -> None:
    page = render("# T\n\n```mermaid\nflowchart LR\n  a --> b\n```\n", str)
    assert page.has_diagrams
    assert '<pre class="mermaid">flowchart LR\n  a --&gt; b\n</pre>' in page.html
    drawn = {p.stem for p, found in pages.items() if "mermaid.js" in found.loads}
    assert {"architecture", "limits"} <= drawn
    assert "battery" not in drawn


def test_no_equation_is_left_as_it_was_written(pages: dict[Path, Links]) -> None:
    for page in pages:
        assert "$$" not in page.read_text(), page.name
