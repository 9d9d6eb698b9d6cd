from hypothesis import given, settings, strategies as st
import pytest

from cem_core.exchange import CurveError
from cem_core.exchange.forms import FORMS, Writing
from tests.cem_core.exchange.made import MADE, curve

HOW = Writing(made=MADE)
# What numbers, times and markup are broken by.
PIECES = [
    b"-1",
    b"0",
    b"9" * 19,
    b"1e9",
    b"NaN",
    b"null",
    b"<",
    b"'",
    b"+",
    b":",
    b"\n",
]
HEAD = "start,end,meter_id,register,direction,energy_wh,status,billing\n"
ROW = "2026-01-01T00:00:00Z,2026-01-01T00:15:00Z,M1,1-0:1.8.0,import,5,metered,\n"


def broken(name: str, old: str, new: str) -> bytes:
    text = FORMS[name].write([curve([5, 6])], HOW).decode()
    assert old in text
    return text.replace(old, new, 1).encode()


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("csv", b"", "line 1: expected the columns"),
        ("csv", b"a,b\n1,2\n", "line 1: expected the columns"),
        ("csv", (HEAD + ROW.replace("5,m", "x,m")).encode(), "line 2: 'x' is no whole"),
        ("csv", (HEAD + ROW.replace("Z,2", ",2", 1)).encode(), "line 2: .*offset"),
        ("csv", (HEAD + ROW.replace(",5,", ",,")).encode(), "line 2: no energy_wh and"),
        ("csv", (HEAD + ROW.replace(",5,", ",-5,")).encode(), "below zero"),
        ("csv", (HEAD + ROW + ROW).encode(), "line 3: a second interval at"),
        ("csv", (HEAD + ROW.replace("1.8.0", "1.8")).encode(), "line 2: .*OBIS"),
        ("csv", (HEAD + ROW.replace("import", "in")).encode(), "line 2: 'in' is none"),
        ("csv", (HEAD + ROW.replace("2026", "0001")).encode(), "line 2: .*long ago"),
        ("csv", HEAD.encode(), "no load curve in it"),
        ("csv", b"\xff\xfe", "byte 0: it is no UTF-8"),
        ("json", b"{", "no JSON: .*line 1"),
        ("json", b"[" * 100_000, "no JSON"),
        ("json", b'{"schema": "x"}', "schema: expected cem-load-curves/1"),
        ("json", b'{"schema": "cem-load-curves/1", "curves": []}', "no load curve"),
        ("compact", b'{"v":2}', "line 1: expected an object with v = 1"),
        ("compact", b'{"v":1,"d":"i","t":1,"s":900,"w":[1],"q":"2m"}', "different len"),
        (
            "compact",
            b'{"v":1,"d":"i","t":1,"s":900,"w":[],"q":"99999999m"}',
            "more than",
        ),
        ("parquet", b"PAR1nothing", "no Parquet"),
        ("espi", b"<a/>", "line 1: a: no Atom feed"),
        ("espi", b"<a>", "no XML: .*line 1"),
        ("cim", b"<a/>", "line 1: a: no MeterReadings"),
        ("cim", b'<?xml version="1.0" encoding="nope"?><a/>', "no XML"),
        ("mscons", b"", "does not end with UNT and UNZ"),
        ("mscons", b"UNB+UNOC:3'UNZ+0+'", "no load curve"),
        ("mscons", b"QTY+220:1:KWH'", r"segment 1 \(QTY\): outside of a message"),
        ("mscons", b"UNA:+.? ", "segment 1"),
    ],
)
def test_a_bad_file_is_refused_with_its_place(
    name: str, data: bytes, said: str
) -> None:
    with pytest.raises(CurveError, match=said):
        FORMS[name].read(data)


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("espi", "<value>6</value>", "<value>six</value>", r"line \d+: value: 'six'"),
        ("espi", "<flowDirection>1<", "<flowDirection>4<", "flowDirection 4"),
        (
            "espi",
            "<start>1768431600</start>",
            "<start>1768431601</start>",
            "grid|no int",
        ),
        ("cim", ".1.12.0", ".1.37.0", "is no energy of intervals"),
        ("cim", "<value>6</value>", "<value>1e999</value>", "is no number"),
        (
            "mscons",
            "QTY+220:0.006:KWH",
            "QTY+220:0.006:D54",
            "'D54' is no unit of energy",
        ),
        ("mscons", "1-0?:1.29.0", "1-0?:3.29.0", "no active energy"),
        ("mscons", "2300?+00", "2300", "no time with its offset"),
        ("mscons", "UNT+22", "UNT+21", r"segment 23 \(UNT\): there are"),
        ("mscons", "QTY+220", "QTY+999", "the qualifier '999' is not read"),
    ],
)
def test_a_damaged_file_is_refused_with_its_place(
    name: str, old: str, new: str, said: str
) -> None:
    with pytest.raises(CurveError, match=said):
        FORMS[name].read(broken(name, old, new))


BOMB = b"""<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<feed xmlns="http://www.w3.org/2005/Atom">&b;</feed>"""
EXTERNAL = b"""<!DOCTYPE feed SYSTEM "http://127.0.0.1:1/x.dtd"><feed/>"""


@pytest.mark.parametrize("name", ["espi", "cim"])
@pytest.mark.parametrize("data", [BOMB, EXTERNAL, b"<a>" * 100])
def test_xml_that_attacks_is_refused(name: str, data: bytes) -> None:
    with pytest.raises(CurveError, match=r"document type|nested too deeply"):
        FORMS[name].read(data)


@pytest.mark.parametrize("name", FORMS)
@given(data=st.data())
@settings(deadline=None, max_examples=150)
def test_damage_is_refused_in_a_sentence_or_read(
    name: str, data: st.DataObject
) -> None:
    file = bytearray(FORMS[name].write([curve([5, None, 6])], HOW))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(file) - 1))
        piece = data.draw(st.binary(max_size=3) | st.sampled_from(PIECES))
        file[place : place + data.draw(st.integers(0, 20))] = piece
    said = ""
    try:
        FORMS[name].read(bytes(file))
    except CurveError as error:
        said = str(error)
    assert "\n" not in said
