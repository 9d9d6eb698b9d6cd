"""EMH Casa: JSON by GET at ``/json/metering/origin/``.

Source: the client for it in github.com/jannickfahlbusch/ha-ppc-smgw (commit 23af90a,
2026-08), which is in use; the maker's own description is not public.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from cem_core.meter import smgw
from cem_core.meter.smgw import Register
from cem_core.model.slow_reading import SlowReading

METERS: Final = "/json/metering/origin/"

type Json = Mapping[str, Any]


def path(meter: str) -> str:
    """Return where the last values of ``meter`` are."""
    return f"{METERS}{quote(meter, safe='')}/extended"


def meter(document: object) -> str:
    """Return the first meter; ValueError when there is none."""
    if not isinstance(document, list) or not all(isinstance(m, str) for m in document):
        raise ValueError("the gateway's meters are no list of names")
    if not document:
        raise ValueError("the gateway knows no meter")
    return str(document[0])


def reading(document: Json, meter_id: str) -> SlowReading:
    """Return the last values; ValueError says what is wrong."""
    try:
        timestamp = smgw.aware(document["capture_time"])
        registers = tuple(_registers(document["values"], timestamp))
    except (KeyError, TypeError) as error:
        raise ValueError(f"the gateway's values are not as known: {error}") from error
    return smgw.reading(registers, meter_id.removesuffix(".sm").upper())


def _registers(
    values: Iterable[Json], timestamp: datetime | None
) -> Iterator[Register]:
    for each in values:
        if (code := smgw.obis(str(each["logical_name"]))) is None:
            continue
        value, unit = smgw.scaled(each["value"], each["scaler"], each["unit"])
        yield Register(code, value, unit, timestamp)
