"""Warn before a limit is reached (ESMIG: near to power limit notification)."""

from collections.abc import Iterator, Mapping
from typing import Final

from cem_core.limits.notice import (
    AnySide,
    Level,
    NearLimit,
    NearLimitSettings,
    NoticeCause,
)
from cem_core.model import Direction, LimitsInForce, PowerLimit, Scope
from cem_core.model.limit import PhaseSide, Side

# What a meter itself warns of, and what a connection trips by.
CONNECTION_IMPORT: Final = (Direction.IMPORT, Scope.CONNECTION)
# A meter that warns in each telegram, or in every other, warns once.
_METER_WARNS_FOR_S: Final = 60.0
# A trip that comes this much sooner than was told is told anew.
_CLEARLY_SHORTER: Final = 0.5
_CLEARLY_SHORTER_S: Final = 5.0
_REMEMBERED: Final = 32  # levels of limits that were told


class _Watched:
    """What is remembered of one side."""

    __slots__ = (
        "escaped",
        "is_told",
        "level",
        "limit",
        "told_s",
        "trip_at_s",
        "untold",
    )

    def __init__(self, limit: PowerLimit) -> None:
        self.limit = limit
        self.level = Level.CLEAR
        self.untold = False  # a level was reached and its notice is still due
        self.is_told = False  # there was a notice since it was clear last
        self.told_s: dict[tuple[str, Level], float] = {}  # each limit for itself
        self.trip_at_s: tuple[float, float] | None = None  # when it was told, when
        self.escaped = False  # it did not trip at some power since

    def tell(self, at_s: float, trip_s: float | None) -> None:
        """Remember a notice; it stands for the lower levels too."""
        for level in Level:
            if Level.CLEAR < level <= self.level:
                told = self.limit.limit_id, level
                self.told_s.pop(told, None)
                self.told_s[told] = at_s
        while len(self.told_s) > _REMEMBERED:
            del self.told_s[next(iter(self.told_s))]
        if trip_s is not None:
            self.trip_at_s, self.escaped = (at_s, at_s + trip_s), False
        self.untold, self.is_told = False, True

    def trips_sooner(
        self, at_s: float, trip_s: float | None, repeat_after_s: float
    ) -> bool:
        """Tell whether it trips clearly sooner than was told."""
        if trip_s is None:
            self.escaped = True
            return False
        if self.trip_at_s is None:
            return True
        told_at_s, trips_at_s = self.trip_at_s
        if self.escaped and at_s - told_at_s >= repeat_after_s:
            return True
        left_s = trips_at_s - (told_at_s if self.escaped else at_s)
        return trip_s < min(_CLEARLY_SHORTER * left_s, left_s - _CLEARLY_SHORTER_S)


