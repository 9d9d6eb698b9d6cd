"""Fields and other words of code on a page are words of the code."""

from collections.abc import Iterator
import json
from pathlib import Path
import re
from typing import Any, Final

import pytest
from ruamel.yaml import YAML

from optimizer.cli import main
from tests.docs.test_names import PAGES, TRACKED, prose
from tests.test_repository import ROOT

_SOURCES: Final = (".py", ".json", ".yaml", ".ts", ".toml", ".csv")
_WORD: Final = re.compile(r"(?<![\w.-])[a-z]+(?:_[a-z0-9]+)+\b")
_HOME_BLOCK: Final = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# Of Home Assistant and of other programs.
_OF_OTHERS: Final = {"custom_sentences", "mosquitto_sub"}
# What a program puts before a word of its own: `plan_` before what went wrong.
_BEFORE: Final = ("plan_", "cem_")
# A page of HOME.yaml; on others, blocks are of other documents.
_HOME_PAGES: Final = [
    *sorted((ROOT / "docs" / "model").glob("*.md")),
    ROOT / "docs" / "tariff.md",
]
# Names that a home gives: its tariff's periods and seasons.
_GIVEN: Final = {"HT", "NT", "ST", "night", "summer", "weekend", "winter", "all", "…"}


@pytest.fixture(scope="module")
def words() -> set[str]:
    """Return every word of the sources, and of the names of files."""
    found = {word for name in TRACKED for word in re.findall(r"\w+", name)}
    for name in TRACKED:
        path = ROOT / name
        if path.suffix in _SOURCES and "tests/docs" not in name:
            found.update(re.findall(r"\w+", path.read_text(encoding="utf-8")))
    return found


@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if page.parent.name != "decisions"],
    ids=lambda page: str(page.relative_to(ROOT)),
)
def test_a_word_of_code_is_one(page: Path, words: set[str]) -> None:
    """Decisions tell also of what was and of what was not done."""
    told = {
        word
        for code in re.findall(r"`([^`\n]+)`", prose(page))
        for word in _WORD.findall(code)
    }
    unknown = {
        word
        for word in told - words - _OF_OTHERS
        if not any(word.removeprefix(b) in words for b in _BEFORE if b in word)
    }
    assert unknown == set()


def _properties(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        yield from schema.get("properties", ())
        for each in schema.values():
            yield from _properties(each)
    elif isinstance(schema, list):
        for each in schema:
            yield from _properties(each)


def _keys(tree: Any) -> Iterator[str]:
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield str(key)
            yield from _keys(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from _keys(value)


def test_a_field_of_the_home_is_one_that_it_has(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["schema", "home"]) == 0
    fields = set(_properties(json.loads(capsys.readouterr().out)))
    blocks = [
        block
        for page in _HOME_PAGES
        for block in _HOME_BLOCK.findall(page.read_text(encoding="utf-8"))
    ]
    told = {key for block in blocks for key in _keys(YAML(typ="safe").load(block))}
    assert len(told) > 20
    assert told - fields - _GIVEN == set()
