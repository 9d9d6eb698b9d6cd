"""What a page tells to type works: each command and flag is there, the examples run."""

from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import dataclass
import importlib
import os
from pathlib import Path
import re
import shlex
import subprocess
import sys
from typing import Final, cast

import pytest

from optimizer.cli import COMMANDS
from optimizer.cli.command import CommandModule, Subparsers
from tests.test_repository import ROOT

PAGES: Final = [
    *(ROOT / name for name in ("README.md", "SECURITY.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
_BLOCK: Final = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FENCED: Final = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_INLINE: Final = re.compile(r"`([^`]+)`")
_ENDS: Final = {"|", "&", "||", "&&", ";", ">", ">>", "<"}
_PROGRAMS: Final = {"cem", ".venv/bin/cem"}
# They only read what is in the repository, and end by themselves.
_ALONE: Final = {"decode", "optimize", "schema", "diff"}


@dataclass(frozen=True, slots=True)
class Line:
    """What a page tells to type, and the commands of ``cem`` in it."""

    page: Path
    text: str

    def __str__(self) -> str:
        """How a failing test names it."""
        return f"{self.page.relative_to(ROOT)}: {self.text}"

    @property
    def commands(self) -> list[list[str]]:
        """The words of each ``cem``, between pipes and ampersands."""
        lexer = shlex.shlex(self.text, posix=True, punctuation_chars=True)
        lexer.wordchars += ":@$+"
        found: list[list[str]] = [[]]
        for word in lexer:
            if word in _ENDS:
                found.append([])
            else:
                found[-1].append(word)
        return [words[1:] for words in found if words and words[0] in _PROGRAMS]

    @property
    def runs_here(self) -> bool:
        """Whether it needs nothing but files that are here or that it makes."""
        return bool(self.commands) and all(
            "--help" in words or (words[0] in _ALONE and "/dev/" not in self.text)
            for words in self.commands
        )


def lines_of(page: Path) -> list[Line]:
    """Return what the blocks of a page tell to type, in order."""
    return [
        Line(page, text)
        for block in _BLOCK.findall(page.read_text(encoding="utf-8"))
        for text in block.splitlines()
    ]


def parser_of(command: str) -> ArgumentParser:
    """Return a parser that knows ``command`` alone."""
    parser = ArgumentParser(prog="cem")
    subparsers = cast("Subparsers", parser.add_subparsers(dest="command"))
    module = importlib.import_module(COMMANDS[command].module)
    cast("CommandModule", module).add_parser(subparsers)
    return parser


def refusal(words: list[str]) -> object:
    """Return the status with which arguments are refused, 0 when they are taken."""
    try:
        parser_of(words[0]).parse_args(words)
    except SystemExit as end:
        return end.code
    return 0


def test_what_is_not_there_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert refusal(["decode", "--loud", "a.txt"]) == 2
    assert refusal(["meter", "watch"]) == 2
    assert "--loud" in capsys.readouterr().err


LINES: Final = [line for page in PAGES for line in lines_of(page) if line.commands]


def test_the_pages_tell_commands() -> None:
    told = {words[0] for line in LINES for words in line.commands}
    assert told >= {"decode", "meter", "mbus", "optimize"}
    assert len({line.page for line in LINES}) > 10


@pytest.mark.parametrize("line", LINES, ids=str)
def test_a_command_of_a_block_is_taken(line: Line) -> None:
    assert [refusal(words) for words in line.commands] == [0] * len(line.commands)


@pytest.mark.parametrize(
    "page", sorted({line.page for line in LINES if line.runs_here}), ids=str
)
@pytest.mark.timeout(120)  # the solver's packages are loaded for each
def test_what_needs_no_device_runs(page: Path, tmp_path: Path) -> None:
    """In order, as one who follows the page types it."""
    for name in ("tests", "examples", ".venv"):
        (tmp_path / name).symlink_to(ROOT / name)
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for line in lines_of(page):
        if line.runs_here:
            done = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", line.text],
                cwd=tmp_path,
                env={**os.environ, "PATH": programs},
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, f"{line}: {done.stderr}"
            assert done.stdout or ">" in line.text


def mentions() -> Iterator[tuple[str, ...]]:
    """Yield the commands that stand within sentences, as far as they are told."""
    for page in PAGES:
        text = _FENCED.sub("", page.read_text(encoding="utf-8"))
        for told in _INLINE.findall(text):
            words = told.split()
            if words[0] in _PROGRAMS and len(words) > 1:
                yield tuple(words[1:])


@pytest.mark.parametrize("words", sorted(set(mentions())), ids=" ".join)
def test_a_command_in_a_sentence_is_there_with_its_flags(
    words: tuple[str, ...],
) -> None:
    command, *rest = words
    if command in {"--help", "--version", "COMMAND"}:
        return
    told = {word.split("=")[0] for word in rest if word.startswith("--")}
    assert told <= _flags(command, rest)


def _flags(command: str, rest: list[str]) -> set[str]:
    """Return the flags of a command, and of the one within it that is named."""
    found = {"--help"}
    parsers = [parser_of(command)]
    while parsers:
        for action in parsers.pop()._actions:
            found |= set(action.option_strings)
            if isinstance(action.choices, dict):
                named = {n: p for n, p in action.choices.items() if n in rest}
                parsers += (named or action.choices).values()
    return found


def test_a_script_that_is_named_is_there() -> None:
    named = {
        word
        for page in PAGES
        for word in re.findall(r"(?<![\w/.])script/\w+", page.read_text())
    }
    assert len(named) > 10
    assert {name for name in named if not (ROOT / name).exists()} == set()
