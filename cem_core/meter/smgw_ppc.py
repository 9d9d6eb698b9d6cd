"""PPC Smart Meter Gateway: pages at ``/cgi-bin/hanservice.cgi``, made for a browser.

Source: what several clients agree on (github.com/jannickfahlbusch/ha-ppc-smgw, commit
23af90a; the PPC binding of openHAB); the maker's own description is not public. A page
hides a token that the next question has to carry.
"""

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Final, override
from urllib.parse import urlencode

from cem_core.meter import smgw
from cem_core.meter.smgw import Register
from cem_core.model.slow_reading import SlowReading

PATH: Final = "/cgi-bin/hanservice.cgi"

_CELL: Final = "table_metervalues_col_"
_TABLE: Final = "metervalue"
_METERS: Final = "meterform_select_meter"


class _Page(HTMLParser):
    """The few things of a page that matter."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.inputs: dict[str, str] = {}
        self.options: list[tuple[str, str]] = []
        self.rows: list[dict[str, str]] = []
        self._in: list[str] = []  # the select, table or cell that is open
        self.feed(text)
        self.close()
        self.options = [(value, _plain(label)) for value, label in self.options]
        self.rows = [
            {name: _plain(cell) for name, cell in row.items()} for row in self.rows
        ]

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        name = said.get("id", "")
        match tag:
            case "input":
                self.inputs.setdefault(said.get("name", ""), said.get("value", ""))
            case "select" | "table":
                self._in = [name]
            case "option" if self._in == [_METERS]:
                self.options.append((said.get("value", ""), ""))
            case "tr" if self._in[:1] == [_TABLE]:
                self._in = [_TABLE]
                self.rows.append({})
            case "td" if self._in[:1] == [_TABLE] and self.rows:
                self._in = [_TABLE, name.removeprefix(_CELL)]

    @override
    def handle_endtag(self, tag: str) -> None:
        if tag in ("select", "table"):
            self._in = []
        elif tag == "td":
            self._in = self._in[:1]

    @override
    def handle_data(self, data: str) -> None:
        if self._in == [_METERS] and self.options:
            value, label = self.options[-1]
            self.options[-1] = value, label + data
        elif len(self._in) == 2:  # noqa: PLR2004  a cell of the table
            row = self.rows[-1]
            row[self._in[1]] = row.get(self._in[1], "") + data


def _plain(text: str) -> str:
    return " ".join(text.split())


def token(page: str) -> str:
    """Return what the next question must carry; ValueError when it is not there."""
    if not (found := _Page(page).inputs.get("tkn")):
        raise ValueError("the gateway's page has no token: the login was not taken")
    return found


def ask(token: str, action: str, **more: str) -> bytes:
    """Return a question: ``meterform``, ``showMeterProfile`` (mid), ``logout``."""
    return urlencode({"tkn": token, "action": action, **more}).encode()


def meter(page: str) -> tuple[str, str]:
    """Return number and name of the first meter; ValueError when there is none."""
    for number, name in _Page(page).options:
        if number:
            return number, name
    raise ValueError("the gateway's page lists no meter")


def reading(page: str, meter_id: str | None) -> SlowReading:
    """Return the last values on the page; ValueError says what is wrong.

    Their times name no offset and are left out.
    """
    return smgw.reading(_registers(_Page(page).rows), meter_id or None)


def _registers(rows: list[dict[str, str]]) -> Iterator[Register]:
    """Yield the newest row of each code: a row without a time has the one before."""
    newest: dict[str, tuple[str, Register]] = {}
    time = ""
    for row in rows:
        time = row.get("timestamp") or time
        code = smgw.obis(row.get("obis", ""))
        if code is None or (code in newest and newest[code][0] >= time):
            continue
        value = float(row.get("wert", "").replace(",", "."))
        newest[code] = time, Register(code, value, row.get("einheit") or None)
    for _, register in newest.values():
        yield register
