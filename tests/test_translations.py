"""Every language says all that English says, with the same values in it."""

from collections.abc import Iterator
import json
from pathlib import Path
import re
from typing import Any, Final

import pytest

ROOT: Final = Path(__file__).parents[1]
FOLDERS: Final = (
    ROOT / "custom_components/cem/translations",
    ROOT / "frontend/src/i18n",
)
LANGUAGES: Final = ("de", "es", "fr", "it", "nl")
PLACEHOLDER: Final = re.compile(r"\{[^{}]*\}")
# What nobody translates is a name, a unit, a sign or one word that is the same.
SENTENCE_WORDS: Final = 6
PRODUCTS: Final = ".selector.modbus_map.options."


def said(tree: dict[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    for key, value in tree.items():
        where = f"{path}.{key}"
        if isinstance(value, dict):
            yield from said(value, where)
        else:
            yield where, value


def strings(folder: Path, language: str) -> dict[str, str]:
    return dict(said(json.loads((folder / f"{language}.json").read_text())))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.parts[-1])
def test_these_languages_are_there(folder: Path) -> None:
    found = {file.stem for file in folder.glob("??.json")}
    assert found == {"en", *LANGUAGES}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.parts[-1])
def test_a_language_says_all_that_english_says(folder: Path, language: str) -> None:
    english, other = strings(folder, "en"), strings(folder, language)
    assert other.keys() == english.keys()
    for where, text in english.items():
        values = sorted(PLACEHOLDER.findall(text))
        assert sorted(PLACEHOLDER.findall(other[where])) == values, where
        assert other[where].strip(), where


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.parts[-1])
def test_no_sentence_is_left_in_english(folder: Path, language: str) -> None:
    english, other = strings(folder, "en"), strings(folder, language)
    left = [
        where
        for where, text in english.items()
        if other.get(where) == text
        and len(text.split()) >= SENTENCE_WORDS
        and not where.startswith(PRODUCTS)
    ]
    assert left == []
