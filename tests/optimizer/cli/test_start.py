"""The command begins without a traceback, whatever is closed or pressed."""

from importlib.metadata import entry_points
import subprocess
import sys

import pytest

from optimizer.__main__ import main
from tests.test_repository import ROOT

_EARLY = """
import sys
from optimizer.__main__ import main

class Pressed:
    def find_spec(self, name, path=None, target=None):
        if name == "optimizer.cli":
            raise KeyboardInterrupt

sys.meta_path.insert(0, Pressed())
sys.exit(main())
"""


def test_the_command_begins_here() -> None:
    [command] = entry_points(group="console_scripts", name="cem")
    assert command.load() is main


@pytest.mark.parametrize(
    ("closed", "status", "said"),
    [
        ("<&-", 1, "byte 0: the input is empty\n"),
        (">&-", 0, ""),
        ("2>&-", 0, ""),
        ("<&- >&- 2>&-", 1, ""),
    ],
)
def test_a_stream_that_is_closed_is_empty(closed: str, status: int, said: str) -> None:
    file = "-" if "<" in closed else "tests/telegrams/dsmr5.txt"
    done = subprocess.run(
        ["sh", "-c", f'exec "$0" -m optimizer decode {file} {closed}', sys.executable],
        cwd=ROOT,
        capture_output=True,
        check=False,
        text=True,
    )
    assert (done.returncode, done.stderr) == (status, said)


def test_an_early_interrupt_is_silent() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _EARLY], capture_output=True, check=False, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")
