"""What people say in a language: words for devices, and sentences; data in sentences/."""

from collections.abc import Mapping
from dataclasses import dataclass
import json
from pathlib import Path
from typing import Final

from custom_components.cem.const import Kind

_FOLDER: Final = Path(__file__).parent / "sentences"
_ENGLISH: Final = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentences:
    """Ways to say an intent; ``{device}`` stands for what a device is called."""

    intent_type: str
    slots: Mapping[str, str]
    templates: tuple[str, ...]

    @property
    def about_device(self) -> bool:
        """Whether a device is named."""
        return "{device}" in self.templates[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """``articles`` may stand before a device's name, ``kinds`` are said instead of it."""

    articles: tuple[str, ...]
    kinds: Mapping[Kind, tuple[str, ...]]
    sentences: tuple[Sentences, ...]


def vocabulary_for(language: str) -> Vocabulary:
    """Return what is said in ``language``, or in English. Reads a file."""
    path = _FOLDER / f"{language.partition('-')[0]}.json"
    if not path.is_file():
        path = _FOLDER / f"{_ENGLISH}.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    return Vocabulary(
        articles=tuple(document["articles"]),
        kinds={Kind(kind): tuple(words) for kind, words in document["kinds"].items()},
        sentences=tuple(
            Sentences(
                intent_type=entry["intent"],
                slots=entry.get("slots", {}),
                templates=tuple(entry["sentences"]),
            )
            for entry in document["questions"]
        ),
    )
