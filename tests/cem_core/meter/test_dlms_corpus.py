"""Every recorded DLMS and encrypted P1 frame beside this checkout."""

import json
from pathlib import Path
from typing import Any, Final

import pytest

from cem_core.meter import TelegramError, dlms, encrypted_p1
from cem_core.model import PhaseReading, Reading
from tests.conftest import SHARED

METERS: Final = SHARED / "data" / "meters"
FRAMES: Final = sorted(
    (*METERS.glob("dlms-*/*.bin"), *METERS.glob("p1-encrypted/*.bin"))
)
# Frames of amshan's HDLC tests that carry no list.
EMPTY: Final = ("amshan_frame_empty_info", "amshan_frame_short_info")

pytestmark = pytest.mark.shared


def about(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(Path(f"{path}.json").read_text("utf-8"))
    return document


def key(document: dict[str, Any], name: str) -> bytes | None:
    text = document[name]
    return None if text is None else bytes.fromhex(text)


def decode(path: Path) -> list[Reading | TelegramError]:
    document = about(path)
    kind = encrypted_p1 if document["kind"] == "p1-encrypted" else dlms
    decoder = kind.Decoder(key(document, "key_hex"), key(document, "aad_hex"))
    return [*decoder.feed(path.read_bytes()), *decoder.finish()]


@pytest.mark.parametrize("path", FRAMES, ids=lambda path: path.stem)
def test_a_frame_is_read_or_refused(path: Path) -> None:
    results = decode(path)
    if about(path)["validity"] == "fcs_wrong":
        assert [type(result) for result in results] == [TelegramError]
    elif path.stem in EMPTY:
        assert results == [Reading(format="dlms")]
    else:
        assert [type(result) for result in results] == [Reading]


AMSHAN: Final = {
    "active_power_import": "import_power_w",
    "active_power_export": "export_power_w",
    "reactive_power_import": "reactive_import_power_var",
    "reactive_power_export": "reactive_export_power_var",
    "list_ver_id": "version",
    "meter_id": "meter_id",
}


@pytest.mark.parametrize(
    "path", [p for p in FRAMES if "dlms-apdu" in p.parts], ids=lambda path: path.stem
)
def test_what_amshan_states(path: Path) -> None:
    stated = about(path)["stated"]
    [reading] = decode(path)
    assert isinstance(reading, Reading)
    for name, field in AMSHAN.items():
        if name in stated:
            assert getattr(reading, field) == stated[name], name
    for name, energies in (
        ("active_power_import_total", reading.import_energy_wh),
        ("active_power_export_total", reading.export_energy_wh),
    ):
        if name in stated:
            assert energies["total"] == stated[name], name
    phases = {phase.phase: phase for phase in reading.phases}
    for number in (1, 2, 3):
        phase = phases.get(number, PhaseReading(phase=number))
        for name, value in (
            (f"voltage_l{number}", phase.voltage_v),
            (f"current_l{number}", phase.current_a),
            (f"active_power_import_l{number}", phase.import_power_w),
            (f"active_power_export_l{number}", phase.export_power_w),
        ):
            if name in stated:
                assert value == stated[name], name


def test_ciphered_frames_say_what_the_open_ones_say() -> None:
    folder = METERS / "dlms-hdlc"
    opened = decode(folder / "athom_aidon-example-2.bin")
    for name in ("enc_with_aad", "enc_without_aad"):
        assert decode(folder / f"athom_aidon2_{name}.bin") == opened
    assert decode(folder / "athom_aidon-example-2-segmented.bin") == opened


def test_lists_that_athom_states() -> None:
    folder = METERS / "dlms-hdlc"
    [first] = decode(folder / "athom_slovenia-list-1.bin")
    [second] = decode(folder / "athom_slovenia-list-2.bin")
    [iskra] = decode(folder / "athom_iskra-1.bin")
    assert isinstance(first, Reading)
    assert isinstance(second, Reading)
    assert isinstance(iskra, Reading)
    assert first.meter_id == second.meter_id == "ISK1030783826316"
    assert first.phases[2].voltage_v == 234.6
    assert second.import_energy_wh == {"total": 3810, "1": 0, "2": 3810}
    assert second.tariff == 2
    assert iskra.import_energy_wh == {"total": 287_454_020}
    assert iskra.export_energy_wh == {"total": 16_909_060}
