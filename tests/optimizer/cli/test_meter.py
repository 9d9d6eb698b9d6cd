"""`cem meter watch` in a pipe and on a terminal."""

from collections.abc import Iterator
from contextlib import contextmanager
import json
import os
from pathlib import Path
import pty
import re
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from typing import Any, Final

import pytest

from cem_core.meter.recognise import Decoder
from cem_core.model import Reading
from cem_core.transport import LineState, LineStatus
from optimizer.cli import main
from optimizer.cli.meter_screen import lines
from tests.telegrams.compose import DSMR4, DSMR5, EMUCS, FOLDER
from tests.telegrams.dlms import AIDON, AUTH_KEY, KEY, LLC, hdlc, sealed

# A shell's background jobs, and so their children, ignore Ctrl-C: these must not.
_HEED: Final = "signal.signal(signal.SIGINT, signal.default_int_handler)"
_MAIN: Final = (
    f"import signal, sys; {_HEED}; from optimizer.cli import main; sys.exit(main())"
)
CEM: Final = (sys.executable, "-c", _MAIN, "meter", "watch")
HOST: Final = "127.0.0.1"
SIZE: Final = (100, 40)


@contextmanager
def running(*arguments: str, **pipes: Any) -> Iterator[subprocess.Popen[str]]:
    """Run `cem meter watch`, and end it however the test ends."""
    with subprocess.Popen([*CEM, *arguments], text=True, **pipes) as watching:
        try:
            yield watching
        finally:
            watching.kill()


@pytest.fixture
def gateway(socket_enabled: None) -> Iterator[str]:
    """Serve telegrams to whoever connects, one after the other."""
    with socket.create_server((HOST, 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    connection.sendall(DSMR5 + EMUCS[:99] + EMUCS)

        serving = threading.Thread(target=serve)
        serving.start()
        yield f"{HOST}:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)
        serving.join()


def test_into_a_pipe_goes_a_line_of_json_a_reading(gateway: str) -> None:
    with running(gateway, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as watching:
        assert watching.stdout is not None
        assert watching.stderr is not None
        said = [json.loads(watching.stdout.readline())["version"] for _ in range(4)]
        watching.send_signal(signal.SIGINT)
        errors = watching.stderr.read().splitlines()
        assert watching.wait(10) == 130
    assert said == ["50", "50217"] * 2
    assert errors[:2] == ["waiting", "reading"]
    assert "disconnected: closed by the other side" in errors
    assert any(line.startswith("byte ") and "unfinished" in line for line in errors)
    assert "Traceback" not in "".join(errors)


def test_a_serial_port_is_found_out_and_read() -> None:
    master, slave = pty.openpty()
    with running(
        os.ttyname(slave), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as watching:
        assert watching.stdout is not None
        assert watching.stderr is not None
        while not select.select([watching.stdout], [], [], 0.5)[0]:
            os.write(master, EMUCS)
        assert json.loads(watching.stdout.readline())["version"] == "50217"
        watching.send_signal(signal.SIGINT)
        errors = watching.stderr.read().splitlines()
        assert watching.wait(10) == 130
    os.close(master)
    os.close(slave)
    assert errors[0] == "searching: trying 115200 8N1"
    assert "reading: 115200 8N1: P1 50217" in errors


def test_a_recording_is_read_to_its_end(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["meter", "watch", str(FOLDER / "emucs.txt")]) == 0
    captured = capsys.readouterr()
    golden = (FOLDER / "emucs.json").read_text(encoding="utf-8")
    assert json.loads(captured.out) == json.loads(golden)
    assert captured.err == "reading\ndisconnected: the input has ended\n"


def test_damage_is_told_and_is_the_exit_status(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "recording").write_bytes(DSMR5 + DSMR4[:200] + DSMR5)
    assert main(["meter", "watch", str(tmp_path / "recording")]) == 1
    assert f"byte {len(DSMR5)}: unfinished" in capsys.readouterr().err


def test_a_key_opens(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "recording").write_bytes(hdlc(LLC + sealed(AIDON)))
    watch = ["meter", "watch", str(tmp_path / "recording")]
    assert main(watch) == 1
    assert "key_needed: encrypted: a key is needed" in capsys.readouterr().err
    assert main([*watch, "--key", KEY.hex(), "--auth-key", AUTH_KEY.hex()]) == 0
    assert '"format": "dlms"' in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["host:99999"], "'host:99999' is no meter"),
        (["mqtt://me:secret@host"], "no MQTT address"),
        (["/nowhere/recording"], "/nowhere/recording: No such file"),
    ],
)
def test_what_is_no_address_is_one_line(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["meter", "watch", *arguments]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert "secret" not in error


@pytest.mark.parametrize("baud", ["fast", "9600 9N9"])
def test_settings_that_are_none_are_wrong_usage(
    baud: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["meter", "watch", "/dev/ttyUSB0", "--baud", baud])
    assert ended.value.code == 2
    assert "expected 9600 7E1" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("ended_by", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)]
)
def test_on_a_terminal_one_screen_is_kept_and_given_back(
    gateway: str, ended_by: signal.Signals, status: int
) -> None:
    master, slave = pty.openpty()
    with running(gateway, stdout=slave, stderr=slave) as watching:
        os.close(slave)
        shown = read_until(master, "3871 W")
        watching.send_signal(ended_by)
        shown += read_until(master, "?1049l")
        assert watching.wait(10) == status
    shown += read_until(master, "never", within_s=0.2)
    os.close(master)
    assert shown.startswith("\x1b[?1049h\x1b[?25l")
    before, _, after = shown.rpartition("\x1b[?25h\x1b[?1049l")
    assert "last telegram" in before
    assert "3871 W" in after
    assert "Traceback" not in shown


