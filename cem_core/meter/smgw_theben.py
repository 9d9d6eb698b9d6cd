"""Theben Conexa: JSON by POST at ``/smgw/m2m/<user>/json``.

Source: Theben, "CONEXA 3.0, Schnittstellenbeschreibung IF_GW_CON", version 1.4,
A-2.1 (root), A-2.3 (user-info), A-2.4 (usage-point-info), A-2.6 (readings).
"""

from collections.abc import Iterable, Iterator, Mapping
import json
from typing import Any, Final

from cem_core.meter import smgw
from cem_core.meter.smgw import Register
from cem_core.model.slow_reading import SlowReading

ROOT: Final = "/smgw/m2m"

_ORIGIN: Final = "origin"  # the values as the meter gave them
_BEST_TAF: Final = "7"  # quarter hours
_NOT_RUNNING: Final = ("finished", "stopped", "deleted")

type Json = Mapping[str, Any]
type Scales = Mapping[str, tuple[object, object]]


def path(location: str) -> str:
    """Return where the user's questions go, after what the root redirects to."""
    user = location.rstrip("/")
    return user if user.endswith("/json") else f"{user}/json"


def ask_usage_points() -> bytes:
    """Return the question for the contracts."""
    return _question(method="user-info")


def ask_scales(usage_point: str) -> bytes:
    """Return the question for the units of a contract's channels."""
    return _question(
        **{
            "method": "usage-point-info",
            "usage-point-id": usage_point,
            "database": _ORIGIN,
        }
    )


def ask_last_reading(usage_point: str) -> bytes:
    """Return the question for the last values of a contract."""
    return _question(
        **{
            "method": "readings",
            "usage-point-id": usage_point,
            "database": _ORIGIN,
            "last-reading": "true",
        }
    )


def usage_point(document: Json) -> str:
    """Return the contract to read: one of quarter hours, else the first that runs."""
    try:
        points = [
            point
            for point in document["user-info"]["usage-points"]
            if point["taf-state"] not in _NOT_RUNNING
        ]
        points.sort(key=lambda point: str(point["taf-number"]) != _BEST_TAF)
        return str(points[0]["usage-point-id"])
    except (KeyError, TypeError) as error:
        raise ValueError(
            f"the gateway's contracts are not as described: {error}"
        ) from error
    except IndexError:
        raise ValueError(
            "the gateway knows no contract of this user that runs"
        ) from None


def scales(document: Json) -> Scales:
    """Return scaler and unit of each OBIS code."""
    try:
        return {
            code: (channel["scaler"], channel["unit"])
            for database in document["usage-point-info"]["databases"]
            for channel in database["channels"]
            if (code := smgw.obis(str(channel["obis"]))) is not None
        }
    except (KeyError, TypeError) as error:
        raise ValueError(
            f"the gateway's channels are not as described: {error}"
        ) from error


def reading(document: Json, scale: Scales) -> SlowReading:
    """Return the last values; ValueError says what is wrong."""
    try:
        channels = document["readings"]["channels"]
        registers = tuple(_registers(channels, scale))
        meter = next((_meter(str(channel["obis"])) for channel in channels), None)
    except (KeyError, TypeError) as error:
        raise ValueError(
            f"the gateway's values are not as described: {error}"
        ) from error
    return smgw.reading(registers, meter)


def _registers(channels: Iterable[Json], scale: Scales) -> Iterator[Register]:
    for channel in channels:
        code = smgw.obis(str(channel["obis"]))
        if code is None or code not in scale or not channel["readings"]:
            continue
        last = channel["readings"][-1]
        value, unit = smgw.scaled(last["value"], *scale[code])
        yield Register(code, value, unit, smgw.aware(last["capture-time"]))


def _meter(obis: str) -> str | None:
    """Return the meter named behind a code: ``0100010800ff.0551010038180402.sm``."""
    parts = obis.split(".")
    return parts[1].upper() if len(parts) > 1 else None


def _question(**fields: str) -> bytes:
    return json.dumps(fields).encode()
