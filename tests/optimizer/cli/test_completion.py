"""The shell completes what the commands take."""

from pathlib import Path
import subprocess
import sys

import pytest

from optimizer.cli import COMMANDS, main

_ASK = """
set -- $1
COMP_WORDS=("$@" "$CUR")
COMP_CWORD=$#
_cem
printf '%s\\n' "${COMPREPLY[@]}"
"""


def completed(script: str, line: str) -> set[str]:
    """Return what bash offers after ``line``, whose last word is being typed."""
    *before, current = line.split(" ")
    done = subprocess.run(
        ["bash", "-c", script + _ASK, "bash", " ".join(before)],
        env={"CUR": current},
        capture_output=True,
        check=True,
        text=True,
    )
    assert done.stderr == ""
    return set(done.stdout.split())


@pytest.fixture(scope="module")
def script() -> str:
    """Return what `cem completion bash` prints."""
    cem = Path(sys.executable).with_name("cem")
    done = subprocess.run(
        [cem, "completion", "bash"], capture_output=True, check=True, text=True
    )
    return done.stdout


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("cem ", {*COMMANDS, "--help", "--version"}),
        ("cem de", {"decode"}),
        ("cem decode --f", {"--format", "--form"}),
        ("cem decode --format t", {"tic"}),
        ("cem backtest home.yaml --policy p", {"plan", "peak_shaving"}),
        ("cem evidence v", {"verify"}),
        ("cem mbus ", {"find", "read"}),
        ("cem probe modbus --p", {"--parity", "--password"}),
        ("cem schema h", {"home"}),
        ("cem optimize ho", set()),
        ("cem optimize home.yaml --series da", set()),
        ("cem nonsense --x", set()),
    ],
)
def test_what_is_offered(script: str, line: str, offered: set[str]) -> None:
    """Nothing of ours: the shell offers files."""
    assert completed(script, line) == offered


def test_zsh_is_told_to_read_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "bash"]) == 0
    bash = capsys.readouterr().out
    assert main(["completion", "zsh"]) == 0
    first, rest = capsys.readouterr().out.split("\n", 1)
    assert first.endswith("bashcompinit")
    assert rest == bash
