"""The environments of peers: a Python and its packages, in the user's cache.

pip is asked as this machine has it configured. What was made once stays.
"""

from dataclasses import dataclass
import os
from pathlib import Path
import shutil
import subprocess
import tarfile
from typing import Final

from benchmarks.peers.missing import MissingError

_LONGEST_S: Final = 1500.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """A package of a version, and the Python it runs on."""

    package: str
    version: str
    python: str  # 3.13


EMHASS: Final = Environment(package="emhass", version="0.18.7", python="3.13")
FLEXMEASURES: Final = Environment(
    package="flexmeasures", version="1.0.1", python="3.12"
)


def cache() -> Path:
    """Return the folder in which environments and checkouts are kept."""
    given = os.environ.get("XDG_CACHE_HOME")
    home = Path(given) if given else Path.home() / ".cache"
    return home / "cem" / "peers"


def python_of(environment: Environment) -> Path:
    """Return the Python that has the package. Raises `MissingError`."""
    name = f"{environment.package}-{environment.version}"
    folder = cache() / name
    python, done = folder / "bin" / "python", folder / "complete"
    if done.is_file():
        return python
    interpreter = _interpreter(environment.python)
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    pin = f"{environment.package}=={environment.version}"
    log = folder.with_name(f"{name}.log")
    with log.open("w", encoding="utf-8") as output:
        for command in (
            [interpreter, "-m", "venv", str(folder)],
            [str(python), "-m", "pip", "install", "--quiet", pin],
        ):
            try:
                subprocess.run(
                    command,
                    check=True,
                    stdout=output,
                    stderr=output,
                    timeout=_LONGEST_S,
                )
            except subprocess.SubprocessError as error:
                reason = f"{pin} cannot be installed here: see {log}"
                raise MissingError(reason) from error
    done.touch()
    return python


def _interpreter(version: str) -> str:
    """Return a Python of ``version``, from PATH or among pyenv's."""
    for candidate in (shutil.which(f"python{version}"), *_of_pyenv(version)):
        if candidate is not None and _starts(candidate, version):
            return candidate
    raise MissingError(f"no Python {version} is on PATH or among pyenv's: install one")


def _of_pyenv(version: str) -> list[str]:
    if shutil.which("pyenv") is None:
        return []
    root = subprocess.run(
        ["pyenv", "root"], check=False, capture_output=True, text=True
    ).stdout.strip()
    return sorted(map(str, Path(root, "versions").glob(f"{version}.*/bin/python3")))


def _starts(interpreter: str, version: str) -> bool:
    """Tell whether it is one: pyenv also puts names on PATH that start nothing."""
    said = subprocess.run(
        [interpreter, "--version"], check=False, capture_output=True, text=True
    ).stdout
    return said.startswith(f"Python {version}.")


def haeo(given: Path | None) -> Path:
    """Return a checkout of HAEO. Raises `MissingError`.

    ``given`` is one, or a git directory of which the newest commit is unpacked into
    the cache; without it what was unpacked before is taken.
    """
    unpacked = cache() / "haeo"
    if given is None:
        if (unpacked / "custom_components").is_dir():
            return unpacked
        raise MissingError(
            "HAEO is no package: name a checkout or git folder with --haeo"
        )
    if (given / "custom_components" / "haeo").is_dir():
        return given
    archive = unpacked.with_suffix(".tar")
    archive.parent.mkdir(parents=True, exist_ok=True)
    ended = subprocess.run(
        [
            "git",
            "-C",
            given,
            "archive",
            "--output",
            archive,
            "HEAD",
            "custom_components",
        ],
        check=False,
        capture_output=True,
        text=True,
    )
    if ended.returncode:
        raise MissingError(f"{given} holds no checkout of HAEO: {ended.stderr.strip()}")
    shutil.rmtree(unpacked, ignore_errors=True)
    with tarfile.open(archive) as opened:
        opened.extractall(unpacked, filter="data")
    return unpacked
