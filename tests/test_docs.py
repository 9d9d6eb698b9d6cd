"""What the documents name exists: files, sections, commands and their options."""

from pathlib import Path
import re
import shlex
import subprocess
import sys

import pytest

from optimizer.cli import COMMANDS
from tests.test_repository import ROOT, committed

PAGES = sorted(path for path in committed("*.md") if "licenses" not in path.name)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`\n]+)`")
# The first part of a path in this repository, as a document writes it.
ROOMS = (
    "benchmarks/",
    "cem_core/",
    "custom_components/",
    "docs/",
    "examples/",
    "frontend/",
    "optimizer/",
    "requirements/",
    "script/",
    "tests/",
    ".ci/",
)
MADE_LATER = re.compile(
    r"HOME\.yaml|SERIES\.csv|PLAN\.json|telegram\.txt|^-$|^dist/|^/dev/"
)


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def anchor(heading: str) -> str:
    """Return what a page's section is called in a link."""
    kept = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return kept.replace(" ", "-")


def anchors(page: Path) -> set[str]:
    return {anchor(h) for h in re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)}


def lines(page: Path) -> list[str]:
    """Return the commands of a page: blocks of shell and code in the text."""
    text = page.read_text()
    blocks = [body for kind, body in FENCE.findall(text) if kind in {"", "sh", "bash"}]
    inline = CODE.findall(FENCE.sub("", text))
    return [
        part.strip()
        for line in (*"\n".join(blocks).replace("\\\n", " ").split("\n"), *inline)
        for part in re.split(r"\s\|\s|&&|;|\s#\s", line)
    ]


def calls(page: Path, command: str) -> list[list[str]]:
    """Return the words behind each call of ``command`` on a page."""
    found = []
    for line in lines(page):
        words = shlex.split(line.replace("'", "").replace('"', ""), comments=True)
        if words and words[0].removeprefix(".venv/bin/") == command:
            found.append(words[1:])
    return found


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_link_leads_somewhere(page: Path) -> None:
    dead = []
    for link in LINK.findall(page.read_text()):
        if re.match(r"[a-z]+:", link):
            continue
        file, _, section = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        if not target.exists() or (section and section not in anchors(target)):
            dead.append(link)
    assert dead == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_file_that_is_named_exists(page: Path) -> None:
    named = (
        word.partition("::")[0].rstrip(".,:")
        for line in lines(page)
        for word in line.split()
        if word.startswith(ROOMS)
    )
    missing = [
        path
        for path in named
        if not MADE_LATER.search(path) and not list(ROOT.glob(path.rstrip("/")))
    ]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_module_that_is_named_exists(page: Path) -> None:
    files = {path.name for path in committed("*.py")}
    words = CODE.findall(FENCE.sub("", page.read_text()))
    modules = [w for w in words if re.fullmatch(r"\w+\.py", w)]
    packages = [
        found[0]
        for word in words
        if (found := re.match(r"(cem_core|optimizer)(\.[a-z_0-9]+)*", word))
        and "/" not in word
    ]
    assert [module for module in modules if module not in files] == []
    assert [p for p in packages if not any(map(Path.exists, places(p)))] == []


def places(package: str) -> list[Path]:
    """Return where a dotted name may stand: a module, or a name in one."""
    path = ROOT / package.replace(".", "/")
    return [path, path.with_suffix(".py"), path.parent.with_suffix(".py")]


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_call_of_cem_is_one(page: Path) -> None:
    for words in calls(page, "cem"):
        command = next((w for w in words if not w.startswith("-")), None)
        assert command in {None, "COMMAND", *COMMANDS}, words
        files = [w for w in words if "/" in w and "://" not in w and "=" not in w]
        assert [
            w for w in files if not MADE_LATER.search(w) and not (ROOT / w).exists()
        ] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_of_cem_that_is_named_exists(command: str) -> None:
    options = {
        word.partition("=")[0]
        for page in PAGES
        for words in calls(page, "cem")
        if command == next((w for w in words if not w.startswith("-")), None)
        for word in words
        if word.startswith("--")
    }
    if not options:
        return
    told = subprocess.check_output(
        [Path(sys.executable).with_name("cem"), command, "--help"], text=True
    )
    assert [option for option in options if option not in told] == []


def test_the_decisions_are_numbered_without_a_gap() -> None:
    files = sorted((ROOT / "docs/decisions").glob("*.md"))
    numbers = [file.name[:4] for file in files]
    assert numbers == [f"{place:04}" for place in range(1, len(files) + 1)]
    for file in files:
        assert file.read_text().startswith(f"# {file.name[:4]}: "), file.name


def test_every_decision_that_is_named_was_taken() -> None:
    taken = {file.name[:4] for file in (ROOT / "docs/decisions").glob("*.md")}
    pages = [page for page in PAGES if "docs" in page.parts]
    named = {
        number
        for page in pages
        for number in re.findall(r"[\[(](0\d{3})[\])]", page.read_text())
    }
    assert named - taken == set()


def test_every_script_has_its_line_in_the_development_page() -> None:
    text = (ROOT / "docs/development.md").read_text()
    inner = {"packages", "python", "uv"}  # called by the others alone
    scripts = {p.name for p in (ROOT / "script").iterdir() if p.is_file()} - inner
    assert [
        script for script in sorted(scripts) if f"`script/{script}" not in text
    ] == []
