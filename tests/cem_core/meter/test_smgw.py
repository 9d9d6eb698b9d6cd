"""What German gateways show: composed after the sources that each file names."""

from contextlib import suppress
from datetime import UTC, datetime
import json
from typing import Any, Final

from hypothesis import given, strategies as st
import pytest

from cem_core.meter import smgw, smgw_emh, smgw_ppc, smgw_theben
from cem_core.model import SubmeterKind
from cem_core.model.slow_reading import SlowQuantity

METER: Final = "0551010038180402"

# Theben, IF_GW_CON 1.4, A-2.3, A-2.4 and: the examples of the description.
USER_INFO: Final = {
    "method": "user-info",
    "user-info": {
        "usage-points": [
            {
                "capture-time": "00:00:00",
                "meter": [{"meter-id": METER}],
                "taf-number": "1",
                "taf-state": "ready",
                "usage-point-id": "01005e318021.taf1-1.sm",
            },
            {
                "taf-number": "7",
                "taf-state": "running",
                "usage-point-id": "01005e318021.taf7-1.sm",
            },
        ]
    },
    "version": "1.2.0",
}
POINT_INFO: Final = {
    "usage-point-info": {
        "databases": [
            {
                "channels": [
                    {"obis": "0100010800ff", "scaler": "-1", "unit": "30"},
                    {"obis": "0100020800ff", "scaler": "-1", "unit": "30"},
                ],
                "database": "origin",
            }
        ]
    }
}
READINGS: Final = {
    "readings": {
        "channels": [
            {
                "obis": f"0100010800ff.{METER}.sm",
                "readings": [
                    {
                        "capture-time": "2019-04-18T14:25:44Z",
                        "owner-number": "taf1-1.sm",
                        "signature": None,
                        "value": "1555597539",
                    }
                ],
            }
        ],
        "records": "1",
    }
}
EMH: Final = {
    "capture_time": "2026-01-01T00:00:00+01:00",
    "values": [
        {
            "logical_name": f"0100010800ff.{METER}.sm",
            "scaler": -1,
            "unit": 30,
            "value": "12345678",
        },
        {
            "logical_name": f"0100020800ff.{METER}.sm",
            "scaler": -1,
            "unit": 30,
            "value": "9876543",
        },
        {
            "logical_name": f"0100100700ff.{METER}.sm",
            "scaler": 0,
            "unit": 27,
            "value": "-500",
        },
        {"logical_name": "x", "scaler": 0, "unit": 27, "value": "1"},
    ],
}
PPC_LOGIN: Final = """<!DOCTYPE html><html><body><form id="form_meterform">
<input type="hidden" name="tkn" value="A1&amp;b"><input type="submit" name="ok">
</form></body></html>"""
PPC_METERS: Final = """<div id="div_fwversion"> 1.2 </div>
<select id="other"><option value="9">no meter</option></select>
<select id="meterform_select_meter" name="mid"><option value=""></option>
<option value="17">1 EFR 24 <b>75081296</b></option><option value="18">x</option>
</select>"""
PPC_VALUES: Final = """<table><tr><td id="table_metervalues_col_obis">1-0:2.8.0</td>
</tr></table><table id="metervalue"><tr><th>Wert</th></tr>
<tr id="table_metervalues_line1">
<td id="table_metervalues_col_timestamp">2026-11-26 07:15:00</td>
<td id="table_metervalues_col_wert">15320,4500</td>
<td id="table_metervalues_col_einheit">kWh</td>
<td id="table_metervalues_col_obis">1-0:1.8.0*255</td></tr>
<tr id="table_metervalues_line2"><td id="table_metervalues_col_wert">8412.12</td>
<td id="table_metervalues_col_einheit">kWh</td>
<td id="table_metervalues_col_obis">1-0:2.8.0*255</td></tr>
<tr id="table_metervalues_line1">
<td id="table_metervalues_col_timestamp">2026-11-26 07:00:00</td>
<td id="table_metervalues_col_wert">15000</td>
<td id="table_metervalues_col_einheit">kWh</td>
<td id="table_metervalues_col_obis">1-0:1.8.0*255</td></tr></table>"""


def test_theben() -> None:
    point = smgw_theben.usage_point(USER_INFO)
    assert point == "01005e318021.taf7-1.sm"
    read = smgw_theben.reading(READINGS, smgw_theben.scales(POINT_INFO))
    assert (read.kind, read.meter_id) == (SubmeterKind.ELECTRICITY, METER)
    assert read.timestamp == datetime(2019, 4, 18, 14, 25, 44, tzinfo=UTC)
    assert read.values == {SlowQuantity.ENERGY: 155559753.9}


