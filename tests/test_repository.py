"""The repository itself: what must never be committed, what must agree."""

import ast
from collections.abc import Iterator
from importlib.metadata import version
import json
from pathlib import Path
import re
import subprocess
import tomllib

import pytest

ROOT = Path(__file__).resolve().parent.parent
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
MEGABYTE = 1_000_000

# Where packages come from is each machine's own affair. (Written so that this file
# does not name what it forbids.)
REGISTRY = re.compile(
    rb"(pypi|pythonhosted|npmjs|yarnpkg|jsdelivr|unpkg|debian)\.(org|com|net)"
)
# A path of somebody's machine: at the start of a word, with something behind it.
MACHINE = re.compile(rb"(?<![\w.$}~*/-])/(work|root|Users|home/(?!pi\b)\w+)/\w")


def committed(*patterns: str) -> list[Path]:
    """Return the files that git knows of."""
    listed = subprocess.check_output(
        ["git", "ls-files", "-z", *patterns], cwd=ROOT, text=True
    )
    paths = (ROOT / name for name in listed.split("\0") if name)
    return [path for path in paths if path.is_file()]


def naming(pattern: re.Pattern[bytes]) -> list[str]:
    """Return where a pattern occurs: file, line and what was found."""
    return [
        f"{path.relative_to(ROOT)}:{number}: {found[0].decode()}"
        for path in committed()
        for number, line in enumerate(path.read_bytes().split(b"\n"), 1)
        if (found := pattern.search(line))
    ]


def test_no_file_names_a_registry() -> None:
    assert naming(REGISTRY) == []


def test_no_file_names_a_path_of_a_machine() -> None:
    assert naming(MACHINE) == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.stem)
def test_every_pin_has_a_hash(lock: Path) -> None:
    text = lock.read_text()
    assert "://" not in text
    pins = re.split(r"\n(?=\S)", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE))
    assert pins
    assert [pin for pin in pins if "==" not in pin or "--hash=sha256:" not in pin] == []


def test_lock_of_the_bundle_names_no_host() -> None:
    for lock in committed("*package-lock.json"):
        assert '"resolved"' not in lock.read_text()


def test_recorded_data_is_small() -> None:
    large = [path for path in committed("tests") if path.stat().st_size > MEGABYTE]
    assert large == []


def test_only_marked_tests_read_shared_data() -> None:
    """Best effort: who names the folder must carry the mark."""
    reads = re.compile(r"""["']shared["']|\.\./shared""")
    unmarked = [
        path.relative_to(ROOT)
        for path in committed("tests/*.py")
        if path.name != "conftest.py"
        and path != Path(__file__)
        and reads.search(text := path.read_text())
        and "mark.shared" not in text
    ]
    assert unmarked == []


def test_one_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    manifest = json.loads((ROOT / "custom_components/cem/manifest.json").read_text())
    assert version("cem") == project["version"] == manifest["version"]


def test_one_oldest_home_assistant() -> None:
    oldest = json.loads((ROOT / "hacs.json").read_text())["homeassistant"]
    assert f"homeassistant=={oldest} " in (ROOT / "requirements/oldest.txt").read_text()


def test_manifest_is_in_the_order_of_hassfest() -> None:
    keys = list(json.loads((ROOT / "custom_components/cem/manifest.json").read_text()))
    assert keys == ["domain", "name", *sorted(keys[2:])]
    assert keys[:2] == ["domain", "name"]


# What hassfest lets every integration import, of that what the CEM does.
ANYONES = {"homeassistant", "persistent_notification", "websocket_api", "frontend"}


def components_imported(path: Path) -> Iterator[str]:
    """Yield the parts of Home Assistant that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.ImportFrom(module="homeassistant.components"):
                yield from (each.name for each in node.names)
            case ast.ImportFrom(module=str(module)):
                _, _, below = module.partition("homeassistant.components.")
                yield from [below.partition(".")[0]] if below else []


def test_what_is_imported_of_home_assistant_stands_in_the_manifest() -> None:
    """As hassfest has it: named, a platform of ours, or anyone's."""
    integration = ROOT / "custom_components/cem"
    manifest = json.loads((integration / "manifest.json").read_text())
    named = {*manifest["dependencies"], *manifest["after_dependencies"]}
    imported = {
        component
        for path in integration.rglob("*.py")
        for component in components_imported(path)
    }
    ours = {each for each in imported if (integration / f"{each}.py").is_file()}
    assert {"sensor", "diagnostics"} <= ours
    assert imported - named - ours - ANYONES == set()


def test_one_integration_and_no_links() -> None:
    folders = [p for p in (ROOT / "custom_components").iterdir() if p.is_dir()]
    assert [p.name for p in folders if p.name != "__pycache__"] == ["cem"]
    assert [path for path in committed() if path.is_symlink()] == []
