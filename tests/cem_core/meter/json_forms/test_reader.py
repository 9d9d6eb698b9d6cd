"""Messages of gateways: the form that fits, and values that come one by one."""

import json
from typing import Any

from hypothesis import given, strategies as st
import pytest

from cem_core.meter.json_forms.forms import FORMS, FormReader, parse, recognise
from cem_core.model import Reading

POWERS = {
    "ams2mqtt": {"id": "x", "data": {"P": 500, "tPI": 12.5}},
    "dsmr_reader": {
        "electricity_currently_delivered": "0.5",
        "electricity_currently_returned": "0",
    },
    "esphome": {"power_delivered": 0.5, "energy_delivered_tariff1": 1},
    "glow": {"electricitymeter": {"power": {"value": 0.5, "units": "kW"}}},
    "homewizard_v1": {"active_power_w": 500, "total_power_import_kwh": 1},
    "homewizard_v2": {"power_w": 500, "energy_import_kwh": 1},
    "shelly_3em": {"total_power": 500, "emeters": [{"power": 500, "is_valid": True}]},
    "shelly_em": {"total_act_power": 500, "a_act_power": 500},
    "tasmota": {"Time": "2026-01-01T00:00:00", "MT": {"Power_curr": 500}},
    "tibber": {"power": 500, "powerProduction": 0},
    "zigbee2mqtt": {"power": 500, "energy": 1, "linkquality": 80},
}


def test_every_form_has_an_example() -> None:
    assert POWERS.keys() == FORMS.keys()


@pytest.mark.parametrize("form", POWERS)
def test_a_document_names_its_form(form: str) -> None:
    payload = json.dumps(POWERS[form]).encode()
    assert recognise(payload) == form
    [reading] = FormReader(form).feed("any/topic", payload)
    assert reading == parse(form, payload)
    assert isinstance(reading, Reading)
    assert reading.power_w == 500


def feed(reader: FormReader, *values: tuple[str, Any]) -> list[int | None]:
    results = [
        result
        for topic, value in values
        for result in reader.feed(topic, str(value).encode())
    ]
    assert all(isinstance(r, Reading) for r in results), results
    return [r.import_power_w for r in results if isinstance(r, Reading)]


def test_a_round_is_complete_when_a_name_comes_again_and_then_at_once() -> None:
    reader = FormReader("dsmr_reader")
    names = ("electricity_currently_delivered", "electricity_currently_returned")
    first = [(f"dsmr/reading/{name}", "0.1") for name in names]
    second = [(f"dsmr/reading/{name}", "0.2") for name in names]
    assert feed(reader, *first) == []
    assert feed(reader, second[0]) == [100]
    assert feed(reader, second[1]) == [200]
    assert feed(reader, *first) == [100]
    assert reader.finish() == []


def test_a_name_that_stays_away_costs_one_round() -> None:
    reader = FormReader("esphome")
    a, b, c = (
        f"esp/sensor/{n}/state"
        for n in ("power_delivered", "power_returned", "frequency")
    )
    assert feed(reader, (a, 1), (b, 0), (c, 50), (a, 2)) == [1000]
    assert feed(reader, (b, 0)) == []
    assert feed(reader, (a, 3)) == [2000]
    assert feed(reader, (b, 0)) == [3000]


@pytest.mark.parametrize("form", ["x", "", "Tibber"])
def test_what_is_no_form_is_refused(form: str) -> None:
    with pytest.raises(ValueError, match="is no form"):
        FormReader(form)


@pytest.mark.parametrize("payload", [b"[1]", b"5", b'"x"'])
def test_a_document_is_an_object(payload: bytes) -> None:
    with pytest.raises(ValueError, match="no JSON object"):
        parse("tibber", payload)


@pytest.mark.parametrize("form", FORMS)
@given(payload=st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_any_message_is_read_or_refused(form: str, payload: bytes) -> None:
    reader = FormReader(form)
    for _ in range(3):
        for result in reader.feed("a/b", payload):
            assert isinstance(result, Reading) or result.cause
