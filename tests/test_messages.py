"""Code and catalogue of messages agree, and translators find all of it."""

import ast
from collections.abc import Iterator
import json
from pathlib import Path
import re

from cem_core.model import render
from cem_core.model.english import AREAS, ENGLISH
from cem_core.model.message_json import names_in

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("cem_core", "optimizer", "custom_components/cem")
INTEGRATION = ROOT / "custom_components/cem"


def calls(callee: str) -> Iterator[tuple[str, ast.Call]]:
    """Return where a name is called in the product, and how."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == callee:
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def said() -> list[tuple[str, str, set[str]]]:
    """Return place, key and names of the values of each message in code."""
    found = []
    for place, call in calls("Message.of"):
        (key,) = call.args
        assert isinstance(key, ast.Constant), f"{place}: the key is no literal"
        names = {keyword.arg for keyword in call.keywords}
        assert None not in names, f"{place}: values without names"
        found.append((place, str(key.value), {str(name) for name in names}))
    return found


def looked_up() -> set[str]:
    """Return the keys that the renderer looks up for itself."""
    keys = [call.args[0] for _, call in calls("self.sentence")]
    return {str(key.value) for key in keys if isinstance(key, ast.Constant)}


def test_every_message_has_its_sentence_with_just_its_values() -> None:
    assert len(said()) > 50
    wrong = [
        f"{place}: {key} {sorted(names)}"
        for place, key, names in said()
        if key not in ENGLISH or names_in(ENGLISH[key]) != names
    ]
    assert wrong == []


def test_every_sentence_is_said() -> None:
    assert set(ENGLISH) == {key for _, key, _ in said()} | looked_up()


def test_a_sentence_belongs_to_one_area() -> None:
    assert sum(len(area) for area in AREAS) == len(ENGLISH)


def test_no_message_is_made_past_the_check() -> None:
    made = {place.partition(":")[0] for place, _ in calls("Message")}
    assert made == {"cem_core/model/message.py", "cem_core/model/message_json.py"}


def test_translators_find_the_catalogue() -> None:
    """`script/strings` makes it so."""
    strings = (INTEGRATION / "strings.json").read_text()
    assert json.loads(strings)["common"] == ENGLISH
    assert (INTEGRATION / "translations/en.json").read_text() == strings


def test_sentences_are_as_home_assistant_takes_them() -> None:
    """What hassfest asks of translations, and that nothing is formatted there."""
    for key, sentence in ENGLISH.items():
        assert re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", key)
        assert sentence == sentence.strip()
        assert not re.search(r"<[a-z]|://|'\{", sentence)
        for name in re.findall(r"\{(.*?)\}", sentence):
            assert name.isidentifier()


def test_the_dashboard_shows_numbers_with_the_same_decimals() -> None:
    source = (ROOT / "frontend/src/i18n/messages.ts").read_text()
    (table,) = re.findall(r"DECIMALS[^=]*= \[(.*?)\];", source, re.DOTALL)
    decimals = tuple(
        (ending, int(count))
        for ending, count in re.findall(r'\["(\w+)", (\d)\]', table)
    )
    (given,) = re.findall(r"AS_GIVEN = new Set\(\[(.*?)\]\)", source)
    assert decimals == render._DECIMALS
    assert set(re.findall(r'"(\w+)"', given)) == render._AS_GIVEN
