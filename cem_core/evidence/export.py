"""The evidence for people and programs: CSV, JSON, and a page to print."""

from collections.abc import Iterable, Sequence
import csv
from html import escape
import io
import json
from typing import Any, Final

from cem_core.evidence.head import Head
from cem_core.evidence.record import Record

_FIRST: Final = ("sequence", "time", "kind", "clock_source", "clock_offset_s")
_PAGE: Final = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Evidence of power limits</title>
<style>
body {{ font: 10pt/1.4 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; }}
table {{ border-collapse: collapse; width: 100%; }}
th, td {{ border-bottom: 1px solid #bbb; padding: .2rem .5rem; text-align: left;
  vertical-align: top; }}
code {{ overflow-wrap: anywhere; font-size: 8pt; }}
tr {{ break-inside: avoid; }}
</style>
</head>
<body>
<h1>Evidence of power limits</h1>
<p>{span}</p>
<table>
<thead><tr><th>No.</th><th>Time (UTC)</th><th>What</th><th>Values</th></tr></thead>
<tbody>
{rows}
</tbody>
</table>
<h2>Signed heads</h2>
{heads}
<p>Each entry holds the hash of the one before it. A head that was kept elsewhere
shows that the log up to it has not been changed since. Failsafe and silent entries are
no orders of the grid operator. Values marked as assumed were not measured.</p>
</body>
</html>
"""


def to_json(records: Iterable[Record], heads: Sequence[Head]) -> str:
    """Return everything, each entry as the text that its hash covers."""
    entries = [{"text": record.text(), "hash": record.hash} for record in records]
    tree = {"entries": entries, "heads": [head.to_json() for head in heads]}
    return json.dumps(tree, indent=1, ensure_ascii=False)


def to_csv(records: Iterable[Record]) -> str:
    """Return a row for each entry; a column for each value that any entry has."""
    found = list(records)
    names = dict.fromkeys(name for record in found for name in record.data)
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow((*_FIRST, *names, "hash"))
    for record in found:
        values = (_cell(record.data.get(name)) for name in names)
        clock = record.clock
        writer.writerow(
            (
                record.sequence,
                record.time.isoformat(),
                record.kind.value,
                clock.source,
                "" if clock.offset_s is None else clock.offset_s,
                *values,
                record.hash,
            )
        )
    return file.getvalue()


def _cell(value: Any) -> str:  # noqa: ANN401 - JSON
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    # A spreadsheet runs what begins like a formula.
    return f"'{text}" if isinstance(value, str) and text[:1] in "=+-@\t" else text


def to_page(records: Iterable[Record], heads: Sequence[Head]) -> str:
    """Return one page of HTML that needs no network."""
    found = list(records)
    span = "No entries."
    if found:
        first, last = found[0], found[-1]
        span = f"{len(found)} entries, {_time(first)} to {_time(last)} UTC."
    signed = "".join(
        f"<p>No. {head.sequence}, signed {escape(head.time.isoformat())}:<br>"
        f"<code>{escape(head.hash)}</code><br>key <code>{escape(head.public_key)}"
        f"</code><br>signature <code>{escape(head.signature)}</code></p>\n"
        for head in heads[-3:]
    )
    return _PAGE.format(
        span=escape(span),
        rows="\n".join(map(_row, found)),
        heads=signed or "<p>None yet.</p>",
    )


def _row(record: Record) -> str:
    values = "<br>".join(
        f"{escape(name)}: {escape(str(value))}" for name, value in record.data.items()
    )
    return (
        f"<tr><td>{record.sequence}</td><td>{_time(record)}</td>"
        f"<td>{escape(record.kind.value)}</td><td>{values}</td></tr>"
    )


def _time(record: Record) -> str:
    return f"{record.time:%Y-%m-%d %H:%M:%S}"
