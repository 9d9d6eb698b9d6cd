"""Limits in force and measured powers -> what the evidence has to say. Pure.

An order is acted on when the power it counts is inside it for the first time; whether
anything had to be turned down for that is said too. Source: BNetzA BK6-22-300, annex
1, 4.2 and 7.2: each ceiling, how soon it took effect, and a trace of a minute's means.
An order for controllable devices says what it has to leave them (4.5.2) beside it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from cem_core.evidence.record import Kind
from cem_core.model import Direction, LimitSource, PowerLimit, Scope
from cem_core.model.render import Renderer

type Side = tuple[Direction, Scope]
type Entry = tuple[Kind, dict[str, Any]]
type Origin = tuple[LimitSource, str]  # and its issuer

MINUTE_S: Final = 60.0
# What a meter's and a device's own tolerance may be above a limit.
_SHARE: Final = 0.02
_LEAST_W: Final = 100


@dataclass(slots=True)
class _Held:
    limit: PowerLimit
    since_s: float
    effective: bool = False
    inside_at_once: bool = False


@dataclass(slots=True)
class _Mean:
    """A mean over telegrams that come at any times."""

    total: float = 0.0
    count: int = 0

    def add(self, value: float | None) -> None:
        if value is not None:
            self.total += value
            self.count += 1

    @property
    def value(self) -> int | None:
        return round(self.total / self.count) if self.count else None


@dataclass(slots=True)
class Watch:
    """What is watched from one telegram to the next.

    ``unordered`` are the origins whose limits nobody ordered, because the one who
    would is silent, and what their entries are.
    """

    unordered: Mapping[Origin, Kind] = field(default_factory=dict)
    _held: dict[str, _Held] = field(default_factory=dict)
    _minute_s: float | None = None
    _grid: _Mean = field(default_factory=_Mean)
    _sides: dict[Side, _Mean] = field(default_factory=dict)
    _assumed: set[str] = field(default_factory=set)

    def update(
        self,
        *,
        now_s: float,
        limits: Iterable[PowerLimit],
        grid_w: int | None,
        powers_w: Mapping[Side, int],
        assumed: Sequence[str],
        owed_w: int | None = None,
    ) -> list[Entry]:
        """Return what this telegram adds; ``assumed`` devices were not measured.

        ``owed_w`` is the least that an operator has to leave the controllable
        devices now, None where no rule of the country says so.
        """
        orders = {x.limit_id: x for x in limits if x.is_order}
        entries = [
            *self._ends(orders, now_s),
            *self._begins(orders, powers_w, now_s, owed_w),
        ]
        entries += self._effects(powers_w, now_s)
        orders = {i: x for i, x in orders.items() if self._kind(x) is Kind.ORDER}
        if not orders:
            self._minute_s = None
            return entries
        if self._minute_s is None:
            self._begin_minute(now_s)
        elif now_s - self._minute_s >= MINUTE_S:
            entries.append((Kind.MINUTE, self._minute(orders)))
            self._begin_minute(now_s)
        self._grid.add(grid_w)
        for side, power_w in powers_w.items():
            self._sides.setdefault(side, _Mean()).add(power_w)
        self._assumed.update(assumed)
        return entries

    def _ends(self, orders: Mapping[str, PowerLimit], now_s: float) -> Iterator[Entry]:
        for limit_id in list(self._held):
            held, limit = self._held[limit_id], orders.get(limit_id)
            if limit is not None and _same(limit, held.limit):
                continue
            del self._held[limit_id]
            if limit is None:
                lasted_s = round(now_s - held.since_s, 1)
                yield Kind.END, {"limit_id": limit_id, "lasted_s": lasted_s}

    def _begins(
        self,
        orders: Mapping[str, PowerLimit],
        powers_w: Mapping[Side, int],
        now_s: float,
        owed_w: int | None,
    ) -> Iterator[Entry]:
        for limit_id, limit in orders.items():
            if limit_id in self._held:
                continue
            inside = _inside(limit, powers_w)
            self._held[limit_id] = _Held(limit, now_s, inside_at_once=inside is True)
            kind, reason = self._kind(limit), limit.reason
            yield (
                kind,
                {
                    "limit_id": limit_id,
                    "source": limit.source.value,
                    "issuer": limit.issuer,
                    "priority": limit.priority.name.lower(),
                    "reason": None if reason is None else Renderer().text(reason),
                    "direction": limit.direction.value,
                    "scope": limit.scope.value,
                    "limit_w": limit.limit_w,
                    "end": None if limit.end is None else limit.end.isoformat(),
                    "power_w": powers_w.get((limit.direction, limit.scope)),
                    **_owed(limit, owed_w if kind is Kind.ORDER else None),
                },
            )

    def _kind(self, limit: PowerLimit) -> Kind:
        return self.unordered.get((limit.source, limit.issuer), Kind.ORDER)

    def _effects(self, powers_w: Mapping[Side, int], now_s: float) -> Iterator[Entry]:
        for limit_id, held in self._held.items():
            if held.effective or not _inside(held.limit, powers_w):
                continue
            held.effective = True
            yield (
                Kind.EFFECT,
                {
                    "limit_id": limit_id,
                    "after_s": round(now_s - held.since_s, 2),
                    "was_inside": held.inside_at_once,
                    "power_w": powers_w.get((held.limit.direction, held.limit.scope)),
                },
            )

    def _begin_minute(self, now_s: float) -> None:
        self._minute_s, self._grid, self._sides = now_s, _Mean(), {}
        self._assumed = set()

    def _minute(self, orders: Mapping[str, PowerLimit]) -> dict[str, Any]:
        means = {
            f"{direction.value}_{scope.value}_w": mean.value
            for (direction, scope), mean in self._sides.items()
        }
        return {
            "net_import_w": self._grid.value,
            **means,
            "limits_w": {limit_id: x.limit_w for limit_id, x in orders.items()},
            "assumed": sorted(self._assumed),
        }


def _owed(limit: PowerLimit, owed_w: int | None) -> dict[str, Any]:
    """Return what an order for controllable devices has to leave them."""
    side = limit.direction, limit.scope
    if side != (Direction.IMPORT, Scope.CONTROLLABLE):
        return {}
    owed: dict[str, Any] = {"basis": limit.basis.value}
    if owed_w is not None:
        owed |= {"minimum_owed_w": owed_w, "below_minimum": limit.limit_w < owed_w}
    return owed


def _same(one: PowerLimit, other: PowerLimit) -> bool:
    return _what(one) == _what(other)


def _what(limit: PowerLimit) -> tuple[object, ...]:
    return (
        limit.limit_w,
        limit.source,
        limit.issuer,
        limit.scope,
        limit.basis,
        limit.priority,
        limit.reason,
    )


def _inside(limit: PowerLimit, powers_w: Mapping[Side, int]) -> bool | None:
    """Tell whether the power is inside the limit, None where nobody knows it."""
    power_w = powers_w.get((limit.direction, limit.scope))
    if power_w is None:
        return None
    return power_w <= max(limit.limit_w * (1 + _SHARE), limit.limit_w + _LEAST_W)
