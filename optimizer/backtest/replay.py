"""A short span lived again: with doing nothing, with plans, with all of it known.

What a home's integration asks of its worker, to say what control saved or would have
saved. Money is that of the bill: wear is none of it, and what peaks cost is left to who
knows the whole month. What a battery holds more or less at the end than at the start
counts at the span's mean import price, less the loss of taking it out; so does the heat
in a house, by what it takes to put it there.

With doing nothing a heat pump keeps the temperatures of the column that ``thermostats``
names, else the lowest that are wished; an appliance starts as soon as it may, or when
``starts`` says that somebody would have started it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Self

from optimizer.backtest.perfect import perfect
from optimizer.backtest.play import play
from optimizer.backtest.playable import cop_column
from optimizer.backtest.played import Played
from optimizer.backtest.record import Record, record_of
from optimizer.backtest.run import costs
from optimizer.backtest.settings import Foresight, Policy, Settings
from optimizer.document import InputError, Problem
from optimizer.fields import described
from optimizer.home import AnyDevice, Appliance, Battery, HeatPump, Home
from optimizer.read_home import home_from_json, record_from_json
from optimizer.series import Table

type Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """When an appliance starts with doing nothing."""

    device: str = described("id of the appliance")
    at: datetime = described("beginning of its run")


@dataclass(frozen=True, slots=True, kw_only=True)
class Thermostat:
    """What a heat pump keeps with doing nothing."""

    device: str = described("id of the heat pump")
    series: str = described("column with temperatures")


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What is asked beside HOME and SERIES; rows before HOME's start are history."""

    hours: float = described("how long from the start on", minimum=0.25, maximum=72)
    every_minutes: int = described("how often is planned", 60, minimum=15, maximum=1440)
    own_rule: bool = described("whether batteries balance by themselves", True)
    foreseen: bool = described("plan with all of it known, and nothing else", False)
    starts: tuple[Start, ...] = described("when appliances start by hand", ())
    thermostats: tuple[Thermostat, ...] = described("what heat pumps keep alone", ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """One way in which the span could have gone; ``total`` counts wear and peaks.

    ``left_kwh`` is what it takes from the grid less than it would to end as it began:
    it counts in ``cost``, what a house holds of it not in ``total``.
    """

    cost: float
    total: float
    left_kwh: float
    peak_kw: float
    import_kwh: float
    export_kwh: float
    import_kw: tuple[float, ...]

    @classmethod
    def of(cls, record: Record, played: Played) -> Self:
        """Return what was played in money and energy."""
        hours, parts = record.hours, costs(record, played)
        price = record.mean_import_price
        stored, warm = _stored_kwh(record, played), _warm_kwh(record, played)
        bought = sum(missing["bought_kwh"] for missing in played.shortfalls)
        return cls(
            cost=parts["energy"] + parts["export"] - (stored + warm) * price,
            total=parts["total"] - stored * price,
            left_kwh=stored + warm - bought,
            peak_kw=max(played.import_kw),
            import_kwh=sum(played.import_kw) * hours,
            export_kwh=sum(played.export_kw) * hours,
            import_kw=tuple(played.import_kw),
        )

    def to_json(self) -> Json:
        """Return it in the worker's words."""
        return {
            "cost": round(self.cost, 6),
            "left_kwh": round(self.left_kwh, 6),
            "peak_kw": round(self.peak_kw, 6),
            "import_kwh": round(self.import_kwh, 6),
            "export_kwh": round(self.export_kwh, 6),
            "import_kw": [round(kw, 4) for kw in self.import_kw],
        }


def _stored_kwh(record: Record, played: Played) -> float:
    """Return what batteries can give more than at the start."""
    return sum(
        max(0.0, played.energy[device.id][-1] - device.initial_energy_kwh)
        * device.discharge_efficiency
        for device in record.home.devices
        if isinstance(device, Battery)
    )


def _warm_kwh(record: Record, played: Played) -> float:
    """Return what the heat in houses, more than at the start, takes to put there."""
    found = 0.0
    for device in record.home.devices:
        if isinstance(device, HeatPump):
            warmer_k = played.energy[device.id][-1] - device.thermal.initial_c
            cop = float(record.played(cop_column(device)).mean())
            found += warmer_k * device.thermal.capacitance_kwh_per_k / cop
    return found


def _left_alone(home: Home, wish: Replay) -> Home:
    """Return ``home`` with its thermostats and appliances as they are without a plan."""
    by_hand = {start.device: start.at for start in wish.starts}
    kept = {thermostat.device: thermostat.series for thermostat in wish.thermostats}

    def left(device: AnyDevice) -> AnyDevice:
        if isinstance(device, HeatPump) and device.id in kept:
            comfort = replace(device.comfort, min_series=kept[device.id])
            return replace(device, comfort=comfort)
        if isinstance(device, Appliance) and device.id in by_hand:
            start = by_hand[device.id]
            minutes = device.profile_step_minutes * len(device.profile_kw)
            end = max(device.latest_end, start + timedelta(minutes=minutes))
            return replace(device, earliest_start=start, latest_end=end)
        return device

    return replace(home, devices=tuple(map(left, home.devices)))


def replay(home: Mapping[str, Any], series: Table, asked: Mapping[str, Any]) -> Json:
    """Return each course of the span, None what was not asked. Raises `InputError`."""
    wish = record_from_json(Replay, asked, "replay")
    given = home_from_json(home)
    if given.start is None:
        raise InputError([Problem("is needed for a replay", "start")])
    end = given.start + timedelta(hours=wish.hours)
    known = Settings(
        start=given.start,
        end=end,
        forecast=Foresight.PERFECT,
        know_current_step=True,
        every=timedelta(minutes=wish.every_minutes),
    )
    record = record_of(given, series, known)
    own = Policy.SELF_CONSUMPTION if wish.own_rule else Policy.NONE
    lived = record_of(_left_alone(given, wish), series, known)
    without = Course.of(lived, play(lived, replace(known, policy=own)))
    certain = Course.of(record, play(record, known))
    answer: Json = {"without": without.to_json(), "known": certain.to_json()}
    if wish.foreseen:
        return answer | {"planned": None, "perfect_cost": None}
    guessed = replace(known, forecast=Foresight.LEARNED, know_current_step=False)
    planned = Course.of(record, play(record, guessed))
    return answer | {
        "planned": planned.to_json(),
        "perfect_cost": _perfect_cost(record, certain),
    }


def _perfect_cost(record: Record, certain: Course) -> float | None:
    """Return the bill that could not be beaten, None where that is not known."""
    best = perfect(record).total
    if best is None:
        return None
    return round(certain.cost - max(0.0, certain.total - best), 6)
