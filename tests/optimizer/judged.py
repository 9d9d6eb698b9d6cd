"""A plan beside what was asked for, and what every device that runs is asked for."""

from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
import pytest

type Json = dict[str, Any]
type Numbers = NDArray[np.float64]

CLOSE = 1e-4


def said(tree: Any) -> Any:
    """Return ``tree`` without what is null: it says what leaving it out says."""
    if isinstance(tree, dict):
        return {key: said(item) for key, item in tree.items() if item is not None}
    return [said(item) for item in tree] if isinstance(tree, list) else tree


def time_of(tree: Json, name: str) -> datetime | None:
    return datetime.fromisoformat(tree[name]) if name in tree else None


def ranges_of(d: Json, most: str) -> list[Json]:
    whole = {"min_kw": d.get("min_power_kw", 0), "max_kw": d[most]}
    return d.get("power_ranges") or [whole]


def through(d: Json, way: str, power: float) -> float:
    """Return what reaches the store, or leaves it, for a power at the terminals."""
    if losses := d.get(f"{way}_losses"):
        flow, before = 0.0, 0.0
        for part in losses:
            width = min(power, part["up_to_kw"]) - before
            eta = part["efficiency"]
            if width > 0:
                flow += width * eta if way == "charge" else width / eta
            before = part["up_to_kw"]
        return flow
    efficiency = float(d.get(f"{way}_efficiency", 1))
    return power * efficiency if way == "charge" else power / efficiency


class Judged:
    """The columns of a plan by step, and rules that many devices share."""

    def __init__(self, home: Json, rows: Json, plan: Json) -> None:
        self.home, self.plan = said(home), plan
        self.times = [datetime.fromisoformat(time) for time in plan["times"]]
        last = timedelta(minutes=plan["minutes"][-1])
        self.ends = [*self.times[1:], self.times[-1] + last]
        lengths = [b - a for a, b in zip(self.times, self.ends, strict=True)]
        self.hours = np.array([length / timedelta(hours=1) for length in lengths])
        assert 60 * self.hours == pytest.approx(plan["minutes"], abs=1e-5)
        self.steps = len(self.times)
        self.rows = {name: self.means(rows, name) for name in rows.keys() - {"time"}}
        self.drawn: dict[str, Numbers] = {}
        self.given: dict[str, Numbers] = {}
        self.standby = 0.0
        self.money: dict[str, float] = {"wear": 0.0, "comfort": 0.0}
        grid = plan["grid"]
        self.imported, self.exported = (
            np.array(grid[f"{name}_kw"]) for name in ("import", "export")
        )
        self.net = self.imported - self.exported

    def means(self, rows: Json, name: str) -> Numbers:
        """Return the mean of a column in each step of the plan, by time."""
        starts = [datetime.fromisoformat(time) for time in rows["time"]]
        length = starts[1] - starts[0] if len(starts) > 1 else timedelta(hours=1)
        if starts == self.times and self.ends[0] - self.times[0] == length:
            return np.array(rows[name], float)
        means = np.zeros(self.steps)
        for t, (time, stop) in enumerate(zip(self.times, self.ends, strict=True)):
            for start, value in zip(starts, rows[name], strict=True):
                begin, end = max(time, start), min(stop, start + length)
                means[t] += value * max((end - begin) / (stop - time), 0.0)
        return means

    def column(self, device: str, name: str) -> Numbers:
        return np.array(self.plan["devices"][device][name], float)

    def net_of(self, device: str) -> Numbers:
        zero = np.zeros(self.steps)
        return self.drawn.get(device, zero) - self.given.get(device, zero)

    def done(self, stay: list[int], wished: datetime) -> int | None:
        """Return the last step of a stay before a wish's time, if that is planned."""
        if wished > self.ends[-1]:
            return None
        return max((t for t in stay if self.ends[t] <= wished), default=None)

    def within(self, power: Numbers, ranges: list[Json]) -> None:
        for kw in power[np.abs(power) > CLOSE]:
            assert any(r["min_kw"] - CLOSE <= kw <= r["max_kw"] + CLOSE for r in ranges)

    def in_ranges(self, d: Json, power: Numbers) -> None:
        """Check the power of what runs: later on it may be a mean."""
        whole, ranges = self.whole(d), ranges_of(d, "max_power_kw")
        self.within(power[:whole], ranges)
        assert (power[whole:] >= -CLOSE).all()
        assert (power[whole:] <= ranges[-1]["max_kw"] + CLOSE).all()

    def whole(self, d: Json) -> int:
        """Return in how many steps it is on or off."""
        hours = d.get("whole_hours") or np.inf
        return sum((t - self.times[0]) / timedelta(hours=1) < hours for t in self.times)

    def runs(self, d: Json, on: Any) -> None:
        """Check the lengths of runs and rests, and the starts of each hour.

        What may be on at no power does not show it.
        """
        if min(each["min_kw"] for each in ranges_of(d, "max_power_kw")) == 0:
            return
        before, since, starts = bool(d.get("initially_on")), None, []
        held = self.times[0] + timedelta(minutes=d.get("held_minutes", 0))
        if f"{d['id']} goes on running" not in {
            each["constraint"] for each in self.plan["relaxed"]
        }:
            kept = [t for t, time in enumerate(self.times) if time < held]
            assert all(bool(on[t]) == before for t in kept)
        for t, now in enumerate(map(bool, on[: self.whole(d)])):
            if now == before:
                continue
            least = d.get("min_off_minutes" if now else "min_on_minutes", 0)
            time = self.times[t]
            assert since is None or time - since >= timedelta(minutes=least)
            before, since = now, time
            starts += [time] if now else []
        for time in starts:
            within = [s for s in starts if time - timedelta(hours=1) < s <= time]
            assert len(within) <= d.get("max_starts_per_hour", np.inf)

    def covered(self, t: int, windows: list[Json]) -> bool:
        begin, end = self.times[t], self.ends[t]
        return any(
            datetime.fromisoformat(w["start"]) <= begin
            and end <= datetime.fromisoformat(w["end"])
            for w in windows
        )

    def ends_by(self, time: str) -> bool:
        return datetime.fromisoformat(time) <= self.ends[-1]

    def starts(self, d: Json, power: Numbers) -> None:
        """Count each rise, by its share of the most where on or off is no choice."""
        ranges = ranges_of(d, "max_power_kw")
        whole = len(ranges) > 1 or ranges[0]["min_kw"] > 0
        on = power / d["max_power_kw"]
        if whole and d["kind"] != "ev_charger":
            on = np.where(power > CLOSE, 1.0, 0.0)
        rises = np.diff([float(d.get("initially_on", False)), *on])
        starts = float(np.maximum(rises, 0).sum())
        self.money["comfort"] += d.get("start_cost", 0) * starts
