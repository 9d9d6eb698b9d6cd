"""The integration finds its own packages in each form in which it can lie."""

from pathlib import Path
import shutil
import subprocess
import sys

import pytest

SOURCE = Path(__file__).parents[2] / "custom_components/cem/_vendor_path.py"


def package(root: Path, name: str, says: str) -> None:
    """Write a package that says where it comes from."""
    folder = root / name
    (folder / "part").mkdir(parents=True)
    (folder / "__init__.py").write_text(f"says = {says!r}\n")
    (folder / "part/__init__.py").write_text(f"says = {says!r}\n")


@pytest.fixture
def integration(tmp_path: Path) -> Path:
    """Return a copy of the integration folder with nothing around it."""
    folder = tmp_path / "config/custom_components/cem"
    folder.mkdir(parents=True)
    shutil.copy(SOURCE, folder)
    return folder


def run(integration: Path, code: str) -> subprocess.CompletedProcess[str]:
    """Run code in a Python that knows of nothing but the integration folder."""
    prelude = f"import sys; sys.path.insert(0, {str(integration)!r})\n"
    return subprocess.run(
        [sys.executable, "-ISc", prelude + code],
        capture_output=True,
        check=False,
        text=True,
        timeout=30,
    )


IMPORT = """
import _vendor_path
before = list(sys.path)
_vendor_path.install()
_vendor_path.install()
from optimizer.part import says
import cem_core.part
import optimizer
assert cem_core.part.says == cem_core.says == optimizer.says == says
assert sys.path == before
assert sum(isinstance(f, _vendor_path.VendorFinder) for f in sys.meta_path) == 1
print(says)
"""


def test_release_brings_its_packages(integration: Path) -> None:
    for name in ("cem_core", "optimizer"):
        package(integration / "_vendor", name, "release")
    done = run(integration, IMPORT)
    assert (done.stdout, done.stderr) == ("release\n", "")


def test_checkout_has_them_beside(integration: Path) -> None:
    for name in ("cem_core", "optimizer"):
        package(integration.parents[1], name, "checkout")
    done = run(integration, IMPORT)
    assert (done.stdout, done.stderr) == ("checkout\n", "")


def test_release_wins_over_what_lies_beside(integration: Path) -> None:
    for name in ("cem_core", "optimizer"):
        package(integration.parents[1], name, "checkout")
        package(integration / "_vendor", name, "release")
    assert run(integration, IMPORT).stdout == "release\n"


def test_foreign_package_of_the_same_name_cannot_win(integration: Path) -> None:
    for name in ("cem_core", "optimizer"):
        package(integration / "_vendor", name, "release")
    package(integration, "optimizer", "foreign")  # first on sys.path
    assert run(integration, IMPORT).stdout == "release\n"


def test_foreign_package_already_loaded_is_named(integration: Path) -> None:
    for name in ("cem_core", "optimizer"):
        package(integration / "_vendor", name, "release")
    package(integration, "optimizer", "foreign")
    done = run(integration, "import optimizer, _vendor_path; _vendor_path.install()")
    assert done.returncode != 0
    assert "Another package named optimizer is already loaded" in done.stderr


def test_other_names_are_left_to_others(integration: Path) -> None:
    for name in ("cem_core", "optimizer", "stranger"):
        package(integration / "_vendor", name, "release")
    done = run(
        integration, "import _vendor_path; _vendor_path.install(); import stranger"
    )
    assert "No module named 'stranger'" in done.stderr


def test_lone_copy_names_the_release(integration: Path) -> None:
    done = run(integration, "import _vendor_path; _vendor_path.install()")
    assert done.returncode != 0
    assert "lone copy of the integration folder. Install cem.zip" in done.stderr
