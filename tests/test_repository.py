"""The repository itself: what must never be committed, what must agree."""

from importlib.metadata import version
from pathlib import Path
import tomllib

ROOT = Path(__file__).resolve().parent.parent


def test_installed_version_is_the_one_in_pyproject() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert version("cem") == project["version"]
