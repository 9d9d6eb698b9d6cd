"""What a heat pump or a water heater may not be kept from: frost, and hot water's germs."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from homeassistant.util import dt as dt_util

from cem_core.devices.frost import Watched, threatens
from cem_core.devices.hot_cycle import HotCycle, HotCycleLog
from cem_core.model import Protection
from custom_components.cem.const import Kind

type Data = Mapping[str, Any]

HEATING_KINDS: Final = (Kind.HEAT_PUMP, Kind.WATER_HEATER)
FROST_ROOM_C: Final = 7.0
FROST_WATER_C: Final = 5.0
_KWH_PER_LITRE_K: Final = 4.186 / 3600
_LEAST_WATER_COP: Final = 1.5  # of a heat pump, on a cold day, to 60 °C
# Of a tank that is not in the form nothing is known; no order is given for longer than that.
_USUALLY_TAKES: Final = timedelta(hours=3)
_AT_MOST_TAKES: Final = timedelta(hours=12)
_WITH_LOSSES: Final = 1.25


def hot_cycle(data: Data) -> HotCycle | None:
    """Return the cycle against legionella that the user wants; None: none."""
    every = timedelta(days=data.get("legionella_days", 0))
    if not every:
        return None
    return HotCycle(temperature_c=data["legionella_temperature"], every=every)


def takes(data: Data, cycle: HotCycle, water_c: float) -> timedelta:
    """Return how long it takes from ``water_c`` until a cycle is over."""
    if "tank_setpoint" in data or data.get("own_tank"):
        volume_l, cop = data.get("tank_volume", 200), _LEAST_WATER_COP
    elif "volume" in data:
        volume_l, cop = data["volume"], data.get("cop", 1)
    else:
        return _USUALLY_TAKES
    warmer_k = max(0.0, cycle.temperature_c - water_c)
    heat_kwh = _WITH_LOSSES * volume_l * _KWH_PER_LITRE_K * warmer_k
    hours = heat_kwh / (data["max_power"] * cop)
    return min(timedelta(hours=hours) + cycle.hold, _AT_MOST_TAKES)


class HeatProtection:
    """Looks at the temperatures of one device, and remembers its hot cycles."""

    def __init__(self, kind: Kind, data: Data) -> None:
        """Take the last cycle from the form; `log` is replaced by what was stored."""
        self._kind = kind
        self._data = data
        self.cycle = hot_cycle(data)
        self.log: HotCycleLog | None = None
        self.saved: Callable[[HotCycleLog], None] = lambda _: None
        self._frost = False

    def by(self, now: datetime) -> datetime | None:
        """Return by when the next hot cycle is to be over; None: there is none."""
        return None if self.cycle is None else self._known_log(now).by(self.cycle)

    def look(
        self,
        now: datetime,
        *,
        room_c: float | None,
        outdoor_c: float | None,
        water_c: float | None,
    ) -> Protection | None:
        """Return why the device has to heat at ``now``, None if it need not.

        Where nobody knows how hot the water is, no cycle is asked for: it would never
        be over.
        """
        self._frost = threatens(
            self._watched(room_c, outdoor_c, water_c), before=self._frost
        )
        is_due = self._is_due(now, water_c)
        if self._frost:
            return Protection.FROST
        return Protection.HOT_CYCLE if is_due else None

    def _watched(
        self, room_c: float | None, outdoor_c: float | None, water_c: float | None
    ) -> tuple[Watched, ...]:
        if self._kind is Kind.WATER_HEATER:
            return ((water_c, self._data.get("frost_water", FROST_WATER_C)),)
        return (
            (room_c, self._data.get("frost_room", FROST_ROOM_C)),
            (outdoor_c, self._data.get("frost_outdoor")),
        )

    def _is_due(self, now: datetime, water_c: float | None) -> bool:
        if self.cycle is None:
            return False
        before = self._known_log(now)
        lasts = (
            timedelta(0) if water_c is None else takes(self._data, self.cycle, water_c)
        )
        self.log = log = before.seen(self.cycle, water_c, now, lasts)
        if log.done_at != before.done_at:
            self.saved(log)
        return water_c is not None and log.is_due(self.cycle, now)

    def _known_log(self, now: datetime) -> HotCycleLog:
        """Return the log, begun with the date of the form, or with now."""
        if self.log is None:
            said = self._data.get("legionella_last")
            done_at = now
            if said is not None:
                day = dt_util.start_of_local_day(date.fromisoformat(said))
                done_at = min(now, dt_util.as_utc(day))
            self.log = HotCycleLog(done_at=done_at)
            self.saved(self.log)
        return self.log
