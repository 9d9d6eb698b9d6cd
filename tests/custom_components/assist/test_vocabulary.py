"""Each language's sentences: they can be heard, and all that can be asked is in them."""

from pathlib import Path
import re

from hassil.intents import Intents
from hassil.parse_expression import parse_sentence
from hassil.recognize import recognize
import pytest

from custom_components.cem.assist import QUESTIONS
from custom_components.cem.assist.question import DeviceQuestion
from custom_components.cem.assist.vocabulary import _FOLDER, vocabulary_for

PAGE = Path(__file__).resolve().parents[3] / "docs/assist.md"
LANGUAGES = sorted(path.stem for path in _FOLDER.glob("*.json"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_question_has_sentences(language: str) -> None:
    vocabulary = vocabulary_for(language)
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


def test_a_language_without_sentences_has_the_english_ones() -> None:
    assert vocabulary_for("xx") == vocabulary_for("en")
    assert vocabulary_for("en-GB") == vocabulary_for("en")


def test_the_page_says_what_is_heard() -> None:
    """Each sentence of the table leads to the intent in its row."""
    found: dict[str, list[str]] = {}
    for sentences in vocabulary_for("en").sentences:
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
