from collections.abc import Iterator
from contextlib import contextmanager
import json
from pathlib import Path
import signal
import socket
import subprocess
import sys
from typing import Any, Final

import pytest
import pytest_socket

from cem_core.meter import parse
from optimizer.cli import main

DEMO: Final = Path(__file__).parents[3] / "examples" / "demo" / "home.yaml"


@pytest.fixture
def loopback() -> Iterator[None]:
    pytest_socket.enable_socket()
    pytest_socket.socket_allow_hosts(["127.0.0.1"])
    yield
    pytest_socket.disable_socket(allow_unix_socket=True)


@contextmanager
def played(*options: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    command = [sys.executable, "-c", "from optimizer.cli import main; exit(main())"]
    with subprocess.Popen(
        [*command, "simulate", DEMO, "--json", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=DEMO.parents[2],
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line, process.stderr and process.stderr.read()
            yield process, json.loads(line)
        finally:
            process.kill()


def changed(tmp_path: Path, old: str, new: str) -> str:
    """Return a copy of the demo home with one thing changed."""
    text = DEMO.read_text("utf-8")
    assert old in text
    (tmp_path / "series.csv").write_bytes((DEMO.parent / "series.csv").read_bytes())
    home = tmp_path / "home.yaml"
    home.write_text(text.replace(old, new), "utf-8")
    return str(home)


def test_it_says_as_json_where_it_serves_and_ends_on_ctrl_c(loopback: None) -> None:
    with played("--p1-port", "0", "--mqtt-port", "0", "--seed", "7") as (process, said):
        assert said["seed"] == 7
        assert said["mqtt"] is None
        with socket.create_connection(("127.0.0.1", said["p1"]["port"]), 10) as meter:
            sent = b""
            while not sent.endswith(b"\r\n") or b"!" not in sent:
                sent += meter.recv(4096)
        assert parse(sent).power_w is not None
        process.send_signal(signal.SIGINT)
        _, problems = process.communicate(timeout=20)
        assert (process.returncode, problems) == (0, "")


def test_it_starts_at_the_time_it_is_given(loopback: None) -> None:
    start = "2026-03-29T01:59:50+01:00"
    options = ("--p1-port", "0", "--mqtt-port", "0", "--start", start)
    with (
        played(*options) as (_, said),
        socket.create_connection(("127.0.0.1", said["p1"]["port"]), 10) as meter,
    ):
        assert b"0-0:1.0.0(260329015" in meter.recv(4096)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "  seed: 1",
            "  sed: 1",
            "home.yaml: line {line}: simulate.sed: unknown field",
        ),
        ("port: 8188", "port: x", "home.yaml: line {line}: simulate.p1.port: a number"),
        (
            "kind: battery",
            "kind: boiler",
            "home.yaml: line {line}: devices[1].kind: one of",
        ),
        ("  seed: 1", "  seed: 1\n  seed: 2", "it stands on line {line} already"),
        ("series: series.csv", "series: none.csv", "none.csv: No such file"),
        ("series: pv_kw", "series: roof", "the series has no roof; it has cop, "),
        ("schema: 1", "bogus: 1\nschema: 1", "line {line}: bogus: unknown field"),
        ("wear_per_kwh", "ware_per_kwh", "line {line}: devices[1].ware_per_kwh: unk"),
        ("Europe/Brussels", "Europe/Nowhere", "home.yaml: line {line}: time_zone: "),
    ],
)
def test_what_is_wrong_in_the_home_is_told_with_its_line(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    old: str,
    new: str,
    message: str,
) -> None:
    line = DEMO.read_text("utf-8").split(old)[0].count("\n") + 1
    assert main(["simulate", changed(tmp_path, old, new)]) == 1
    told = capsys.readouterr()
    assert message.format(line=line) in told.err
    assert told.err.count("\n") == 1
    assert told.out == ""


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["nowhere.yaml"], 2, "nowhere.yaml: No such file"),
        ([str(DEMO), "--speed", "0"], 2, "--speed 0.1..10000"),
        ([str(DEMO), "--speed", "10001"], 2, "--speed 0.1..10000"),
        ([str(DEMO), "--start", "noon"], 1, "--start noon: no time"),
        ([str(DEMO), "--start", "2026-01-01"], 1, "an offset is missing"),
        ([str(DEMO), "--start", "9999-12-31T23:59:59Z"], 1, "the years 2000 to 2099"),
        (["ctl"], 2, "ctl URL FAULT"),
        (["ctl", "http://x/y", "silence"], 2, "mqtt://host:port/prefix is expected"),
    ],
)
def test_wrong_arguments_are_told_in_one_line(
    capsys: pytest.CaptureFixture[str], arguments: list[str], status: int, message: str
) -> None:
    assert main(["simulate", *arguments]) == status
    told = capsys.readouterr().err
    assert message in told
    assert told.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        [str(DEMO), "--p1-port", "99999"],
        [str(DEMO), "--mqtt-port", "-1"],
        ["ctl", "mqtt://127.0.0.1:1/p", "nonsense"],
        ["ctl", "mqtt://127.0.0.1:1/p", "silence", "--for", "nan"],
    ],
)
def test_arguments_out_of_range_are_wrong_usage(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["simulate", *arguments])
    assert ended.value.code == 2
    assert arguments[-1] in capsys.readouterr().err


def test_a_broker_that_is_not_there_is_told(
    loopback: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["simulate", "ctl", "mqtt://127.0.0.1:1/p", "silence"]) == 1
    assert "no MQTT broker at 127.0.0.1:1" in capsys.readouterr().err


def test_its_memory_outlasts_it(loopback: None, tmp_path: Path) -> None:
    memory = tmp_path / "memory.json"
    options = ("--p1-port", "0", "--mqtt-port", "0", "--memory", str(memory))
    with played(*options) as (process, _):
        process.send_signal(signal.SIGINT)
        _, problems = process.communicate(timeout=20)
        assert (process.returncode, problems) == (0, "")
    kept = json.loads(memory.read_text("utf-8"))
    kept["meter"]["import_wh"] = {"1": 7_000_000.0, "2": 8_000_000.0}
    memory.write_text(json.dumps(kept), "utf-8")
    with (
        played(*options) as (_, said),
        socket.create_connection(("127.0.0.1", said["p1"]["port"]), 10) as meter,
    ):
        sent = b""
        while b"!" not in sent:
            sent += meter.recv(4096)
    assert b"1-0:1.8.1(007000." in sent
    assert b"1-0:1.8.2(008000." in sent


@pytest.mark.parametrize("text", ["{", "[]", "\N{SNOWMAN}"])
def test_a_damaged_memory_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    memory = tmp_path / "memory.json"
    memory.write_text(text, "utf-16")
    assert main(["simulate", str(DEMO), "--memory", str(memory)]) == 1
    told = capsys.readouterr().err
    assert told.startswith(f"{memory}: ")
    assert told.count("\n") == 1
