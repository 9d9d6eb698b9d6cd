"""Each language's sentences: they can be heard, and all that can be asked is in them."""

from hassil.parse_expression import parse_sentence
import pytest

from custom_components.cem.assist import QUESTIONS
from custom_components.cem.assist.question import DeviceQuestion
from custom_components.cem.assist.vocabulary import _FOLDER, vocabulary_for

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
