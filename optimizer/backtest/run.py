"""A backtest: the policy, the rule and hindsight, settled the same way."""

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from optimizer.backtest.peaks import Window, bill
from optimizer.backtest.perfect import Perfect, has_switching, perfect
from optimizer.backtest.play import Game, Watcher, play
from optimizer.backtest.played import Played, statistics
from optimizer.backtest.record import Record
from optimizer.backtest.settings import Foresight, Policy, Settings
from optimizer.home import Column, Home
from optimizer.series import Numbers

type Json = dict[str, Any]

_NOTHING_TO_CAPTURE = 1e-6


def run(
    record: Record,
    settings: Settings,
    *,
    jobs: int = 1,
    game: Game | None = None,
    watch: Watcher | None = None,
    watch_beside: Watcher | None = None,
) -> tuple[Json, Played]:
    """Return the result, ready for JSON, and what was played.

    With more than one job what the policy is measured against runs in processes of
    its own beside it; with one it follows, and ``watch_beside`` is called meanwhile.
    """
    asked = _plays(record, settings)
    if jobs > 1:
        with ProcessPoolExecutor(max_workers=min(jobs - 1, len(asked) + 1)) as pool:
            bound = pool.submit(perfect, record)
            beside = {
                name: pool.submit(play, record, other) for name, other in asked.items()
            }
            played = play(record, settings, game, watch)
            against = Against(
                perfect=bound.result(),
                **{name: other.result() for name, other in beside.items()},
            )
    else:
        played = play(record, settings, game, watch)
        against = Against(
            perfect=perfect(record),
            **{
                name: play(record, other, watch=watch_beside)
                for name, other in asked.items()
            },
        )
    return result(record, settings, played, against), played


@dataclass(frozen=True, slots=True, kw_only=True)
class Against:
    """What a policy is measured against.

    ``known`` is a plan to which no load, sun or weather is uncertain; None where
    nothing is to be learned from it.
    """

    perfect: Perfect
    rule: Played
    known: Played | None = None


def _plays(record: Record, settings: Settings) -> dict[str, Settings]:
    """Return by name what else has to be played."""
    asked = {"rule": replace(settings, policy=Policy.SELF_CONSUMPTION)}
    known = replace(
        settings,
        policy=Policy.PLAN,
        forecast=Foresight.PERFECT,
        know_current_step=True,
    )
    wanted = settings.policy is Policy.PLAN or has_switching(record.home)
    if wanted and settings != known:
        asked["known"] = known
    return asked


def costs(record: Record, played: Played) -> dict[str, float]:
    """Return what was played in currency by part; export is negative revenue."""
    hours = record.hours
    import_kw, export_kw = np.array(played.import_kw), np.array(played.export_kw)
    bought = float(import_kw @ record.played(Column.IMPORT_PRICE)) * hours
    parts = {
        "energy": bought + sum(s["cost"] for s in played.shortfalls),
        "export": -float(export_kw @ record.played(Column.EXPORT_PRICE)) * hours,
        "capacity": sum(w.capacity for w in _windows(record, import_kw)),
        "wear": played.wear,
        "comfort": played.comfort,
    }
    return {**parts, "total": sum(parts.values())}


def _windows(record: Record, import_kw: Numbers) -> list[Window]:
    return list(bill(record.home, record.span(), import_kw))


def result(
    record: Record,
    settings: Settings,
    played: Played,
    against: Against,
) -> Json:
    """Return the document of `cem backtest --json`."""
    span, hours = record.span(), record.hours
    cost = costs(record, played)
    rule_total = costs(record, against.rule)["total"]
    known = _known_total(record, settings, played, against)
    bound = against.perfect
    if known is not None and has_switching(record.home):
        # Where switching decides, the plan of a known future may be the best that is
        # known, and is within the gap to which the best is told.
        best = known if bound.total is None else min(known, bound.total)
        bound = replace(bound, total=best)
    total = cost["total"]
    windows = [
        {
            "start": span.local(w.start).isoformat(),
            "peaks_kw": [round(kw, 6) for kw in w.peaks_kw],
            "capacity": round(w.capacity, 6),
        }
        for w in _windows(record, np.array(played.import_kw))
    ]
    return {
        "policy": str(settings.policy),
        "forecast": str(settings.forecast),
        "from": span.local(span.start).isoformat(),
        "to": span.local(span.end).isoformat(),
        "currency": record.home.tariff.currency,
        "cost": {name: _money(value) for name, value in cost.items()},
        "windows": windows,
        "import_kwh": round(sum(played.import_kw) * hours, 6),
        "export_kwh": round(sum(played.export_kw) * hours, 6),
        "final_energy_kwh": {
            name: round(energy[-1], 6)
            for name, energy in played.energy.items()
            if name in _batteries(record.home)
        },
        "shortfalls": played.shortfalls,
        "over_limit": {
            "steps": played.over_limit_steps,
            "most_kw": round(played.over_limit_kw, 6),
        },
        "self_consumption": {"total": _money(rule_total)},
        "perfect": {
            "total": None if bound.total is None else _money(bound.total),
            "bound": None if bound.bound is None else _money(bound.bound),
        },
        "known": {"total": None if known is None else _money(known)},
        "regret": _share(total, bound.total, bound.total),
        "regret_split": {
            "planning": None
            if known is None
            else _share(known, bound.total, bound.total),
            "forecast": None if known is None else _share(total, known, bound.total),
        },
        "captured_share": _captured(total, rule_total, bound.total),
        "churn": round(float(np.mean(played.churn_kw)), 6) if played.churn_kw else 0.0,
        "solves": len(played.solve_seconds),
        "rule_steps_for_want_of_a_plan": played.fallbacks,
        "solve_seconds": {
            name: round(value, 6)
            for name, value in statistics(played.solve_seconds).items()
        },
    }


def _known_total(
    record: Record, settings: Settings, played: Played, against: Against
) -> float | None:
    """Return the cost of a plan without uncertainty; ``played`` may be that plan."""
    certain = settings.forecast is Foresight.PERFECT and settings.know_current_step
    if settings.policy is Policy.PLAN and certain:
        return costs(record, played)["total"]
    return None if against.known is None else costs(record, against.known)["total"]


def _batteries(home: Home) -> frozenset[str]:
    return frozenset(d.id for d in home.devices if d.kind == "battery")


def _money(value: float) -> float:
    return round(float(value), 6) + 0.0


def _share(total: float, best: float | None, base: float | None) -> float | None:
    if best is None or not base:
        return None
    return round(float(total - best) / abs(base), 6) + 0.0


def _captured(total: float, rule: float, best: float | None) -> float | None:
    if best is None or abs(rule - best) < _NOTHING_TO_CAPTURE:
        return None
    return round(float(rule - total) / (rule - best), 6) + 0.0
