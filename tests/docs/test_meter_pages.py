"""Each format, form and way to a meter that is read has its page, which names it."""

from collections.abc import Iterator
import json
from pathlib import Path
import re
import shlex
import shutil
import socket
import subprocess
import sys
from typing import Final

import pytest

from cem_core.meter.formats import FORMATS
from cem_core.meter.json_forms.forms import FORMS
from optimizer.cli import main
from optimizer.cli.decode_form import FORM_NAMES, MBUS, WMBUSMETERS
from tests.test_repository import ROOT

DOCS: Final = ROOT / "docs"
METERS: Final = DOCS / "meters"
# The menus of the forms "Add a meter" and "Add a gas, water or heat meter".
WAYS: Final = {
    "tcp": "gateways.md",
    "mqtt": "gateways.md",
    "serial": "p1.md",
    "homewizard": "homewizard.md",
    "modbus_tcp": "modbus.md",
    "modbus_serial": "modbus.md",
    "entities": "../meter.md",
    "mbus_tcp": "mbus.md",
    "mbus_serial": "mbus.md",
    "wmbusmeters": "wmbusmeters.md",
    "gateway": "../submeters.md",
}
OF_A_WAY: Final = sorted(
    {page for page in WAYS.values() if "/" not in page} - {"p1.md"}
)
COMMAND: Final = re.compile(r"^\.venv/bin/cem (decode .+)$", re.MULTILINE)
BLOCK: Final = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def commands() -> Iterator[tuple[str, str]]:
    """Yield each command of a page that reads a file, with the page's name."""
    for page in (DOCS / "meter.md", *sorted(METERS.glob("*.md"))):
        for command in COMMAND.findall(page.read_text()):
            yield page.name, command


def test_each_format_leads_to_its_page() -> None:
    text = (DOCS / "meter.md").read_text()
    pages = dict(re.findall(r"^\| \[`(\w+)`\]\((meters/\w+\.md)\)", text, re.MULTILINE))
    assert set(pages) == set(FORMATS)
    assert all((DOCS / page).is_file() for page in pages.values())


def test_each_form_of_json_is_listed() -> None:
    text = (METERS / "json.md").read_text()
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} >= set(FORMS)


def test_each_way_in_a_form_has_its_page() -> None:
    forms = json.loads((ROOT / "custom_components/cem/strings.json").read_text())
    ways: set[str] = set()
    for kind in ("meter", "submeter"):
        ways |= forms["config_subentries"][kind]["step"]["user"]["menu_options"].keys()
    assert ways == WAYS.keys()
    assert all((METERS / page).is_file() for page in WAYS.values())


def test_the_index_leads_to_every_page() -> None:
    index = (METERS / "README.md").read_text()
    pages = {page.name for page in METERS.glob("*.md")} - {"README.md"}
    assert {page for page in pages if f"]({page})" not in index} == set()


@pytest.mark.parametrize("page", OF_A_WAY)
def test_a_page_says_what_is_needed_what_it_tells_and_what_goes_wrong(
    page: str,
) -> None:
    text = (METERS / page).read_text()
    for row in ("You need", "Setting", "How often", "For the fast loop"):
        assert text.count(f"\n| {row} | ") == 1, row
    for heading in ("Try it without a meter", "In Home Assistant"):
        assert text.count(f"\n## {heading}\n") == 1
    [wrong] = re.findall(
        r"## When something is wrong\n\n(.*?)\n\n", text + "\n", re.DOTALL
    )
    assert len(wrong.splitlines()) >= 6
    assert "```mermaid\n" in text


@pytest.mark.parametrize(("page", "command"), commands())
def test_a_command_reads_the_example(
    page: str,
    command: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(ROOT)
    assert main(shlex.split(command)) == 0, page
    said = capsys.readouterr()
    assert [json.loads(line) for line in said.out.splitlines()]
    assert said.err == ""


def test_each_page_of_a_way_has_such_a_command() -> None:
    """All but Modbus, which is asked."""
    with_one = {page for page, _ in commands()}
    assert set(OF_A_WAY) - with_one == {"modbus.md"}


def test_forms_that_no_list_of_json_has_are_in_a_command() -> None:
    text = " ".join(command for _, command in commands())
    others = set(FORM_NAMES) - set(FORMS)
    assert others == {MBUS, WMBUSMETERS}
    assert all(f"--form {name} " in text for name in others)


def test_the_demonstration_answers_as_the_page_of_modbus_says(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples" / "demo", tmp_path / "examples" / "demo")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    [script] = BLOCK.findall((METERS / "modbus.md").read_text())
    for said, here in (
        ("5020", port),
        (".venv/bin/cem", str(Path(sys.executable).with_name("cem"))),
        # A busy machine may need longer, a quiet one less.
        (
            "sleep 10",
            (
                f"for _ in {{1..90}}; do (: < /dev/tcp/127.0.0.1/{port}) && break; "
                "sleep 0.5; done 2> /dev/null"
            ),
        ),
    ):
        assert said in script
        script = script.replace(said, here)
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert re.search(r"^  total_active_power +[\d.-]+ W$", done.stdout, re.MULTILINE)
    assert re.search(r"^model 203 at 40069", done.stdout, re.MULTILINE)
    assert not (tmp_path / "examples" / "demo" / "MY_HOME.yaml").exists()
