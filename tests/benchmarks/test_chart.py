from xml.etree import ElementTree as ET

from benchmarks.chart import Chart, svg

NAMESPACE = "{http://www.w3.org/2000/svg}"


def drawn() -> ET.Element:
    lines = {
        "build": [(24.0, 10.0), (48.0, 20.0), (96.0, 40.0)],
        "solve <all>": [(24.0, 12.0), (48.0, 22.0), (96.0, 40.5)],
    }
    chart = Chart(title="Growth", across="hours", up="ms", lines=lines)
    return ET.fromstring(svg(chart))  # noqa: S314 - our own


def test_every_value_is_drawn_and_every_line_named() -> None:
    root = drawn()
    texts = [text.text for text in root.iter(f"{NAMESPACE}text")]
    assert {"Growth", "hours", "24", "48", "96", "10 ms", "20 ms", "50 ms"} <= set(
        texts
    )
    assert {"build", "solve <all>"} <= set(texts)
    assert len(list(root.iter(f"{NAMESPACE}circle"))) == 6


def test_twice_the_hours_are_as_far_apart_as_twice_the_time() -> None:
    across = [
        float(circle.attrib["cx"]) for circle in drawn().iter(f"{NAMESPACE}circle")
    ]
    assert across[1] - across[0] == across[2] - across[1]


def test_names_do_not_lie_on_each_other() -> None:
    places = [
        float(text.attrib["y"])
        for text in drawn().iter(f"{NAMESPACE}text")
        if "style" in text.attrib
    ]
    assert abs(places[0] - places[1]) >= 15
