"""Every recorded P1 telegram beside this checkout, against what it must say.

In scope is what a DSMR 4, 5 or Belgian meter sends, with its checksum. The
rest may be read or refused but must not raise.
"""

from collections import Counter
import json
from pathlib import Path
from typing import Any, Final

import pytest

from cem_core.meter import Decoder, TelegramError
from cem_core.model import Reading
from tests.conftest import SHARED

FOLDER: Final = SHARED / "data" / "meters" / "p1"
RECORDING: Final = SHARED / "data" / "meters" / "recording-p1"
TELEGRAMS: Final = sorted(FOLDER.glob("*.txt"))

pytestmark = pytest.mark.shared


def decode(path: Path) -> list[Reading | TelegramError]:
    decoder = Decoder()
    return [*decoder.feed(path.read_bytes()), *decoder.finish()]


def about(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(Path(f"{path}.json").read_text("utf-8"))
    return document


def in_scope(lines: dict[str, list[list[str]]]) -> bool:
    return "1-3:0.2.8" in lines or "0-0:96.1.4" in lines


def plain(text: str) -> float | str:
    """Return a recorded ``value*unit`` as number, what is no number as it is."""
    try:
        return float(text.partition("*")[0])
    except ValueError:
        return text


def said(reading: Reading) -> Counter[tuple[str, float | str]]:
    return Counter((raw.code, _comparable(raw.value)) for raw in reading.raw)


def _comparable(value: float | str) -> float | str:
    return plain(value) if isinstance(value, str) else float(value)


@pytest.mark.parametrize("path", TELEGRAMS, ids=lambda path: path.stem)
def test_a_telegram_says_what_was_recorded(path: Path) -> None:
    recorded = about(path)
    lines = recorded.get("p1_lines") or {}
    results = decode(path)
    readings = [result for result in results if isinstance(result, Reading)]
    if recorded["validity"] != "crc_ok":
        if in_scope(lines) and recorded["validity"] == "crc_wrong":
            assert any(isinstance(result, TelegramError) for result in results)
        return
    [reading] = readings
    assert results == readings
    # A time goes with the value after it and does not stand alone any more.
    times = {raw.timestamp for raw in reading.raw if raw.timestamp is not None}
    values = said(reading)
    missing = [
        (code, text)
        for code, objects in lines.items()
        for texts in objects
        for text in texts
        if (code, plain(text)) not in values and not _is_time(text)
    ]
    assert not missing
    assert times or not any(
        _is_time(text)
        for objects in lines.values()
        for line in objects
        for text in line
    )
    check_fields(reading, lines)


def _is_time(text: str) -> bool:
    return len(text) == 13 and text[:12].isdecimal() and text[12] in "SW"


FIELDS: Final = {
    "1-0:1.7.0": "import_power_w",
    "1-0:2.7.0": "export_power_w",
    "1-0:1.4.0": "demand_w",
    "0-0:17.0.0": "limiter_threshold_w",
}
PHASE_FIELDS: Final = {12: "voltage_v", 11: "current_a", 1: "import_power_w"}


def check_fields(reading: Reading, lines: dict[str, list[list[str]]]) -> None:
    """Compare the named fields, read here from the text in another way."""
    for code, field in FIELDS.items():
        if code in lines:
            assert getattr(reading, field) == _base(lines[code][0][0])
    for tariff in ("1", "2"):
        for value, field in ((1, "import_energy_wh"), (2, "export_energy_wh")):
            code = f"1-0:{value}.8.{tariff}"
            if code in lines:
                assert getattr(reading, field)[tariff] == _base(lines[code][0][0])
    for phase in reading.phases:
        for offset, field in PHASE_FIELDS.items():
            texts = lines.get(f"1-0:{phase.phase * 20 + offset}.7.0")
            if texts is not None:
                assert getattr(phase, field) == _base(texts[0][0])
    if "1-0:1.6.0" in lines:
        assert reading.month_peak is not None
        assert reading.month_peak.power_w == _base(lines["1-0:1.6.0"][0][1])


def _base(text: str) -> float:
    value, _, unit = text.partition("*")
    return round(float(value) * 1000) if unit.startswith("k") else float(value)


def test_every_telegram_in_scope_is_there() -> None:
    valid = [
        path
        for path in TELEGRAMS
        if (document := about(path))["validity"] == "crc_ok"
        and in_scope(document.get("p1_lines") or {})
    ]
    assert len(valid) >= 20


def test_ten_minutes_of_a_meter() -> None:
    [path] = RECORDING.glob("*.txt")
    error, *results = decode(path)
    assert isinstance(error, TelegramError)  # the recording starts inside a telegram
    readings = [result for result in results if isinstance(result, Reading)]
    assert readings == results
    assert len(readings) == path.read_bytes().count(b"/ISK5")
    times = [r.timestamp for r in readings if r.timestamp is not None]
    assert times == sorted(times)
