"""What control saved, or would have saved: days that were lived again, and their sums.

A day's courses are bills in the home's currency without what peaks cost: a peak is
billed once a month or a year, so that its cost is known of a period only. The error of
the model is how far its "doing nothing" was from a bill in which nothing was done.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any, Self

from cem_core.tariff import CapacityTariff

# Of the bill with doing nothing, where no day was only observed yet.
_UNKNOWN_ERROR = 0.1
_ERROR_DAYS = 14

type Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedDay:
    """A day, noon to noon: currency, kWh, and kW of the tariff's integration period.

    ``bill`` is as it was, ``without`` with doing nothing, ``planned`` with plans on what
    was known, ``known`` with plans that knew all, ``perfect`` what cannot be beaten, None
    where nobody could tell.
    """

    start: datetime
    end: datetime
    controlled: bool
    measured_share: float
    bill: float
    without: float
    planned: float
    known: float
    perfect: float | None
    peak_kw: float
    peak_without_kw: float
    peak_planned_kw: float
    import_kwh: float
    export_kwh: float
    produced_kwh: float
    export_planned_kwh: float
    stored: float = 0.0
    unsure: float = 0.0
    co2_kg: float | None = None
    co2_without_kg: float | None = None
    co2_planned_kg: float | None = None

    @property
    def saved(self) -> float:
        """Against doing nothing: as it was under control, else as it would have been."""
        with_control = self.bill - self.stored if self.controlled else self.planned
        return self.without - with_control

    @property
    def model_error(self) -> float | None:
        """How far the model was from the bill, None where control changed that."""
        return None if self.controlled else abs(self.without - self.bill + self.stored)

    def to_json(self) -> Json:
        """Return it as it is stored."""
        return asdict(self) | {
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Return what was stored; a day of an older version tells less."""
        known = {
            field.name: document[field.name]
            for field in fields(cls)
            if field.name in document
        }
        times = {
            name: datetime.fromisoformat(document[name]) for name in ("start", "end")
        }
        return cls(**known | times)


def usual_error(days: Sequence[SavedDay], without: float) -> float:
    """Return the mean error of the last observed ``days``, oldest first."""
    errors = [day.model_error for day in days if day.model_error is not None]
    if not errors:
        return _UNKNOWN_ERROR * abs(without)
    last = errors[-_ERROR_DAYS:]
    return sum(last) / len(last)


def row(days: Sequence[SavedDay], error: float) -> Json:
    """Return the sum of ``days``, oldest first; each may err by ``error``."""
    saved = sum(day.saved for day in days)
    # Errors of different days do not all point the same way, those of a house do.
    off = error * len(days) ** 0.5 + sum(day.unsure for day in days)
    produced = sum(day.produced_kwh for day in days)
    exported = sum(day.export_kwh for day in days)
    planned = sum(day.export_planned_kwh for day in days)
    known = sum(day.known for day in days)
    best = [day.perfect for day in days if day.perfect is not None]
    perfect = sum(best) if len(best) == len(days) else None
    would = sum(day.planned for day in days)
    return {
        "start": days[0].start.isoformat(),
        "end": days[-1].end.isoformat(),
        "controlled": any(day.controlled for day in days),
        "measured_share": _rounded(
            sum(day.measured_share for day in days) / len(days), 3
        ),
        "bill": _rounded(sum(day.bill for day in days)),
        "without": _rounded(sum(day.without for day in days)),
        "planned": _rounded(would),
        "perfect": None if perfect is None else _rounded(perfect),
        "saved": _rounded(saved),
        "saved_min": _rounded(saved - off),
        "saved_max": _rounded(saved + off),
        "split": {
            "forecast": _rounded(would - known),
            "planning": None if perfect is None else _rounded(known - perfect),
        },
        "peak_kw": _rounded(max(day.peak_kw for day in days), 3),
        "peak_without_kw": _rounded(max(day.peak_without_kw for day in days), 3),
        "peak_planned_kw": _rounded(max(day.peak_planned_kw for day in days), 3),
        "capacity": None,
        "capacity_without": None,
        "capacity_planned": None,
        "import_kwh": _rounded(sum(day.import_kwh for day in days), 3),
        "export_kwh": _rounded(exported, 3),
        "produced_kwh": _rounded(produced, 3),
        "self_use": _self_use(produced, exported),
        "self_use_planned": _self_use(produced, planned),
        **_co2(days),
    }


def _co2(days: Sequence[SavedDay]) -> Json:
    """Return the kg of those ``days`` of which they are known, and how many these are.

    A day is told of whole or not at all: else courses of other days were compared.
    """
    names = ("co2_kg", "co2_without_kg", "co2_planned_kg")
    found = [tuple(getattr(day, name) for name in names) for day in days]
    known = [each for each in found if None not in each]
    sums = map(sum, zip(*known, strict=True)) if known else (None,) * len(names)
    told = {
        name: None if kg is None else _rounded(kg, 3)
        for name, kg in zip(names, sums, strict=True)
    }
    return told | {"co2_days": len(known)}


def periods(
    days: Sequence[SavedDay],
    local: Callable[[datetime], date],
    capacity: CapacityTariff | None,
) -> list[Json]:
    """Return the newest day, its month and its year so far; nothing of no days.

    ``days`` oldest first; ``local`` tells the home's date of a time.
    """
    if not days:
        return []
    error = usual_error(days, days[-1].without)
    now = local(days[-1].end)
    spans = {
        "today": [days[-1]],
        "month": [d for d in days if _month(local(d.end)) == _month(now)],
        "year": [d for d in days if local(d.end).year == now.year],
    }
    found = []
    for name, inside in spans.items():
        summed = row(inside, error) | {"period": name, "days": len(inside)}
        if capacity is not None and name != "today":
            for key in ("", "_without", "_planned"):
                summed[f"capacity{key}"] = _rounded(
                    _capacity(inside, f"peak{key}_kw", local, capacity)
                )
        found.append(summed)
    return found


def _capacity(
    days: Sequence[SavedDay],
    name: str,
    local: Callable[[datetime], date],
    capacity: CapacityTariff,
) -> float:
    """Return what the days' peaks cost, each billing window for itself."""
    windows: dict[date, list[float]] = {}
    for day in days:
        window = capacity.window.start(local(day.end))
        windows.setdefault(window, []).append(getattr(day, name))
    return sum(capacity.charge(capacity.billed_kw(peaks)) for peaks in windows.values())


def _month(day: date) -> tuple[int, int]:
    return day.year, day.month


def _self_use(produced: float, exported: float) -> float | None:
    if produced <= 0:
        return None
    return _rounded(min(1.0, max(0.0, 1 - exported / produced)), 3)


def _rounded(value: float, decimals: int = 4) -> float:
    return round(value, decimals) + 0.0
