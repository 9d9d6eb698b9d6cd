"""Every rule of Home Assistant's quality scale up to Platinum is kept, or says why not."""

import ast
from collections.abc import Iterator
import importlib
import json
from pathlib import Path
import re
from typing import Any, Final

from homeassistant.const import Platform
from homeassistant.util.yaml import load_yaml_dict
import pytest

from custom_components import cem
from custom_components.cem import PLATFORMS
from custom_components.cem.const import Kind
from tests.test_repository import ROOT

FOLDER: Final = Path(cem.__file__).parent
# The rules by tier, as developers.home-assistant.io lists them.
TIERS: Final = {
    "bronze": """action-setup appropriate-polling brands common-modules config-flow
        config-flow-test-coverage dependency-transparency docs-actions docs-conditions
        docs-high-level-description docs-installation-instructions
        docs-removal-instructions docs-triggers entity-event-setup entity-unique-id
        has-entity-name runtime-data test-before-configure test-before-setup
        unique-config-entry""",
    "silver": """action-exceptions config-entry-unloading
        docs-configuration-parameters docs-installation-parameters entity-unavailable
        integration-owner log-when-unavailable parallel-updates reauthentication-flow
        test-coverage""",
    "gold": """devices diagnostics discovery discovery-update-info docs-data-update
        docs-examples docs-known-limitations docs-supported-devices
        docs-supported-functions docs-troubleshooting docs-use-cases dynamic-devices
        entity-category entity-device-class entity-disabled-by-default
        entity-translations exception-translations icon-translations
        reconfiguration-flow repair-issues stale-devices""",
    "platinum": "async-dependency inject-websession strict-typing",
}
RULES: Final = tuple(rule for rules in TIERS.values() for rule in rules.split())
PAGES: Final = {
    "docs-actions": ("docs/home_assistant.md", "## Actions"),
    "docs-conditions": ("docs/automation.md", "ondition"),
    "docs-configuration-parameters": (
        "docs/home_assistant.md",
        "## Install and set up",
    ),
    "docs-data-update": ("docs/meter.md", "telegram"),
    "docs-examples": ("docs/home_assistant.md", "```yaml"),
    "docs-high-level-description": ("README.md", "Reads your smart meter"),
    "docs-installation-instructions": ("README.md", "## Install it"),
    "docs-installation-parameters": ("docs/home_assistant.md", "## Install and set up"),
    "docs-known-limitations": ("docs/home_assistant.md", "## Known limits"),
    "docs-removal-instructions": ("docs/home_assistant.md", "## Remove"),
    "docs-supported-devices": ("docs/devices.md", "#"),
    "docs-supported-functions": ("docs/home_assistant.md", "## Entities"),
    "docs-triggers": ("docs/automation.md", "rigger"),
    "docs-troubleshooting": ("docs/home_assistant.md", "## When something is wrong"),
    "docs-use-cases": ("docs/use-cases.md", "#"),
}


def read(name: str) -> Any:
    return json.loads((FOLDER / name).read_text())


def trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(FOLDER.rglob("*.py")):
        if "_vendor" not in path.parts:
            yield path, ast.parse(path.read_text())


@pytest.fixture(scope="module")
def scale() -> dict[str, Any]:
    found = load_yaml_dict(str(FOLDER / "quality_scale.yaml"))
    rules: dict[str, Any] = found["rules"]
    return rules


def test_every_rule_is_answered_in_order(scale: dict[str, Any]) -> None:
    assert tuple(scale) == RULES


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_is_done_or_says_why_it_does_not_apply(
    rule: str, scale: dict[str, Any]
) -> None:
    answer = scale[rule]
    if answer == "done":
        return
    assert answer["status"] in {"done", "exempt"}
    assert len(answer["comment"].split()) > 4


@pytest.mark.parametrize("rule", PAGES)
def test_what_is_to_be_documented_is(rule: str) -> None:
    page, said = PAGES[rule]
    assert rule in RULES
    assert said in (ROOT / page).read_text()


def test_every_docs_rule_has_its_page() -> None:
    assert {rule for rule in RULES if rule.startswith("docs-")} == PAGES.keys()


@pytest.mark.parametrize(
    "name",
    ["config_flow", "diagnostics", "repairs", "system_health"],
)
def test_home_assistants_platforms_are_there(name: str) -> None:
    module = importlib.import_module(f"custom_components.cem.{name}")
    entries = {
        "config_flow": "async_migrate_entry",
        "diagnostics": "async_get_config_entry_diagnostics",
        "repairs": "async_create_fix_flow",
        "system_health": "async_register",
    }
    holder = cem if name == "config_flow" else module
    assert callable(getattr(holder, entries[name]))


@pytest.mark.parametrize("platform", PLATFORMS)
def test_parallel_updates_are_said(platform: Platform) -> None:
    module = importlib.import_module(f"custom_components.cem.{platform.value}")
    assert isinstance(module.PARALLEL_UPDATES, int)


def test_actions_are_told_in_words_and_icons() -> None:
    strings, icons = read("strings.json")["services"], read("icons.json")["services"]
    services = load_yaml_dict(str(FOLDER / "services.yaml"))
    assert strings.keys() == icons.keys() == services.keys()
    for name, action in services.items():
        fields = set((action or {}).get("fields", {}))
        assert fields == strings[name].get("fields", {}).keys(), name


def test_entities_have_words() -> None:
    for platform, entities in read("strings.json")["entity"].items():
        assert platform in {each.value for each in PLATFORMS}
        assert all(entity.get("name") for entity in entities.values())


def test_refusals_have_words() -> None:
    """Every literal key of a translated refusal is in strings.json, and is used."""
    known = read("strings.json")["exceptions"].keys()
    used = {
        call.args[0].value
        for _, tree in trees()
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "refuse"
        and isinstance(call.args[0], ast.Constant)
    }
    assert used <= known


def test_issues_have_words_and_those_with_a_flow_have_its_steps() -> None:
    from custom_components.cem.care.faults import FaultKind  # noqa: PLC0415

    issues = read("strings.json")["issues"]
    for kind in FaultKind:
        steps = issues[kind]["fix_flow"]["step"]
        assert issues[kind]["title"]
        for name in steps.get("init", {}).get("menu_options", {}):
            assert name in steps or name in {
                "enable",
                "unit",
                "try_again",
                "leave_alone",
            }
    for name, issue in issues.items():
        assert ("fix_flow" in issue) == (name in set(FaultKind))
        assert ("description" in issue) != ("fix_flow" in issue)


def test_every_subentry_can_be_reconfigured() -> None:
    flows = read("strings.json")["config_subentries"]
    for kind in Kind:
        assert "reconfigure_successful" in flows[kind]["abort"], kind


def test_reauthentication_is_there() -> None:
    sources = (FOLDER / "config_flow.py", FOLDER / "meter_config_flow.py")
    assert any("async_step_reauth" in path.read_text() for path in sources)


def test_the_owner_and_the_documentation_are_named() -> None:
    manifest = read("manifest.json")
    assert manifest["codeowners"]
    assert manifest["documentation"].startswith("https://")
    assert manifest["requirements"] == []


def test_no_session_of_its_own_is_opened() -> None:
    opened = [
        path.name
        for path, _ in trees()
        if re.search(r"\bClientSession\(|\brequests\.(get|post)\(", path.read_text())
    ]
    assert opened == []


def test_types_are_checked_strictly() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    assert re.search(r"^\[tool\.mypy\]\n(?:.+\n)*?strict = true$", text, re.MULTILINE)
