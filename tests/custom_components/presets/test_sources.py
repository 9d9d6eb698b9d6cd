"""Every preset of a core integration names what that integration really makes."""

import json
from pathlib import Path
import re

from awesomeversion import AwesomeVersion
from homeassistant import components
from homeassistant.const import __version__
import pytest

from custom_components.cem.forms import FORMS
from custom_components.cem.presets import PRESETS, Preset

# Presets follow the newest release: the oldest lacks some integrations and keys.
pytestmark = pytest.mark.skipif(
    AwesomeVersion(__version__) < "2026.10", reason="the oldest Home Assistant"
)
CORE = [preset for preset in PRESETS if preset.core]
COMPONENTS = Path(components.__path__[0])
STATED = {"plugged_states": "plugged", "ready_state": "ready"}
CHOSEN = {"option_on": "switch", "option_off": "switch"}


def name(preset: Preset) -> str:
    return f"{preset.integration}-{preset.kind}"


def words(integration: str) -> str:
    """Return the source of an integration, its constants included."""
    files = (COMPONENTS / integration).glob("*.py")
    return "\n".join(path.read_text() for path in sorted(files))


@pytest.mark.parametrize("preset", CORE, ids=name)
def test_the_integration_makes_what_is_looked_for(preset: Preset) -> None:
    folder = COMPONENTS / preset.integration
    strings = json.loads((folder / "translations/en.json").read_text())
    source = words(preset.integration)
    for find in (*preset.entities.values(), *preset.beside.values()):
        if find.translation_key is not None:
            assert find.translation_key in strings["entity"][find.domain]
        else:
            assert find.key is not None
            assert re.search(rf"\b{find.key}\b", source)
        if find.name is not None:
            assert f'name="{find.name}"' in source


@pytest.mark.parametrize("preset", CORE, ids=name)
def test_states_and_options_exist(preset: Preset) -> None:
    folder = COMPONENTS / preset.integration
    entities = json.loads((folder / "translations/en.json").read_text()).get(
        "entity", {}
    )
    source = words(preset.integration)
    for answer, field in {**STATED, **CHOSEN}.items():
        for word in filter(None, preset.answers.get(answer, "").split(", ")):
            find = preset.entities[field]
            strings = entities[find.domain][find.translation_key]
            assert word in strings.get("state", ()) or f'"{word}"' in source


@pytest.mark.parametrize("preset", PRESETS, ids=name)
def test_a_preset_fills_in_fields_that_its_form_has(preset: Preset) -> None:
    fields = {field.key: field for field in FORMS[preset.kind][preset.method].fields}
    assert set(preset.needs) <= set(preset.entities)
    assert {*preset.entities, *preset.beside, *preset.answers} <= set(fields)
    for key, find in {**preset.entities, **preset.beside}.items():
        needs = fields[key].needs
        assert needs is not None
        assert find.domain in needs.domains


def test_every_preset_is_in_the_documentation() -> None:
    page = (Path(__file__).parents[3] / "docs/devices.md").read_text()
    listed = re.findall(r"^\| `(\w+)` \| ([a-z ]+) \|", page, re.MULTILINE)
    made = [(p.integration, p.kind.replace("_", " ")) for p in PRESETS]
    assert sorted(listed) == sorted(made)