class NearLimitDetector:
    """Compares powers with the limits in force; says each level once.

    At most one notice for a limit and level in `repeat_after_s`. One that was
    kept back is given when that has passed, if the power is still there. A
    higher level, the meter's own warning and a trip that comes clearly sooner
    are told at once.
    """

    def __init__(self, settings: NearLimitSettings | None = None) -> None:
        """Take the levels; nothing is near yet."""
        self._settings = settings or NearLimitSettings()
        self._watched: dict[AnySide, _Watched] = {}
        self._meter_warned_s = float("-inf")

    @property
    def near(self) -> tuple[tuple[PowerLimit, Level], ...]:
        """The limits that the power is near to now, and how near."""
        return tuple(
            (watched.limit, watched.level)
            for watched in self._watched.values()
            if watched.level is not Level.CLEAR
        )

    def update(
        self,
        limits: LimitsInForce,
        powers_w: Mapping[Side, int],
        *,
        at_s: float,
        phases_w: Mapping[PhaseSide, int] | None = None,
        trip_s: float | None = None,
        meter_warns: bool = False,
    ) -> tuple[NearLimit, ...]:
        """Return what is to be told with the powers of this telegram.

        ``at_s`` is monotonic, ``phases_w`` the power of each phase at the
        connection, ``trip_s`` the seconds until the connection trips. A side whose
        power is not known keeps its state: not knowing is no all-clear.
        """
        warned = at_s - self._meter_warned_s <= _METER_WARNS_FOR_S
        if meter_warns:
            self._meter_warned_s = at_s
        alarm = trip_s is not None or warned or meter_warns
        notices = []
        for side, limit, measured_w in self._sides(limits, powers_w, phases_w or {}):
            if measured_w is None and limit is not None:
                continue
            watched, power_w = self._watched.get(side), measured_w or 0
            cut = side == CONNECTION_IMPORT and alarm
            before = Level.CLEAR if watched is None else watched.level
            level = self._level(power_w, limit, before, cut=cut)
            if watched is None:
                if limit is None or level is Level.CLEAR:
                    continue
                watched = self._watched[side] = _Watched(limit)
            watched.limit = limit or watched.limit
            cause = self._cause(
                watched,
                level,
                at_s=at_s,
                trip_s=trip_s if cut else None,
                meter_warns=cut and meter_warns and not warned,
            )
            if cause is not None:
                left_s = trip_s if cut else None
                notices.append(_notice(side, watched, power_w, cause, left_s))
        return tuple(notices)

    def _sides(
        self,
        limits: LimitsInForce,
        powers_w: Mapping[Side, int],
        phases_w: Mapping[PhaseSide, int],
    ) -> Iterator[tuple[AnySide, PowerLimit | None, int | None]]:
        sides = dict.fromkeys((*self._watched, *limits.strictest, *limits.per_phase))
        for side in sides:
            if len(side) == 2:  # noqa: PLR2004 - what mypy tells the two by
                yield side, limits.strictest.get(side), powers_w.get(side)
            else:
                yield side, limits.per_phase.get(side), phases_w.get(side)

    def _level(
        self, power_w: int, limit: PowerLimit | None, before: Level, *, cut: bool
    ) -> Level:
        if limit is None:
            return Level.CLEAR
        if cut:
            return Level.WARNING
        # Where nothing flows nothing is near, even a limit of 0 W.
        if power_w <= 0:
            return Level.CLEAR
        for level, share in (
            (Level.WARNING, self._settings.warning_share),
            (Level.CAUTION, self._settings.caution_share),
        ):
            left_below = share - (self._settings.hysteresis if before >= level else 0)
            if power_w >= left_below * limit.limit_w:
                return level
        return Level.CLEAR

    def _cause(
        self,
        watched: _Watched,
        level: Level,
        *,
        at_s: float,
        trip_s: float | None,
        meter_warns: bool,
    ) -> NoticeCause | None:
        """Take the level; return why there is something to tell, if there is."""
        before, watched.level = watched.level, level
        if level is Level.CLEAR:
            watched.escaped = True
            was_told, watched.is_told, watched.untold = watched.is_told, False, False
            return NoticeCause.LEVEL if was_told else None
        if level > before:
            watched.untold = True
        elif level < before and watched.is_told:
            watched.untold = False
        told = watched.limit.limit_id, level
        last_s = watched.told_s.get(told, float("-inf"))
        sooner = watched.trips_sooner(at_s, trip_s, self._settings.repeat_after_s)
        is_due = watched.untold and at_s - last_s >= self._settings.repeat_after_s
        if meter_warns:
            cause = NoticeCause.METER
        elif sooner:
            cause = NoticeCause.TRIP
        elif is_due:
            cause = NoticeCause.LEVEL
        else:
            return None
        watched.tell(at_s, trip_s)
        return cause


def _notice(
    side: AnySide,
    watched: _Watched,
    power_w: int,
    cause: NoticeCause,
    trip_s: float | None,
) -> NearLimit:
    return NearLimit(
        direction=side[0],
        scope=side[1],
        limit=watched.limit,
        power_w=power_w,
        distance_w=watched.limit.limit_w - power_w,
        level=watched.level,
        cause=cause,
        trip_s=trip_s,
    )
