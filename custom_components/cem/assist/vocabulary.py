"""What people say in a language: words for devices, and sentences; data in sentences/."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
import json
from pathlib import Path
from typing import Any, Final, Self

from custom_components.cem.const import Kind

_FOLDER: Final = Path(__file__).parent / "sentences"
_ELISION: Final = "'"
_VOWELS: Final = tuple("aàeéèêhioôuù")


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """``articles`` may stand before a device's name, ``kinds`` are said instead of it.

    An article that ends with an apostrophe is said in one with what follows.
    """

    articles: tuple[str, ...]
    kinds: Mapping[Kind, tuple[str, ...]]

    @classmethod
    def together(cls, every: Iterable[Words]) -> Self:
        """Return the words of all of them, each once."""
        articles: dict[str, None] = {}
        kinds: dict[Kind, dict[str, None]] = {}
        for words in every:
            articles |= dict.fromkeys(words.articles)
            for kind, said in words.kinds.items():
                kinds.setdefault(kind, {}).update(dict.fromkeys(said))
        return cls(
            articles=tuple(articles),
            kinds={kind: tuple(said) for kind, said in kinds.items()},
        )

    def called(self, names: Iterable[str]) -> str:
        """Return a template of what one may say for ``names``, with articles."""
        names = tuple(names)
        apart = "|".join(a for a in self.articles if not a.endswith(_ELISION))
        ways = [f"[{apart}] ({'|'.join(names)})"]
        ways += (
            f"{article}{name}"
            for article in self.articles
            if article.endswith(_ELISION)
            for name in names
            if name.startswith(_VOWELS)
        )
        return f"({'|'.join(ways)})"

    def without_article(self, said: str) -> str:
        """Return what is said after the article, or all of it where there is none."""
        # The longer first: "il mio" before "il".
        for article in sorted(self.articles, key=len, reverse=True):
            before = article if article.endswith(_ELISION) else f"{article} "
            if said.startswith(before):
                return said.removeprefix(before)
        return said


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
    """What is said in one language."""

    words: Words
    sentences: tuple[Sentences, ...]


def vocabularies() -> Mapping[str, Vocabulary]:
    """Return what is said in each language, by its tag. Reads files."""
    return {
        path.stem: _vocabulary(json.loads(path.read_text(encoding="utf-8")))
        for path in sorted(_FOLDER.glob("*.json"))
    }


def _vocabulary(document: Mapping[str, Any]) -> Vocabulary:
    return Vocabulary(
        words=Words(
            articles=tuple(document["articles"]),
            kinds={Kind(kind): tuple(s) for kind, s in document["kinds"].items()},
        ),
        sentences=tuple(
            Sentences(
                intent_type=entry["intent"],
                slots=entry.get("slots", {}),
                templates=tuple(entry["sentences"]),
            )
            for entry in document["questions"]
        ),
    )
