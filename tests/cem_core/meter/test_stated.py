"""Values that other projects state for their telegrams, against ours.

Many of those telegrams were made anonymous and so lost their checksum: they
get a new one here, so that their values are compared too.
"""

from collections.abc import Iterator
import json
from pathlib import Path
from typing import Any, Final

import pytest

from cem_core.meter import Decoder
from cem_core.model import Reading
from tests.cem_core.meter.test_oracle import ours
from tests.conftest import SHARED
from tests.telegrams.compose import checksum

FOLDER: Final = SHARED / "data" / "meters" / "p1"
# Anonymised with times that do not exist: refused as they must be.
IMPOSSIBLE: Final = {"athom_kamstrup-OMNIA-e-meter-three-phase", "athom_sagemcom-xt211"}

pytestmark = pytest.mark.shared

type Stated = dict[str, Any]
type Pair = tuple[str, object, object]


def stated(path: Path) -> Stated:
    document: Stated = json.loads(Path(f"{path}.json").read_text("utf-8"))
    return document["stated"] or {}


TELEGRAMS: Final = [
    path
    for path in sorted(FOLDER.glob("*.txt"))
    if path.stem not in IMPOSSIBLE
    and any(k.startswith("ELECTRICITY") or k == "electricity" for k in stated(path))
]


def signed_again(data: bytes) -> bytes:
    body = data.rpartition(b"!")[0] + b"!" if b"!" in data else data + b"!"
    return body + f"{checksum(body):04X}\r\n".encode("ascii")


@pytest.mark.parametrize("path", TELEGRAMS, ids=lambda path: path.stem)
def test_stated_values_are_read(path: Path) -> None:
    decoder = Decoder()
    [reading] = decoder.feed(signed_again(path.read_bytes()))
    assert isinstance(reading, Reading), reading
    values = stated(path)
    by_structure = "electricity" in values
    pairs = list(
        structured(values, reading) if by_structure else named(values, reading)
    )
    assert pairs
    wrong = [pair for pair in pairs if pair[1] != pytest.approx(pair[2])]
    assert not wrong


def named(values: Stated, reading: Reading) -> Iterator[Pair]:
    """Yield what is stated under dsmr-parser's names."""
    mine = ours(reading)
    for name in values.keys() & mine.keys():
        value = float(values[name]["value"])
        scale = 1000 if values[name]["unit"] in {"kW", "kWh"} else 1
        yield name, mine[name], value * scale


def structured(values: Stated, reading: Reading) -> Iterator[Pair]:
    """Yield what is stated as an object for each part of the home."""
    power = values["electricity"]
    for tariff, energy in power.get("tariffs", {}).items():
        yield f"import {tariff}", reading.import_energy_wh[tariff], energy["received"]
        yield f"export {tariff}", reading.export_energy_wh[tariff], energy["returned"]
    yield "import", reading.import_power_w, power.get("powerReceivedTotal")
    yield "export", reading.export_power_w, power.get("powerReturnedTotal")
    phases = {f"l{phase.phase}": phase for phase in reading.phases}
    for theirs, field in (
        ("voltage", "voltage_v"),
        ("current", "current_a"),
        ("powerReceived", "import_power_w"),
        ("powerReturned", "export_power_w"),
    ):
        for line, value in power.get(theirs, {}).items():
            yield f"{field} {line}", getattr(phases[line], field), value
    submeters = {str(s.channel): s for s in reading.submeters}
    for channel, submeter in values.get("mBus", {}).items():
        mine = submeters[channel]
        yield f"submeter {channel}", mine.value, submeter.get("value")
        yield f"unit {channel}", mine.unit, submeter.get("unit")
