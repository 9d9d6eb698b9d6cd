"""Every recorded SML and TIC file beside this checkout, against what it must say."""

import json
from pathlib import Path
import re
from typing import Any, Final

import pytest

from cem_core.meter import TelegramError, sml, tic
from cem_core.model import Reading
from tests.conftest import SHARED

SML: Final = sorted((SHARED / "data" / "meters_no_licence" / "sml").glob("*.bin"))
TIC: Final = sorted((SHARED / "data" / "meters" / "tic-historique").glob("*.bin"))

pytestmark = pytest.mark.shared


def decode(decoder: sml.Decoder | tic.Decoder, path: Path) -> list[Reading]:
    results = [*decoder.feed(path.read_bytes()), *decoder.finish()]
    return [result for result in results if isinstance(result, Reading)]


def about(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(Path(f"{path}.json").read_text("utf-8"))
    return document


def code(name: str) -> str:
    a, b, c, d, e, f = bytes.fromhex(name)
    return f"{a}-{b}:{c}.{d}.{e}*{f}"


@pytest.mark.parametrize("path", SML, ids=lambda path: path.stem)
def test_an_sml_file_says_what_two_libraries_read(path: Path) -> None:
    recorded = about(path)
    readings = decode(sml.Decoder(), path)
    sound = re.search(r"(\d+)xcrc_ok", recorded["validity"])
    assert len(readings) >= (int(sound[1]) if sound else 0)
    if (cross := recorded.get("cross_decoded")) is None:
        return
    values = {raw.code: raw.value for raw in readings[0].raw}
    expected = {code(name): value for name, value in cross["first_frame"].items()}
    assert {name: values.get(name) for name in expected} == expected
    check_fields(readings[0], expected)


def check_fields(reading: Reading, expected: dict[str, float]) -> None:
    for number, energies in (
        (1, reading.import_energy_wh),
        (2, reading.export_energy_wh),
    ):
        for tariff, key in ((0, "total"), (1, "1"), (2, "2")):
            value = expected.get(f"1-0:{number}.8.{tariff}*255")
            assert energies.get(key) == (None if value is None else round(value))
    if (net := expected.get("1-0:16.7.0*255")) is not None:
        assert reading.power_w == round(net)
    for phase in reading.phases:
        net = expected[f"1-0:{phase.phase * 20 + 16}.7.0*255"]
        assert phase.import_power_w == max(0, round(net))
        assert phase.export_power_w == max(0, round(-net))


@pytest.mark.parametrize(
    ("stem", "power_w"),
    [
        ("EMH-ED300L_consumption", 137),
        ("EMH-ED300L_delivery", -127),
        ("EMH_eHZ361L5R", -5632),
        ("DZG_DVS-7420.2V.G2_mtr2_neg", -106),
    ],
)
def test_a_power_flows_the_way_the_meter_means(stem: str, power_w: int) -> None:
    [path] = [path for path in SML if path.stem == stem]
    assert decode(sml.Decoder(), path)[0].power_w == power_w


@pytest.mark.parametrize("path", TIC, ids=lambda path: path.stem)
def test_every_recorded_tic_frame_is_read(path: Path) -> None:
    frames = about(path)["stated"]["frames_starting"]
    results = [*(decoder := tic.Decoder()).feed(path.read_bytes()), *decoder.finish()]
    assert not [r for r in results if isinstance(r, TelegramError)]
    assert len(results) == frames
    registers = [r.import_energy_wh for r in results if isinstance(r, Reading)]
    assert registers == sorted(registers, key=lambda energy: energy["1"])


def test_the_recordings_are_there() -> None:
    assert len(SML) >= 20
    assert TIC
