"""The table of formats: name -> how load curves are written and read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Final

from cem_core.exchange import (
    cim,
    compact,
    csv_form,
    espi,
    json_form,
    mscons,
    parquet_form,
)
from cem_core.exchange.curve import CurveError, LoadCurve

_MARK: Final = "\N{ZERO WIDTH NO-BREAK SPACE}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """What some formats say besides: when it was made, the zone of their times."""

    made: datetime
    zone: tzinfo = UTC


type Curves = Sequence[LoadCurve]


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A format: its file name's end, its media type, and how it is text, None: it is not."""

    suffix: str
    media_type: str
    write: Callable[[Curves, Writing], bytes]
    read: Callable[[bytes], tuple[LoadCurve, ...]]
    encoding: str | None = "utf-8"


def _utf8(data: bytes) -> str:
    try:
        return data.decode().removeprefix(_MARK)
    except UnicodeDecodeError as error:
        raise CurveError(f"byte {error.start}: it is no UTF-8") from error


FORMS: Final[Mapping[str, Form]] = {
    "csv": Form(
        suffix=".csv",
        media_type="text/csv",
        write=lambda curves, how: csv_form.write(curves, how.zone).encode(),
        read=lambda data: csv_form.read(_utf8(data)),
    ),
    "json": Form(
        suffix=".json",
        media_type="application/json",
        write=lambda curves, _: json_form.write(curves).encode(),
        read=lambda data: json_form.read(_utf8(data)),
    ),
    "compact": Form(
        suffix=".jsonl",
        media_type="application/jsonl",
        write=lambda curves, _: compact.write(curves).encode(),
        read=lambda data: compact.read(_utf8(data)),
    ),
    "parquet": Form(
        suffix=".parquet",
        media_type="application/vnd.apache.parquet",
        write=lambda curves, _: parquet_form.write(curves),
        read=parquet_form.read,
        encoding=None,
    ),
    "espi": Form(
        suffix=".xml",
        media_type="application/atom+xml",
        write=lambda curves, how: espi.write(curves, how.made).encode(),
        read=espi.read,
    ),
    "cim": Form(
        suffix=".xml",
        media_type="application/xml",
        write=lambda curves, _: cim.write(curves).encode(),
        read=cim.read,
    ),
    "mscons": Form(
        suffix=".edi",
        media_type="application/edifact",
        write=lambda curves, how: mscons.write(curves, how.made).encode("latin-1"),
        read=lambda data: mscons.read(data.decode("latin-1")),
        encoding="latin-1",
    ),
}
_SNIFFED: Final = 4096
# What a file of the format begins with, and what it then has in its first lines.
_SIGNS: Final = (
    ("parquet", b"PAR1", b""),
    ("mscons", b"UNA", b""),
    ("mscons", b"UNB", b""),
    ("cim", b"<", b"MeterReadings"),
    ("espi", b"<", b"feed"),
    ("compact", b'{"v":', b""),
    ("json", b"{", json_form.SCHEMA.encode()),
    ("csv", ",".join(csv_form.COLUMNS).encode(), b""),
)


def recognise(data: bytes) -> str | None:
    """Return the name of the format that ``data`` begins like, or None."""
    head = data[:_SNIFFED].lstrip(b"\xef\xbb\xbf \t\r\n")
    for name, begin, inside in _SIGNS:
        if head.startswith(begin) and inside in head:
            return name
    return None
