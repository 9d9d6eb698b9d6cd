"""Each language's sentences: they can be heard, and all that can be asked is in them."""

from pathlib import Path
import re

from hassil.intents import Intents
from hassil.parse_expression import parse_sentence
from hassil.recognize import recognize
import pytest

from custom_components.cem.assist import QUESTIONS
from custom_components.cem.assist.question import DeviceQuestion
from custom_components.cem.assist.vocabulary import Words, vocabularies
from custom_components.cem.const import Kind

PAGE = Path(__file__).resolve().parents[3] / "docs/assist.md"
SPOKEN = vocabularies()
TRANSLATIONS = (
    Path(__file__).resolve().parents[3] / "custom_components/cem/translations"
)


def test_what_is_translated_is_also_spoken() -> None:
    assert set(SPOKEN) == {path.stem for path in TRANSLATIONS.glob("*.json")}


@pytest.mark.parametrize("language", SPOKEN)
def test_every_question_has_sentences(language: str) -> None:
    vocabulary = SPOKEN[language]
    questions = {question.intent_type: question for question in QUESTIONS}
    assert {s.intent_type for s in vocabulary.sentences} == set(questions)
    for sentences in vocabulary.sentences:
        question = questions[sentences.intent_type]
        names = {str(marker.schema): marker for marker in question.slots}
        assert set(sentences.slots) <= set(names)
        for slot, value in sentences.slots.items():
            question.slots[names[slot]](value)  # a value that the intent takes
        about_device = isinstance(question, DeviceQuestion)
        for template in sentences.templates:
            assert ("{device}" in template) == about_device, template
            parse_sentence(template.replace("{device}", "car"))


@pytest.mark.parametrize("language", SPOKEN)
def test_every_language_asks_all_that_english_asks(language: str) -> None:
    def asked(spoken: str) -> set[tuple[str, tuple[tuple[str, str], ...]]]:
        return {(s.intent_type, (*s.slots.items(),)) for s in SPOKEN[spoken].sentences}

    assert asked(language) == asked("en")
    assert SPOKEN[language].words.kinds.keys() == SPOKEN["en"].words.kinds.keys()


def test_a_word_means_one_kind_in_whatever_language() -> None:
    kinds: dict[str, Kind] = {}
    for vocabulary in SPOKEN.values():
        for kind, words in vocabulary.words.kinds.items():
            for word in words:
                assert kinds.setdefault(word, kind) is kind, word


@pytest.mark.parametrize(
    ("said", "bare"),
    [
        ("the car", "car"),
        ("il mio boiler", "boiler"),
        ("l'auto", "auto"),
        ("lauto", "lauto"),
        ("wallbox", "wallbox"),
    ],
)
def test_articles_are_left_away(said: str, bare: str) -> None:
    words = Words.together(vocabulary.words for vocabulary in SPOKEN.values())
    assert words.without_article(said) == bare


def test_the_page_says_what_is_heard() -> None:
    """Each sentence of the table leads to the intent in its row."""
    found: dict[str, list[str]] = {}
    for sentences in SPOKEN["en"].sentences:
        found.setdefault(sentences.intent_type, []).extend(
            template.replace("{device}", "the (car|wallbox|heat pump)")
            for template in sentences.templates
        )
    data = {name: {"data": [{"sentences": s}]} for name, s in found.items()}
    heard = Intents.from_dict({"language": "en", "intents": data})
    rows = re.findall(r'^\| (".*) \| `(Cem\w+)` \|', PAGE.read_text(), re.MULTILINE)
    assert {name for _, name in rows} == set(found)
    for examples, name in rows:
        for said in re.findall(r'"(.+?)"', examples):
            result = recognize(said, heard)
            assert result is not None, said
            assert result.intent.name == name


def test_the_page_names_every_tool() -> None:
    for question in QUESTIONS:
        assert f"| `{question.tool}` |" in PAGE.read_text()


NAMES = {"Nederlands": "nl", "Deutsch": "de", "français": "fr"}
NAMES |= {"español": "es", "italiano": "it"}


@pytest.mark.parametrize("name", NAMES)
def test_the_page_says_what_is_heard_in_other_languages(name: str) -> None:
    """Of each language a why, a when, a wish and what was saved, in this order."""
    vocabulary = SPOKEN[NAMES[name]]
    kinds = [word for words in vocabulary.words.kinds.values() for word in words]
    called = vocabulary.words.called(kinds)
    found: dict[str, list[str]] = {}
    for sentences in vocabulary.sentences:
        found.setdefault(sentences.intent_type, []).extend(
            template.replace("{device}", called) for template in sentences.templates
        )
    data = {intent: {"data": [{"sentences": s}]} for intent, s in found.items()}
    heard = Intents.from_dict({"language": NAMES[name], "intents": data})
    (row,) = re.findall(rf"^\| {name} \| (.*) \|$", PAGE.read_text(), re.MULTILINE)
    results = [recognize(said, heard) for said in re.findall(r'"(.+?)"', row)]
    intents = [None if result is None else result.intent.name for result in results]
    assert intents == ["CemWhy", "CemReadyAt", "CemCharge", "CemSaved"]
