"""The release: the same bytes each time, nothing missing, nothing too much."""

import hashlib
import json
from pathlib import Path
import shutil
import subprocess
import sys
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).resolve().parent.parent


def build(folder: Path, **environment: str) -> Path:
    """Build a release into a folder."""
    subprocess.run(
        [ROOT / "script/release", folder],
        check=True,
        capture_output=True,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", **environment},
    )
    return folder


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a release."""
    return build(tmp_path_factory.mktemp("release"))


@pytest.fixture(scope="module")
def members(release: Path) -> set[str]:
    """Return the names in the archive."""
    with ZipFile(release / "cem.zip") as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def installed(release: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the archive as it is unpacked into a configuration folder."""
    folder = tmp_path_factory.mktemp("config") / "custom_components/cem"
    with ZipFile(release / "cem.zip") as archive:
        archive.extractall(folder)
    return folder


def test_two_builds_are_the_same(release: Path, tmp_path: Path) -> None:
    again = build(tmp_path)
    assert {p.name: p.read_bytes() for p in again.iterdir()} == {
        p.name: p.read_bytes() for p in release.iterdir()
    }


def test_holds_the_integration_and_its_packages(members: set[str]) -> None:
    assert members >= {
        "LICENSE",
        "NOTICE",
        "_vendor/cem_core/__init__.py",
        "_vendor/cem_core/model/__init__.py",
        "_vendor/optimizer/__init__.py",
        "_vendor_path.py",
        "brand/icon.png",
        "manifest.json",
    }


def test_holds_every_committed_file_of_the_three(members: set[str]) -> None:
    listed = subprocess.check_output(
        ["git", "ls-files", "custom_components/cem", "cem_core", "optimizer"],
        cwd=ROOT,
        text=True,
    ).splitlines()
    expected = {
        path.removeprefix("custom_components/cem/")
        if path.startswith("custom_components/")
        else f"_vendor/{path}"
        for path in listed
        if not path.startswith("cem_core/simulation/") and (ROOT / path).exists()
    }
    assert expected <= members


@pytest.mark.parametrize("unwanted", ["simulation", "__pycache__", "tests", ".git"])
def test_holds_nothing_else(members: set[str], unwanted: str) -> None:
    assert not [name for name in members if unwanted in name.split("/")]


def test_packages_import_from_the_archive_alone(installed: Path) -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(installed)!r})\n"
        "import _vendor_path; _vendor_path.install()\n"
        "import cem_core.model, optimizer\n"
        "print(cem_core.__file__, optimizer.__file__, sep='\\n')"
    )
    printed = subprocess.check_output([sys.executable, "-ISc", code], text=True)
    assert printed.splitlines() == [
        str(installed / "_vendor" / name / "__init__.py")
        for name in ("cem_core", "optimizer")
    ]


def test_checksums_are_right(release: Path) -> None:
    listed = [
        line.split() for line in (release / "SHA256SUMS").read_text().splitlines()
    ]
    assert listed == [
        [hashlib.sha256((release / name).read_bytes()).hexdigest(), name]
        for name in ("cem.cdx.json", "cem.zip")
    ]


def test_bill_of_materials_names_what_is_installed(release: Path) -> None:
    bill = json.loads((release / "cem.cdx.json").read_text())
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    versions = {part["name"]: part["version"] for part in bill["components"]}
    assert versions["pyomo"] == "6.10.1"
    assert versions["highspy"] == "1.15.1"


@pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="no ssh-keygen")
def test_signature_verifies(tmp_path: Path) -> None:
    key = tmp_path / "key"
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True
    )
    signed = build(tmp_path / "release", CEM_SIGNING_KEY=str(key))
    signers = tmp_path / "signers"
    signers.write_text(f"cem {key.with_suffix('.pub').read_text()}")
    with (signed / "SHA256SUMS").open() as checksums:
        subprocess.run(
            [
                *("ssh-keygen", "-Y", "verify", "-f", signers, "-I", "cem"),
                *("-n", "cem-release", "-s", signed / "SHA256SUMS.sig"),
            ],
            check=True,
            stdin=checksums,
            capture_output=True,
        )
