"""Limits that somebody ordered: kept until they end, across restarts."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from cem_core.limits.host_clock import Shift
from cem_core.model import Basis, Direction, LimitSource, PowerLimit, Priority, Scope
from cem_core.model.message_json import message_from_json, message_to_json

_VERSION: Final = 1
# The others say themselves, at each moment, what holds.
_KEPT: Final = (LimitSource.ORDER, LimitSource.MQTT, LimitSource.OPENADR)


class LimitError(ValueError):
    """A limit that cannot be ordered, ended or restored."""


class OrderBook:
    """The ordered limits. A source ends only its own."""

    def __init__(self) -> None:
        """Start without orders."""
        self._limits: dict[str, PowerLimit] = {}
        self._restored: set[str] = set()
        self._by_clock: set[str] = set()

    def order(self, limit: PowerLimit, *, by_clock: bool = False) -> None:
        """Take ``limit``, in place of one of the same id by the same issuer.

        ``by_clock`` tells that its end was given as a time of day, not as how
        long it lasts: it stays when the host's clock is set.

        Raises `LimitError` when the id belongs to another issuer or source, when
        the limit is not an order, and when a time has no offset.
        """
        if limit.source not in _KEPT:
            raise LimitError(f"limit {limit.limit_id}: {limit.source} is no order")
        for time in (limit.start, limit.end):
            if time is not None and time.tzinfo is None:
                raise LimitError(f"limit {limit.limit_id}: {time} has no offset")
        held = self._limits.get(limit.limit_id)
        if held is not None and _owner(held) != _owner(limit):
            raise LimitError(
                f"limit {limit.limit_id} was ordered by {held.issuer}: "
                f"{limit.issuer} cannot replace it, only order one of another id"
            )
        self._limits[limit.limit_id] = limit
        self._restored.discard(limit.limit_id)
        self._by_clock.discard(limit.limit_id)
        if by_clock:
            self._by_clock.add(limit.limit_id)

    def shift(self, shift: Shift) -> None:
        """Move starts and ends as the host's clock moved against elapsed time."""
        for limit_id, limit in self._limits.items():
            if limit_id in self._restored:
                by = shift.restored
            else:
                by = timedelta() if limit_id in self._by_clock else shift.ordered
            if by:
                self._limits[limit_id] = replace(
                    limit,
                    start=None if limit.start is None else limit.start + by,
                    end=None if limit.end is None else limit.end + by,
                )

    def end(
        self,
        limit_id: str,
        issuer: str,
        *,
        administrator: bool,
        source: LimitSource = LimitSource.ORDER,
    ) -> PowerLimit:
        """End a limit and return it.

        Raises `LimitError` when there is none of that id, when it came another
        way (whatever stands behind the wish), and when it is another issuer's and
        ``administrator`` does not stand behind the wish.
        """
        limit = self._limits.get(limit_id)
        if limit is None:
            known = ", ".join(sorted(self._limits)) or "none"
            raise LimitError(f"no limit {limit_id} is ordered; there are: {known}")
        if limit.source is not source:
            raise LimitError(
                f"limit {limit_id} came by {limit.source}: it can be ended only there"
            )
        if limit.issuer != issuer and not administrator:
            raise LimitError(
                f"limit {limit_id} was ordered by {limit.issuer}: "
                f"only {limit.issuer} or an administrator can end it"
            )
        return self._limits.pop(limit_id)

    def expire(self, now: datetime) -> tuple[PowerLimit, ...]:
        """Drop and return the limits whose end has come, earliest first.

        After a restart these include the ones that ended while we were down.
        """
        ended = sorted(
            (x for x in self._limits.values() if x.end is not None and x.end <= now),
            key=lambda x: (x.end, x.limit_id),
        )
        for limit in ended:
            del self._limits[limit.limit_id]
        return tuple(ended)

    def active(self, now: datetime) -> tuple[PowerLimit, ...]:
        """Return the limits that hold at ``now``."""
        return tuple(x for x in self._limits.values() if x.in_force(now))

    def announced(self, now: datetime) -> tuple[PowerLimit, ...]:
        """Return the limits that start after ``now``, the next one first."""
        later = (x for x in self._limits.values() if x.start and x.start > now)
        return tuple(sorted(later, key=lambda x: (x.start, x.limit_id)))

    @property
    def limits(self) -> tuple[PowerLimit, ...]:
        """All that are ordered, also those that start later."""
        return tuple(self._limits.values())

    def to_json(self) -> dict[str, Any]:
        """Return the book as JSON can hold it."""
        return {
            "version": _VERSION,
            "limits": [_to_json(limit) for limit in self._limits.values()],
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> OrderBook:
        """Return the book that ``document`` holds; `LimitError` if it is none."""
        book = cls()
        try:
            for row in _rows(document):
                limit = _from_json(row)
                book.order(limit)
                book._restored.add(limit.limit_id)
        except LimitError:
            raise
        except (
            ArithmeticError,
            AttributeError,
            LookupError,
            TypeError,
            ValueError,
        ) as error:
            raise LimitError(
                f"the stored orders cannot be read: {type(error).__name__}: {error}"
            ) from error
        return book


def _rows(document: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    if document["version"] != _VERSION:
        raise LimitError(
            f"the stored orders have version {document['version']}, "
            f"this release reads {_VERSION}"
        )
    rows: Sequence[Mapping[str, Any]] = document["limits"]
    return rows


def _owner(limit: PowerLimit) -> tuple[LimitSource, str]:
    return limit.source, limit.issuer


def _to_json(limit: PowerLimit) -> dict[str, Any]:
    return {
        "limit_id": limit.limit_id,
        "source": limit.source.value,
        "issuer": limit.issuer,
        "direction": limit.direction.value,
        "scope": limit.scope.value,
        "limit_w": limit.limit_w,
        "start": None if limit.start is None else limit.start.isoformat(),
        "end": None if limit.end is None else limit.end.isoformat(),
        "phase": limit.phase,
        "basis": limit.basis.value,
        "priority": limit.priority.name.lower(),
        "reason": None if limit.reason is None else message_to_json(limit.reason),
    }


def _from_json(row: Mapping[str, Any]) -> PowerLimit:
    start, end = row["start"], row["end"]
    reason = row.get("reason")
    return PowerLimit(
        limit_id=row["limit_id"],
        # What is read by `get` is younger than the version.
        source=LimitSource(row.get("source", LimitSource.ORDER)),
        issuer=row["issuer"],
        direction=Direction(row["direction"]),
        scope=Scope(row["scope"]),
        limit_w=int(row["limit_w"]),
        start=None if start is None else datetime.fromisoformat(start),
        end=None if end is None else datetime.fromisoformat(end),
        phase=row.get("phase"),
        basis=Basis(row.get("basis", "consumption")),
        priority=Priority[row.get("priority", "obligation").upper()],
        reason=None if reason is None else message_from_json(reason),
    )
