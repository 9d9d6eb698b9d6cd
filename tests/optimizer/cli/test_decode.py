"""`cem decode` as a user meets it, and its answers by the contract."""

from collections.abc import Sequence
import json
from pathlib import Path
import signal
import subprocess
import sys
from typing import Final

import pytest

from optimizer.cli import main
from tests.cem_core.meter.test_recognise import FRAMES
from tests.telegrams.compose import ALL, DSMR4, DSMR5, EMUCS, FOLDER
from tests.telegrams.dlms import AUTH_KEY, KEY, sealed
from tests.telegrams.sml import LEFT_OUT, message, wrapped

CEM: Final = (str(Path(sys.executable).with_name("cem")), "decode")


def cem(
    *arguments: str, data: bytes = b""
) -> tuple[int, list[dict[str, object]], list[str]]:
    """Run the command and return status, objects on stdout, lines on stderr."""
    done = subprocess.run(
        [*CEM, *arguments], input=data, capture_output=True, check=False, timeout=30
    )
    objects = [json.loads(line) for line in done.stdout.splitlines()]
    return done.returncode, objects, done.stderr.decode().splitlines()


@pytest.mark.parametrize("name", ALL)
def test_each_telegram_gives_its_golden_json(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["decode", str(FOLDER / f"{name}.txt")]) == 0
    captured = capsys.readouterr()
    golden = (FOLDER / f"{name}.json").read_text(encoding="utf-8")
    assert json.loads(captured.out) == json.loads(golden)
    assert captured.err == ""


def test_a_stream_with_noise_and_damage() -> None:
    damaged = DSMR4.replace(b"00.487", b"00.787")
    stream = b"\x00noise" + DSMR5 + damaged + EMUCS[:200] + EMUCS
    status, objects, errors = cem("-", data=stream)
    assert status == 1
    assert [o["version"] for o in objects] == ["50", "50217"]
    place = 6 + len(DSMR5)
    given = DSMR4.rpartition(b"!")[2].strip().decode()
    assert errors[0].startswith(f"byte {place}: checksum {given}, computed ")
    place += len(damaged)
    assert errors[1:] == [
        f"byte {place}: unfinished telegram: the next starts at byte {place + 200}"
    ]


@pytest.mark.parametrize("name", FRAMES)
def test_every_format_found_or_named(name: str) -> None:
    format_, frame = FRAMES[name]
    for asked in ("auto", format_):
        status, objects, errors = cem("--format", asked, "-", data=frame * 2)
        assert (status, errors) == (0, [])
        assert len(objects) >= 2
        assert {o["format"] for o in objects} == {format_}
        assert all(o["raw"] for o in objects)


def test_the_wrong_format_finds_nothing() -> None:
    for asked, data in (("sml", DSMR5), ("dlms", DSMR5), ("dsmr", FRAMES["SML"][1])):
        status, objects, errors = cem("--format", asked, "-", data=data)
        assert (status, objects) == (1, [])
        assert errors == ["byte 0: no telegram found"]


def test_a_valid_file_without_readings_prints_nothing_and_is_no_error() -> None:
    empty_hdlc = bytes.fromhex("7ea008010201 1037 8d7e")
    for data in (wrapped(message(0x0201, LEFT_OUT)), empty_hdlc):
        assert cem("-", data=data) == (0, [], [])


@pytest.mark.parametrize("format_", ["auto", "dsmr"])
def test_an_encrypted_telegram_and_its_keys(format_: str) -> None:
    key, auth_key, wrong = KEY.hex(), AUTH_KEY.hex().upper(), "ab" * 16
    right = ("--key", key, "--auth-key", auth_key)
    data = sealed(DSMR4) + sealed(EMUCS, counter=2)
    status, objects, errors = cem("--format", format_, *right, "-", data=data)
    assert (status, errors) == (0, [])
    assert [o["format"] for o in objects] == ["dsmr", "dsmr"]
    assert [o["import_power_w"] for o in objects] == [487, 3871]
    for keys in ((), ("--key", wrong), ("--key", key, "--auth-key", wrong)):
        status, objects, errors = cem(
            "--format", format_, *keys, "-", data=sealed(DSMR4)
        )
        assert (status, objects, len(errors)) == (1, [], 1)
        assert errors[0].startswith("byte 0: ")
        assert "key" in errors[0]
        assert wrong not in errors[0]


def test_an_unfinished_telegram_at_the_end() -> None:
    status, objects, errors = cem("--format", "dsmr", "-", data=DSMR5 + DSMR4[:99])
    assert (status, len(objects)) == (1, 1)
    assert errors == [f"byte {len(DSMR5)}: unfinished telegram: the input ends"]


def test_a_telegram_without_readings_prints_nothing_and_is_no_error() -> None:
    assert cem("-", data=b"/ABC5\\empty\r\n\r\n!\r\n") == (0, [], [])


def test_a_telegram_is_printed_when_it_arrives() -> None:
    with subprocess.Popen(
        [*CEM, "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for telegram, power_w in ((DSMR4, 487), (EMUCS, 3871)):
            process.stdin.write(telegram)
            process.stdin.flush()
            line = process.stdout.readline()  # stdin is still open
            assert json.loads(line)["import_power_w"] == power_w
        process.stdin.close()
        assert process.wait(10) == 0


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the input is empty"),
        (b"hello", "no telegram found"),
    ],
)
def test_what_is_not_recognised_is_one_line_and_status_1(
    data: bytes, reason: str
) -> None:
    status, objects, [error] = cem("-", data=data)
    assert (status, objects) == (1, [])
    assert error.startswith(f"byte 0: {reason}")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--key", "00" * 15, "-"), "--key: expected 32 hexadecimal digits"),
        (("--key", "0g" * 16, "-"), "--key: expected 32 hexadecimal digits"),
        (("--key", "00 " * 11, "-"), "--key: expected 32 hexadecimal digits"),
        (("--auth-key", "", "-"), "--auth-key: expected 32 hexadecimal digits"),
        (("--format", "morse", "-"), "invalid choice: 'morse'"),
        (("/no/such/file",), "/no/such/file: No such file or directory"),
        (("/",), "/: Is a directory"),
        ((), "the following arguments are required: FILE"),
    ],
)
def test_wrong_usage_is_a_sentence_and_status_2(
    arguments: Sequence[str], sentence: str
) -> None:
    status, objects, errors = cem(*arguments, data=DSMR5)
    assert (status, objects) == (2, [])
    assert sentence in errors[-1]
    assert not any("Traceback" in line for line in errors)


def test_a_reader_that_leaves_is_no_traceback(tmp_path: Path) -> None:
    many = tmp_path / "many"
    many.write_bytes(DSMR5 * 500)
    with subprocess.Popen(
        [*CEM, str(many)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""


def _heed_ctrl_c() -> None:
    """Take back that a shell's background jobs, and so their children, ignore it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_ctrl_c_is_no_traceback() -> None:
    with subprocess.Popen(
        [*CEM, "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=_heed_ctrl_c,  # noqa: PLW1509 - no threads here
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(DSMR4)
        process.stdin.flush()
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 130
        assert process.stderr.read() == b""