def test_theben_is_asked_as_described() -> None:
    assert json.loads(smgw_theben.ask_usage_points()) == {"method": "user-info"}
    assert json.loads(smgw_theben.ask_scales("p"))["database"] == "origin"
    assert json.loads(smgw_theben.ask_last_reading("p"))["last-reading"] == "true"
    for location in ("/smgw/m2m/u.sm", "/smgw/m2m/u.sm/", "/smgw/m2m/u.sm/json"):
        assert smgw_theben.path(location) == "/smgw/m2m/u.sm/json"


def test_theben_without_a_contract_that_runs() -> None:
    ended = {"user-info": {"usage-points": [{"taf-state": "finished"}]}}
    with pytest.raises(ValueError, match="no contract of this user that runs"):
        smgw_theben.usage_point(ended)


def test_emh() -> None:
    assert smgw_emh.meter([f"{METER}.sm", "other"]) == f"{METER}.sm"
    assert smgw_emh.path("a/b") == "/json/metering/origin/a%2Fb/extended"
    read = smgw_emh.reading(EMH, f"{METER}.sm")
    assert (read.meter_id, len(read.raw)) == (METER, 3)
    assert read.timestamp == datetime(2025, 12, 31, 23, tzinfo=UTC)
    assert read.values == {
        SlowQuantity.ENERGY: 1234567.8,
        SlowQuantity.EXPORT_ENERGY: 987654.3,
        SlowQuantity.POWER: -500,
    }


@pytest.mark.parametrize(
    ("document", "cause"),
    [({}, "no list of names"), ([1], "no list of names"), ([], "knows no meter")],
)
def test_emh_without_a_meter(document: object, cause: str) -> None:
    with pytest.raises(ValueError, match=cause):
        smgw_emh.meter(document)


def test_ppc() -> None:
    assert smgw_ppc.token(PPC_LOGIN) == "A1&b"
    assert smgw_ppc.meter(PPC_METERS) == ("17", "1 EFR 24 75081296")
    asked = smgw_ppc.ask("A1&b", "showMeterProfile", mid="17")
    assert asked == b"tkn=A1%26b&action=showMeterProfile&mid=17"
    read = smgw_ppc.reading(PPC_VALUES, "1 EFR 24 75081296")
    assert read.meter_id == "1 EFR 24 75081296"
    assert read.timestamp is None
    assert read.values == {
        SlowQuantity.ENERGY: 15_320_450,
        SlowQuantity.EXPORT_ENERGY: 8_412_120,
    }


def test_ppc_pages_without_what_is_sought() -> None:
    with pytest.raises(ValueError, match="no token: the login was not taken"):
        smgw_ppc.token(PPC_METERS)
    with pytest.raises(ValueError, match="lists no meter"):
        smgw_ppc.meter(PPC_LOGIN)
    with pytest.raises(ValueError, match="lists no counter of energy"):
        smgw_ppc.reading(PPC_LOGIN, None)


@pytest.mark.parametrize(
    ("old", "new", "cause"),
    [
        ("15320,4500", "", "could not convert"),
        ("15320,4500", "-1", "1-0:1.8.0: -1.0 kWh cannot be"),
        ("15320,4500", "nan", "1-0:1.8.0: nan kWh cannot be"),
        ("kWh", "kvarh", "1-0:1.8.0: kvarh instead of Wh"),
        ("kWh", "", "1-0:1.8.0: no unit instead of Wh"),
        ("kWh", "kW", "1-0:1.8.0: kW instead of Wh"),
    ],
)
def test_what_no_counter_can_say(old: str, new: str, cause: str) -> None:
    with pytest.raises(ValueError, match=cause):
        smgw_ppc.reading(PPC_VALUES.replace(old, new, 1), None)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("0100010800ff", "1-0:1.8.0"),
        ("0100010800FF.x.sm", "1-0:1.8.0"),
        ("1-0:16.7.0*255", "1-0:16.7.0"),
        ("0100010800", None),
        ("0100010800ff00", None),
        ("1.8.0", None),
    ],
)
def test_codes(text: str, code: str | None) -> None:
    assert smgw.obis(text) == code


JSON: Final = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "user-info",
                    "usage-points",
                    "usage-point-info",
                    "databases",
                    "channels",
                    "readings",
                    "obis",
                    "values",
                    "capture_time",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(document=JSON)
def test_any_document_is_read_or_refused(document: Any) -> None:
    for ask in (
        smgw_theben.usage_point,
        smgw_theben.scales,
        smgw_emh.meter,
        lambda said: smgw_theben.reading(said, {}),
        lambda said: smgw_emh.reading(said, "m"),
    ):
        with suppress(ValueError):
            ask(document)


@given(at=st.integers(0, len(PPC_VALUES)), text=st.text(max_size=20))
def test_any_page_is_read_or_refused(at: int, text: str) -> None:
    page = PPC_VALUES[:at] + text + PPC_VALUES[at + len(text) :]
    try:
        read = smgw_ppc.reading(page, None)
    except ValueError:
        return
    assert read.values
