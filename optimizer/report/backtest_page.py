"""The result of a backtest as one page of HTML that opens without network."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from optimizer.report.backtest_text import backtest_text
from optimizer.report.page import page

type Json = Mapping[str, Any]

_MOST_POINTS = 20_000
_UNITS = {"_kwh": "kWh", "_kw": "kW", "_c": "°C"}


def backtest_page(
    result: Json, trace: Sequence[Json], prices: Mapping[str, Sequence[float]]
) -> str:
    """Return the page. Raises `ModuleNotFoundError` without plotly."""
    from plotly import graph_objects  # noqa: PLC0415 - only with the extra `cli`
    from plotly.subplots import make_subplots  # noqa: PLC0415

    currency = result["currency"]
    figure = make_subplots(
        rows=4,
        vertical_spacing=0.07,
        subplot_titles=(
            f"{currency} over the span",
            "kW",
            "kWh and °C",
            f"{currency}/kWh",
        ),
    )
    costs = {
        result["policy"]: result["cost"]["total"],
        "self-consumption rule": result["self_consumption"]["total"],
        "forecasts without error": result["known"]["total"],
        "perfect hindsight": result["perfect"]["total"],
    }
    costs = {name: cost for name, cost in costs.items() if cost is not None}
    figure.add_trace(
        graph_objects.Bar(
            x=list(costs.values()),
            y=list(costs),
            orientation="h",
            name="total",
            showlegend=False,
            text=[f"{cost:.2f}" for cost in costs.values()],
        ),
        row=1,
        col=1,
    )
    stride = -(-len(trace) // _MOST_POINTS)
    rows = trace[::stride]
    times = [row["time"] for row in rows]

    def draw(row: int, name: str, values: list[float]) -> None:
        figure.add_trace(
            graph_objects.Scattergl(
                x=times, y=values, name=name, line={"shape": "hv", "width": 1}
            ),
            row=row,
            col=1,
        )

    draw(2, "grid", [row["import_kw"] - row["export_kw"] for row in rows])
    for name in rows[0]:
        if name in {"time", "import_kw", "export_kw"}:
            continue
        place = 2 if name.endswith("_kw") else 3
        draw(place, _labelled(name), [row[name] for row in rows])
    for name, values in prices.items():
        draw(4, _labelled(name), list(values[::stride]))
    for row in (3, 4):
        figure.update_xaxes(matches="x2", row=row, col=1)
    # Beside the charts a legend would leave a phone no room for them.
    figure.update_layout(
        height=1200,
        margin={"t": 40, "l": 10, "r": 10},
        legend={"orientation": "h", "y": -0.04},
    )
    figure.update_yaxes(automargin=True)
    chart = figure.to_html(full_html=False, include_plotlyjs=True)
    begin, end = (result[key][:16].replace("T", " ") for key in ("from", "to"))
    title = f"Backtest from {begin} to {end}"
    return page(escape(title), chart, escape(backtest_text(result)))


def _labelled(column: str) -> str:
    """Return a column of the trace as a legend says it: "battery, kWh"."""
    for ending, unit in _UNITS.items():
        if column.endswith(ending):
            return f"{column.removesuffix(ending)}, {unit}"
    return column.replace("_", " ")
