"""A backtest: the policy, the rule and hindsight, settled the same way."""

from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np

from optimizer.backtest.peaks import Window, bill
from optimizer.backtest.perfect import Perfect, perfect
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
) -> tuple[Json, Played]:
    """Return the result, ready for JSON, and what was played.

    With more than one job hindsight and the rule run in processes of their own
    beside the policy.
    """
    if jobs > 1:
        with ProcessPoolExecutor(max_workers=min(jobs - 1, 2)) as pool:
            bound = pool.submit(best_possible, record)
            rule = pool.submit(_rule, record, settings)
            played = play(record, settings, game, watch)
            return result(
                record, settings, played, rule.result(), bound.result()
            ), played
    played = play(record, settings, game, watch)
    rule_played = _rule(record, settings)
    return result(record, settings, played, rule_played, best_possible(record)), played


def _rule(record: Record, settings: Settings) -> Played:
    return play(record, replace(settings, policy=Policy.SELF_CONSUMPTION))


def best_possible(record: Record) -> Perfect:
    """Return the cost with hindsight; where switching decides, of a known future."""
    found = perfect(record)
    if found.total is not None:
        return found
    known = Settings(forecast=Foresight.PERFECT, know_current_step=True)
    played = play(record, known)
    return replace(found, total=costs(record, played)["total"])


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
    rule: Played,
    bound: Perfect,
) -> Json:
    """Return the document of `cem backtest --json`."""
    span, hours = record.span(), record.hours
    cost = costs(record, played)
    rule_total = costs(record, rule)["total"]
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
        "regret": _share(total, bound.total, bound.total),
        "captured_share": _captured(total, rule_total, bound.total),
        "churn": round(float(np.mean(played.churn_kw)), 6) if played.churn_kw else 0.0,
        "solves": len(played.solve_seconds),
        "rule_steps_for_want_of_a_plan": played.fallbacks,
        "solve_seconds": {
            name: round(value, 6)
            for name, value in statistics(played.solve_seconds).items()
        },
    }


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
