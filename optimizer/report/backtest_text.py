"""The result of a backtest as lines for a person."""

from collections.abc import Iterator, Mapping
from typing import Any

from optimizer.report.text import NOT_FOR_BILLING

type Json = Mapping[str, Any]

_POLICIES = {
    "plan": "the plan",
    "self_consumption": "the self-consumption rule",
    "peak_shaving": "the peak-shaving rule",
    "none": "no control",
}


def backtest_text(result: Json) -> str:
    """Return the lines that `cem backtest` prints."""
    return "\n".join([*_costs(result), *_windows(result), *_rest(result)])


def _costs(result: Json) -> Iterator[str]:
    currency, total = result["currency"], result["cost"]["total"]
    yield f"{result['from']} to {result['to']}"
    yield ""
    yield f"{_POLICIES[result['policy']]:28s}{total:12.2f} {currency}"
    for name, value in result["cost"].items():
        if name != "total" and value:
            yield f"  {name:26s}{value:12.2f}"
    rule = result["self_consumption"]["total"]
    yield f"{_POLICIES['self_consumption']:28s}{rule:12.2f} {currency}"
    best = result["perfect"]["total"]
    if best is not None:
        yield f"{'perfect hindsight':28s}{best:12.2f} {currency}"
    yield NOT_FOR_BILLING
    yield ""
    if result["regret"] is not None:
        yield f"{result['regret']:.1%} above perfect hindsight (regret)"
    split = result["regret_split"]
    if split["forecast"] is not None and split["planning"] is not None:
        yield (
            f"  {split['forecast']:.1%} because of forecasts,"
            f" {split['planning']:.1%} because of planning"
        )
    if result["captured_share"] is not None:
        share = result["captured_share"]
        yield f"{share:.1%} of what a plan can save beyond the rule is captured"


def _windows(result: Json) -> Iterator[str]:
    if not result["windows"]:
        return
    yield ""
    yield "peaks"
    for window in result["windows"]:
        peaks = ", ".join(f"{kw:.2f}" for kw in window["peaks_kw"])
        yield f"  {window['start'][:10]}  {peaks} kW  {window['capacity']:.2f}"


def _rest(result: Json) -> Iterator[str]:
    yield ""
    yield f"import {result['import_kwh']:.0f} kWh, export {result['export_kwh']:.0f} kWh"
    for missing in result["shortfalls"]:
        yield (
            f"{missing['device']} lacked {missing['energy_kwh']:.2f} kWh at"
            f" {missing['at']}: {missing['cost']:.2f}"
        )
    if result["solves"]:
        seconds = result["solve_seconds"]
        yield (
            f"{result['solves']} plans, {1000 * seconds['p50']:.0f} ms each"
            f" (99 % below {1000 * seconds['p99']:.0f} ms)"
        )
