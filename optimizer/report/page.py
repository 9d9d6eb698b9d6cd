"""PLAN as one page of HTML that opens without network."""

from collections.abc import Mapping
from html import escape
from typing import Any

from optimizer.plan_times import PlanTimes
from optimizer.report.text import plan_text, power_kw

type Json = Mapping[str, Any]

_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ font-family: system-ui, sans-serif; margin: 0 auto; max-width: 75rem;
  padding: 1rem; }}
h1 {{ font-size: 1.5rem; }}
pre {{ overflow-x: auto; background: #f4f4f4; padding: 1rem; }}
</style>
</head>
<body>
<h1>{title}</h1>
{chart}
<pre>{text}</pre>
</body>
</html>
"""


def page(title: str, chart: str, text: str) -> str:
    """Return a page of a chart and a text, all three escaped already."""
    return _PAGE.format(title=title, chart=chart, text=text)


def plan_page(plan: Json, title: str) -> str:
    """Return the page. Raises `ModuleNotFoundError` without plotly."""
    from plotly import graph_objects  # noqa: PLC0415 - only with the extra `cli`
    from plotly.subplots import make_subplots  # noqa: PLC0415

    times = [*plan["times"], PlanTimes.of(plan).time(-1).isoformat()]
    figure = make_subplots(
        rows=3,
        shared_xaxes=True,
        vertical_spacing=0.04,
        subplot_titles=("kW", "kWh and °C", f"{plan['currency']}/kWh"),
    )

    def draw(row: int, name: str, values: list[float], **look: object) -> None:
        line = {"shape": "hv"} | ({"dash": "dot"} if look.get("dotted") else {})
        held = [*values, values[-1]]  # to the end of the last step
        trace = graph_objects.Scatter(x=times, y=held, name=name, line=line)
        figure.add_trace(trace, row=row, col=1)

    grid = plan["grid"]
    net = [a - b for a, b in zip(grid["import_kw"], grid["export_kw"], strict=True)]
    draw(1, "grid", net)
    draw(1, "load", plan["load_kw"], dotted=True)
    for name, device in plan["devices"].items():
        draw(1, name, power_kw(device))
        for field in ("energy_kwh", "indoor_temperature_c"):
            if field in device:
                draw(2, f"{name} {field}", device[field])
    draw(3, "import price", plan["prices"]["import"])
    draw(3, "export price", plan["prices"]["export"], dotted=True)
    figure.update_layout(height=900, hovermode="x unified", margin={"t": 40})
    chart = figure.to_html(full_html=False, include_plotlyjs=True)
    return page(escape(title), chart, escape(plan_text(plan)))