def read_until(terminal: int, word: str, within_s: float = 20) -> str:
    shown, end_s = "", time.monotonic() + within_s
    while word not in shown and (left_s := end_s - time.monotonic()) > 0:
        if select.select([terminal], [], [], left_s)[0]:
            try:
                shown += os.read(terminal, 65_536).decode()
            except OSError:  # the other end has closed
                break
    return shown


def reading(telegram: bytes) -> Reading:
    [found] = Decoder().feed(telegram)
    assert isinstance(found, Reading)
    return found


def test_the_screen_shows_the_line_and_the_reading() -> None:
    state = LineState(
        status=LineStatus.READING,
        cause="115200 8N1: P1 50",
        format="dsmr",
        bytes=12_345,
        telegrams=7,
        damaged={"checksum …": 2, "unfinished": 5},
        data_age_s=0.4,
    )
    shown = lines("/dev/ttyUSB0", state, reading(EMUCS), ["byte 5: checksum"], SIZE)
    text = "\n".join(shown)
    assert re.search(r"line +reading: 115200 8N1: P1 50\n", text)
    assert re.search(r"last telegram +0 s ago\n", text)
    assert re.search(r"so far +7 telegrams, 7 damaged\n", text)
    assert re.search(r"power +3871 W", text)
    assert re.search(r"phase 1 +232.1 V +5.42 A +1250 W\n", text)
    assert text.index("5 x unfinished") < text.index("2 x checksum …")
    assert shown[-1] == "byte 5: checksum"


def test_the_screen_stays_within_the_terminal() -> None:
    for size in ((20, 5), (1, 1), (300, 300)):
        shown = lines("x" * 500, LineState(), reading(DSMR5), ["y" * 500], size)
        assert len(shown) <= size[1]
        assert all(len(line) <= size[0] for line in shown)


def test_a_meter_cannot_command_the_terminal() -> None:
    state = LineState(cause="\x1b]0;title\x07 \x1b[2J")
    shown = "".join(lines("a", state, None, ["\x9b31m\r\n"], SIZE))
    assert shown.isprintable()
