"""The developers' pages do what they say: each is followed on a copy of the code.

A comment ``<!-- file: PLACE -->`` before a block says where it goes. A diff changes a
file that is there: what it shows without its + stands in it exactly once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
import os
from pathlib import Path
import re
import shutil
import subprocess
import sys

import pytest

from tests.test_repository import ROOT

PAGES = sorted((ROOT / "docs" / "developers").glob("*.md"))
BLOCK = re.compile(
    r"^<!-- file: (\S+) -->\n+```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL
)
FENCE = re.compile(r"^```(?:python|json|diff)$", re.MULTILINE)
COPIED = ("cem_core", "optimizer", "custom_components", "tests/optimizer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A block of a page and the file that it makes or changes."""

    place: str
    language: str
    text: str

    @property
    def is_test(self) -> bool:
        """Whether it is to be run."""
        return Path(self.place).name.startswith("test_")

    def apply(self, folder: Path) -> None:
        """Do in ``folder`` what the page says."""
        path = folder / self.place
        if self.language != "diff":
            assert not path.exists(), f"{self.place} is there already"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self.text)
            return
        before = "".join(line[1:] + "\n" for line in self._lines("-"))
        after = "".join(line[1:] + "\n" for line in self._lines("+"))
        told = path.read_text()
        assert told.count(before) == 1, f"{self.place} has not once:\n{before}"
        path.write_text(told.replace(before, after))

    def _lines(self, own: str) -> Iterator[str]:
        for line in self.text.splitlines():
            assert line[:1] in {" ", "+", "-"}, line
            if line[0] in {" ", own}:
                yield line


def blocks(page: Path) -> list[Block]:
    return [
        Block(place=place, language=language, text=text)
        for place, language, text in BLOCK.findall(page.read_text())
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_says_where_each_block_goes_and_ends_in_a_test(page: Path) -> None:
    told = blocks(page)
    assert len(told) == len(FENCE.findall(page.read_text()))
    assert any(block.is_test for block in told)


@pytest.mark.timeout(240)  # Home Assistant and the solver are loaded anew
def test_who_follows_the_pages_gets_there(tmp_path: Path) -> None:
    """One page after the other, on one copy; then all their tests."""
    told = [block for page in PAGES for block in blocks(page)]
    for folder in COPIED:
        shutil.copytree(
            ROOT / folder,
            tmp_path / folder,
            ignore=shutil.ignore_patterns("__pycache__", "frontend", "brand"),
        )
    shutil.copy(ROOT / "tests/__init__.py", tmp_path / "tests")
    for block in told:
        block.apply(tmp_path)
    tests = [block.place for block in told if block.is_test]

    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--import-mode=importlib", *tests],
        cwd=tmp_path,
        # The plugins take longer than these tests, which need none of them.
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stdout[-3000:]
    assert re.search(r"\d+ passed", run.stdout)


def test_a_diff_that_does_not_fit_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("ONE = 1\n")
    Block(place="a.py", language="diff", text="-ONE = 1\n+ONE = 2\n").apply(tmp_path)
    assert (tmp_path / "a.py").read_text() == "ONE = 2\n"
    with pytest.raises(AssertionError, match=r"a\.py has not once"):
        Block(place="a.py", language="diff", text="-ONE = 1\n").apply(tmp_path)
