"""A page names only what is there: links, files, actions, entities."""

from pathlib import Path
import re
import subprocess
from typing import Any, Final

from homeassistant.util import slugify
from homeassistant.util.json import load_json_object
from homeassistant.util.yaml import load_yaml_dict
import pytest

from script.rig.docs.page import render
from tests.test_repository import ROOT

TRACKED: Final = set(
    subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, check=True, text=True
    ).stdout.split()
)
_FOLDERS: Final = {
    str(folder)
    for name in TRACKED
    for folder in Path(name).parents
    if str(folder) != "."
}
_TOP: Final = {name.split("/")[0] for name in TRACKED if "/" in name}
PAGES: Final = sorted(ROOT / name for name in TRACKED if name.endswith(".md"))
_FENCED: Final = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_PLACE: Final = re.compile(r"[\w./*{},<>-]+")
_INTEGRATION: Final = ROOT / "custom_components" / "cem"


def prose(page: Path) -> str:
    """Return a page without its blocks."""
    return _FENCED.sub("", page.read_text(encoding="utf-8"))


def is_there(place: str) -> bool:
    """Tell whether a place in the repository, or a pattern of places, is there."""
    pattern = re.escape(place.rstrip("/"))
    pattern = re.sub(r"<[^>]*>|\\\{[^}]*\\\}|\\\*+", "[^ ]*", pattern)
    return any(re.fullmatch(pattern, name) for name in TRACKED | _FOLDERS)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_file_that_is_named_is_there(page: Path) -> None:
    named = {
        told
        for told in re.findall(r"`([^`\n]+)`", prose(page))
        if _PLACE.fullmatch(told) and "/" in told and told.split("/")[0] in _TOP
    }
    assert {place for place in named if not is_there(place)} == set()


def test_a_file_that_is_not_there_is_found() -> None:
    assert is_there("cem_core/meter/")
    assert is_there("docs/countries/<country>.md")
    assert not is_there("cem_core/metre/p1.py")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_link_leads_somewhere(page: Path) -> None:
    """Also on the pages that are not part of the site."""
    dead = []
    for link in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        file, _, anchor = link.partition("#")
        if ":" in file:
            continue
        target = (page.parent / file).resolve() if file else page
        if not target.exists():
            dead.append(link)
        elif anchor and target.suffix == ".md":
            sections = render(target.read_text(encoding="utf-8"), str).sections
            if anchor not in {each[0] for each in sections}:
                dead.append(link)
    assert dead == []


def _entities() -> set[str]:
    """Return `sensor.home_price_level` and so on, as Home Assistant names them."""
    names: dict[str, Any] = load_json_object(_INTEGRATION / "translations" / "en.json")
    return {
        f"{domain}.home_{slugify(entity['name'])}"
        for domain, of_domain in names["entity"].items()
        for entity in of_domain.values()
        if "name" in entity
    }


def test_an_entity_of_the_home_is_one_that_it_has() -> None:
    told = {
        entity
        for page in PAGES
        for entity in re.findall(
            r"\b(?:binary_sensor|sensor|switch|number|select|event|button|calendar|todo)"
            r"\.home_\w+",
            page.read_text(encoding="utf-8"),
        )
    }
    assert len(told) > 3
    assert told - _entities() == set()


# A meter's own values are told together: "all it says".
_OF_METERS: Final = re.compile(
    r"(?:Imported|Exported) energy.*|(?:Voltage|Current) .*|"
    r"(?:Import|Export|Reactive import|Reactive export) power.*|"
    r"Frequency|Power factor|Tariff|Quarter-hour demand|Peak of the month|"
    r"Limiter threshold|Fuse threshold|Subscribed power|Breaker|Message|"
    r"Short power failures|Long power failures|Last telegram|Too much power|"
    r"Reading|Valve|Energy|Energy given back|Volume|Power|Flow|Status|"
    r"Flow temperature|Return temperature"
)


def test_each_entity_is_told_by_its_name() -> None:
    page = (ROOT / "docs" / "home_assistant.md").read_text(encoding="utf-8")
    names: dict[str, Any] = load_json_object(_INTEGRATION / "translations" / "en.json")
    told = {
        entity["name"]
        for of_domain in names["entity"].values()
        for entity in of_domain.values()
        if not _OF_METERS.fullmatch(entity["name"])
    }
    missing = {name for name in told if f"*{name}*" not in page}
    assert missing == {"Saved in the last day, at most"}  # told as "…, at most"


def test_an_action_that_is_named_is_one_that_there_is() -> None:
    known = set(load_yaml_dict(str(_INTEGRATION / "services.yaml")))
    for file in ("triggers.yaml", "conditions.yaml"):
        known |= set(load_yaml_dict(str(_INTEGRATION / file)))
    told = {
        name
        for page in PAGES
        for name in re.findall(
            r"(?:`|: )cem\.(?!zip|cdx)(\w+)", page.read_text(encoding="utf-8")
        )
    }
    assert len(told) > 20
    assert told - known == set()
