"""What was played so far: every step's flows, and what came of the plans."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np

from optimizer.backtest.carry_out import Step
from optimizer.backtest.record import Record

Shortfall = dict[str, Any]


@dataclass(slots=True, kw_only=True)
class Played:
    """Lists by step; ``churn_kw`` and ``solve_seconds`` one value a plan."""

    import_kw: list[float] = field(default_factory=list)
    export_kw: list[float] = field(default_factory=list)
    power_kw: dict[str, list[float]] = field(default_factory=dict)
    energy: dict[str, list[float]] = field(default_factory=dict)
    action: list[str] = field(default_factory=list)
    wear: float = 0.0
    comfort: float = 0.0
    shortfalls: list[Shortfall] = field(default_factory=list)
    over_limit_steps: int = 0
    over_limit_kw: float = 0.0
    churn_kw: list[float] = field(default_factory=list)
    solve_seconds: list[float] = field(default_factory=list)
    fallbacks: int = 0

    @property
    def steps(self) -> int:
        """How many steps were played."""
        return len(self.import_kw)

    def add(self, step: Step) -> None:
        """Take the next step."""
        self.import_kw.append(step.import_kw)
        self.export_kw.append(step.export_kw)
        for name, power in step.power_kw.items():
            self.power_kw.setdefault(name, []).append(power)
        for name, energy in step.energy.items():
            self.energy.setdefault(name, []).append(energy)
        self.wear += step.wear
        self.comfort += step.comfort
        if step.over_limit_kw > _OVER_KW:
            self.over_limit_steps += 1
            self.over_limit_kw = max(self.over_limit_kw, step.over_limit_kw)

    def to_json(self) -> dict[str, Any]:
        """Return it for a state file."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Return what a state file holds."""
        return cls(**document)


_OVER_KW = 1e-6


def trace(record: Record, played: Played) -> list[dict[str, Any]]:
    """Return a row for each step: time, flows, each device's power and energy."""
    rows = []
    span = record.span()
    for t in range(played.steps):
        row: dict[str, Any] = {
            "time": span.local(span.time(t)).isoformat(),
            "import_kw": round(played.import_kw[t], 6),
            "export_kw": round(played.export_kw[t], 6),
        }
        for name, power in played.power_kw.items():
            row[f"{name}_kw"] = round(power[t], 6)
        for name, energy in played.energy.items():
            unit = "c" if name in _warm(record) else "kwh"
            row[f"{name}_{unit}"] = round(energy[t], 6)
        rows.append(row)
    return rows


def _warm(record: Record) -> frozenset[str]:
    return frozenset(d.id for d in record.home.devices if d.kind == "heat_pump")


def statistics(values: list[float]) -> Mapping[str, float]:
    """Return median, 99th percentile and largest value; zeros of nothing."""
    if not values:
        return {"p50": 0.0, "p99": 0.0, "max": 0.0}
    found = np.array(values)
    return {
        "p50": float(np.quantile(found, 0.5)),
        "p99": float(np.quantile(found, 0.99)),
        "max": float(found.max()),
    }
