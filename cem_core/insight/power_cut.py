"""Whether the power was cut, and how long ago it came back.

A meter that counts its power failures (DSMR: 96.7.21 and 96.7.9, with a log of the long
ones) says it best, also of a cut that this machine slept or was off through. One that
goes on without mains tells it by its voltages. One that was silent, and whose energies
stood still meanwhile, was without power. Where a meter tells none of it there is only
the machine: it stopped without saying so and was started anew.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, Self

from cem_core.model import Reading

_GONE_V: Final = 115.0  # half of the nominal voltage, on every phase
_BACK_V: Final = 195.5  # 0.85 of it: EN 50549-1, 4.10.2, lets plants return from there
# A home that drew so much before, and nothing in so long a silence, drew nothing: the
# registers count whole Wh, and 100 W on standby would be 5 of them.
_SILENT_S: Final = 180.0
_DREW_W: Final = 300
# Drawn from the return to the first telegram: its line is opened anew only by then.
_COUNTS_WH: Final = 4
_NOTHING: Final = timedelta()


class Sign(StrEnum):
    """What a power cut was known by."""

    COUNTED = "counted"  # the meter counted a failure
    VOLTAGE = "voltage"  # the meter showed it
    STANDSTILL = "standstill"  # it was silent, and its energies stood still
    STOPPED = "stopped"  # this machine stopped without notice


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerCut:
    """A cut that is over; ``ago`` is how long, as far as the meter tells."""

    sign: Sign
    ago: timedelta = _NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Failures:
    """What a meter has counted of power failures; None: it does not tell."""

    meter_id: str | None = None
    short: int | None = None
    long: int | None = None
    logged: datetime | None = None  # end of the last one in its log

    @classmethod
    def of(cls, reading: Reading) -> Self | None:
        """Return what ``reading`` says, None: nothing of them."""
        said = reading.power_failures
        if said is None or (said.short is said.long is None and not said.log):
            return None
        return cls(
            meter_id=reading.meter_id,
            short=said.short,
            long=said.long,
            logged=max((each.end for each in said.log), default=None),
        )

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Return what `to_json` wrote."""
        logged = document["logged"]
        return cls(
            meter_id=document["meter_id"],
            short=document["short"],
            long=document["long"],
            logged=None if logged is None else datetime.fromisoformat(logged),
        )

    def to_json(self) -> dict[str, Any]:
        """Return it for a store."""
        return {
            "meter_id": self.meter_id,
            "short": self.short,
            "long": self.long,
            "logged": None if self.logged is None else self.logged.isoformat(),
        }

    def more_than(self, before: Failures) -> bool:
        """Tell whether the same meter has counted one since ``before``."""
        if self.meter_id != before.meter_id:
            return False
        counts = (self.short, before.short), (self.long, before.long)
        counted = any(
            now is not None and then is not None and now > then for now, then in counts
        )
        return counted or (
            self.logged is not None
            and before.logged is not None
            and self.logged > before.logged
        )

    def ago(self, before: Failures, reading: Reading) -> timedelta:
        """Return how long the last failure is over by the meter's own clock.

        A short one stands in no log: it is taken to be over just now.
        """
        now = reading.timestamp
        if now is None or self.logged is None or self.logged == before.logged:
            return _NOTHING
        return max(_NOTHING, now - self.logged)


class PowerCutWatch:
    """Looks at each telegram of one meter."""

    def __init__(self, known: Failures | None, *, suspected: bool) -> None:
        """Go on from what was ``known`` before a restart.

        ``suspected``: this machine seems to have lost its power. The meter's first
        telegram settles it.
        """
        self.known = known
        self.suspected = suspected
        self._gone = False
        self._last: tuple[Reading, float] | None = None

    def look(self, reading: Reading, at_s: float) -> PowerCut | None:
        """Return the cut that ``reading`` is the first to tell of, None: no new one.

        ``at_s`` is when it came, monotonic.
        """
        before_s, self._last = self._last, (reading, at_s)
        stood_still = before_s is not None and _stood_still(*before_s, reading, at_s)
        suspected, self.suspected = self.suspected, False
        before, now = self.known, Failures.of(reading)
        gone = self._looked_at_voltages(reading)
        if now is not None and before is not None and now.meter_id == before.meter_id:
            self.known = _filled_in(now, before)
            if now.more_than(before):
                ago = now.ago(before, reading)
                return PowerCut(sign=Sign.COUNTED, ago=ago)
            suspected = False  # it went on counting, and counted nothing
        elif now is not None:
            self.known = now
        if gone:
            return PowerCut(sign=Sign.VOLTAGE)
        if stood_still and now is None:
            return PowerCut(sign=Sign.STANDSTILL)
        return PowerCut(sign=Sign.STOPPED) if suspected else None

    def _looked_at_voltages(self, reading: Reading) -> bool:
        """Tell whether the voltage is back that was gone."""
        voltages = [x.voltage_v for x in reading.phases if x.voltage_v is not None]
        if not voltages:
            return False
        if max(voltages) < _GONE_V:
            self._gone = True
        elif self._gone and max(voltages) >= _BACK_V:
            self._gone = False
            return True
        return False


def _stood_still(
    before: Reading, before_s: float, reading: Reading, at_s: float
) -> bool:
    """Tell whether nothing flowed in a silence before which much did."""
    power_w = before.power_w
    if at_s - before_s < _SILENT_S or power_w is None or abs(power_w) < _DREW_W:
        return False
    if before.meter_id != reading.meter_id or not reading.import_energy_wh:
        return False
    return abs(_counted_wh(reading) - _counted_wh(before)) <= _COUNTS_WH


def _counted_wh(reading: Reading) -> int:
    energies = reading.import_energy_wh, reading.export_energy_wh
    return sum(sum(each.values()) for each in energies)


def _filled_in(now: Failures, before: Failures) -> Failures:
    """Return ``now`` with what this telegram left out."""
    return replace(
        now,
        short=before.short if now.short is None else now.short,
        long=before.long if now.long is None else now.long,
        logged=before.logged if now.logged is None else now.logged,
    )
