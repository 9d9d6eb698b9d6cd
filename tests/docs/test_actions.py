"""Each action, trigger and condition is in the docs, with its fields and an example.

That Home Assistant takes the examples: tests/custom_components/test_action_examples.py
and test_automation.py.
"""

from collections.abc import Iterator
from pathlib import Path
import re
from typing import Any, Final

from homeassistant.util.yaml import load_yaml_dict
import pytest

from tests.test_repository import ROOT

INTEGRATION: Final = ROOT / "custom_components" / "cem"
PAGES: Final = sorted((ROOT / "docs").rglob("*.md"))
_HOME: Final = "config_entry_id"
# What every condition has; the page says it once.
_OF_ALL: Final = {"behavior", "for"}


def named_in(file: str) -> dict[str, dict[str, Any]]:
    """Return what a YAML file of the integration describes, by its name."""
    found = load_yaml_dict(str(INTEGRATION / file))
    return {name: (each or {}).get("fields", {}) for name, each in found.items()}


def row(page: Path, name: str) -> str:
    """Return the row of a page's table that begins with ``name``."""
    start = f"| `cem.{name}` |"
    rows = [
        line
        for line in page.read_text(encoding="utf-8").splitlines()
        if line.startswith(start)
    ]
    assert len(rows) == 1, f"{page.name} has {len(rows)} rows for cem.{name}"
    return rows[0]


def examples() -> Iterator[str]:
    """Yield the examples in YAML of all pages."""
    for page in PAGES:
        yield from re.findall(
            r"```yaml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL
        )


@pytest.mark.parametrize("name", named_in("services.yaml"))
def test_an_action_has_its_row_with_its_fields(name: str) -> None:
    said = row(ROOT / "docs" / "home_assistant.md", name)
    fields = named_in("services.yaml")[name].keys() - {_HOME}
    assert {field for field in fields if f"`{field}`" not in said} == set()


@pytest.mark.parametrize("name", named_in("services.yaml"))
def test_an_action_has_its_example_on_the_page_of_examples(name: str) -> None:
    page = (ROOT / "docs" / "actions.md").read_text(encoding="utf-8")
    assert page.count(f"  - action: cem.{name}\n") == 1


@pytest.mark.parametrize("file", ["triggers.yaml", "conditions.yaml"])
def test_triggers_and_conditions_have_rows_with_their_fields(file: str) -> None:
    for name, fields in named_in(file).items():
        said = row(ROOT / "docs" / "automation.md", name)
        assert {f for f in fields.keys() - _OF_ALL if f"`{f}`" not in said} == set()


@pytest.mark.parametrize(
    ("file", "key"), [("triggers.yaml", "trigger"), ("conditions.yaml", "condition")]
)
def test_triggers_and_conditions_have_an_example(file: str, key: str) -> None:
    shown = "\n".join(examples())
    without = {name for name in named_in(file) if f"{key}: cem.{name}\n" not in shown}
    assert without == set()
