"""`cem decode --form`: what gateways and slow meters say, from a file or a pipe."""

import json
from pathlib import Path
import subprocess
from typing import Any, Final

from hypothesis import given, strategies as st
import pytest

from optimizer.cli import decode_form, main
from tests.optimizer.cli.test_decode import CEM
from tests.test_repository import ROOT

FOLDER: Final = ROOT / "examples" / "meters"
FRAMES: Final = ROOT / "tests" / "telegrams" / "mbus.json"


def cem(
    capsys: pytest.CaptureFixture[str], form: str, file: Path
) -> tuple[int, list[dict[str, Any]], list[str]]:
    status = main(["decode", "--form", form, str(file)])
    said = capsys.readouterr()
    objects = [json.loads(line) for line in said.out.splitlines()]
    return status, objects, said.err.splitlines()


def written(folder: Path, text: str | bytes) -> Path:
    file = folder / "said"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def test_homewizard(capsys: pytest.CaptureFixture[str]) -> None:
    file = FOLDER / "homewizard_v1.json"
    status, [reading], errors = cem(capsys, "homewizard_v1", file)
    assert (status, errors) == (0, [])
    assert (reading["import_power_w"], reading["export_power_w"]) == (0, 543)
    assert reading["import_energy_wh"]["total"] == 13_779_338
    assert [p["voltage_v"] for p in reading["phases"]] == [231.4, 230.1, 229.7]
    assert [s["kind"] for s in reading["submeters"]] == ["gas"]


def test_dsmr_reader(capsys: pytest.CaptureFixture[str]) -> None:
    file = FOLDER / "dsmr_reader.json"
    status, [reading], errors = cem(capsys, "dsmr_reader", file)
    assert (status, errors) == (0, [])
    assert reading["import_power_w"] == 487


def test_wmbusmeters(capsys: pytest.CaptureFixture[str]) -> None:
    file = FOLDER / "wmbusmeters.json"
    status, [heat, water], errors = cem(capsys, "wmbusmeters", file)
    assert (status, errors) == (0, [])
    assert heat["values"]["energy"] == 12_534_000
    assert heat["values"]["power"] == 4_200
    assert (water["kind"], water["meter_id"]) == ("water", "44332211")
    assert water["status"] == ["DRY"]


def test_answers_of_wired_meters(capsys: pytest.CaptureFixture[str]) -> None:
    status, [water, heat], errors = cem(capsys, "mbus", FOLDER / "mbus.hex")
    assert (status, errors) == (0, [])
    assert water["values"] == {"volume": 2850.427}
    assert heat["values"] == {"energy": 2_850_427_000.0}


@pytest.mark.parametrize("hexadecimal", [False, True])
def test_answers_that_others_recorded(
    hexadecimal: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded = json.loads(FRAMES.read_text())
    stream = b"".join(bytes.fromhex(each["frame"]) for each in recorded.values())
    data = stream.hex(" ").encode() if hexadecimal else stream
    _, objects, errors = cem(capsys, "mbus", written(tmp_path, data))
    assert errors == []
    assert [o["meter_id"] for o in objects] == [
        each["meter_id"] for each in recorded.values()
    ]


def test_what_the_master_sent_is_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = "10 40 01 41 16  e5  10 5b 01 5c 16\n" + (FOLDER / "mbus.hex").read_text()
    status, objects, errors = cem(capsys, "mbus", written(tmp_path, line))
    assert (status, len(objects), errors) == (0, 2, [])


@pytest.mark.parametrize(
    ("form", "text", "says"),
    [
        ("mbus", "68 1f", "byte"),
        ("mbus", "", "byte 0: the input is empty"),
        ("mbus", " \n", "byte 0: the input is empty"),
        ("mbus", "e", "half a byte"),
        ("mbus", "no frame", "no frame of an M-Bus"),
        ("tibber", '{"voltage": 230}', "message 1: nothing in it that tibber knows"),
        ("tibber", "\n", "byte 0: the input is empty"),
        ("wmbusmeters", "{}", "message 1: no message of wmbusmeters"),
        ("wmbusmeters", "[1]", "message 1: the message is no JSON object"),
        ("homewizard_v1", '{"active_power_w": 1', "message 1: the message is no JSON"),
        ("homewizard_v1", '{"active_power_w": "x"}', "message 1: active_power_w"),
        ("tibber", b"\xff\xfe", "message 1: the message is no text"),
        ("tibber", "{" + " " * 70_000, "message 1: a message of"),
    ],
)
def test_what_is_wrong_is_one_line(
    form: str,
    text: str | bytes,
    says: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    status, objects, errors = cem(capsys, form, written(tmp_path, text))
    assert (status, objects, len(errors)) == (1, [], 1)
    assert errors[0].startswith(says)


def test_a_damaged_message_does_not_take_the_next_with_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = '{"power": 1,\n{"power": 2}\n'
    status, [reading], errors = cem(capsys, "tibber", written(tmp_path, lines))
    assert (status, reading["import_power_w"], len(errors)) == (1, 2, 1)


def test_each_message_is_told_when_it_comes() -> None:
    with subprocess.Popen(
        [*CEM, "--form", "tibber", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b'{"power": 7}\n')
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["import_power_w"] == 7
        process.stdin.close()
        assert process.wait(30) == 0


@given(st.lists(st.integers(0, 20_000), min_size=1, max_size=6), st.integers(1, 40))
def test_any_cut_and_any_spacing_give_the_same(powers: list[int], size: int) -> None:
    text = b"".join(
        json.dumps({"power": power}, indent=n % 3 or None).encode() + b"\n"
        for n, power in enumerate(powers)
    )
    pieces = [text[i : i + size] for i in range(0, len(text), size)]
    said = list(decode_form.read("tibber", pieces, None))
    assert [s["import_power_w"] for s in said if isinstance(s, dict)] == powers
