from datetime import UTC, datetime
import time
from zoneinfo import ZoneInfo

from hypothesis import given, settings
import pytest

from cem_core.exchange import CurveError, LoadCurve, Status
from cem_core.exchange.forms import FORMS, Writing, recognise
from cem_core.model import Direction
from tests.cem_core.exchange.made import MADE, METER, curve, curves

HOW = Writing(made=MADE, zone=ZoneInfo("Europe/Brussels"))


@pytest.mark.parametrize("name", FORMS)
@given(made=curves())
@settings(deadline=None, max_examples=60)
def test_every_form_brings_back_what_was_written(
    name: str, made: list[LoadCurve]
) -> None:
    form = FORMS[name]
    data = form.write(made, HOW)
    assert list(form.read(data)) == made
    assert form.write(form.read(data), HOW) == data
    assert recognise(data) == name


@pytest.mark.parametrize("name", FORMS)
def test_what_is_missing_is_never_a_zero(name: str) -> None:
    made = curve([None, 0, 12, None, None, 7, None])
    (back,) = FORMS[name].read(FORMS[name].write([made], HOW))
    assert [each.energy_wh for each in back.intervals] == [
        None, 0, 12, None, None, 7, None,
    ]  # fmt: skip
    assert back.intervals[0].status is Status.MISSING


@pytest.mark.parametrize("name", FORMS)
def test_both_directions_of_one_meter(name: str) -> None:
    made = [curve([1, 2, 3]), curve([0, 0, 9], direction=Direction.EXPORT)]
    assert list(FORMS[name].read(FORMS[name].write(made, HOW))) == made


@pytest.mark.parametrize("name", ["csv", "json", "espi", "cim", "mscons"])
def test_each_form_says_what_it_is_good_for(name: str) -> None:
    text = FORMS[name].write([curve([5, 6])], HOW).decode()
    assert "not for billing" in text
    assert "MID register" not in text
    text = FORMS[name].write([curve([5, 6], mid=True)], HOW).decode()
    assert "MID register" in text


def test_an_estimate_is_not_for_billing_even_of_an_mid_meter() -> None:
    made = curve([5, 6], statuses=[Status.METERED, Status.ESTIMATED], mid=True)
    assert made.billing == "not for billing"
    assert [made.billing_of(each) for each in made.intervals] == [
        "MID register",
        "not for billing",
    ]


def test_a_day_takes_less_than_1200_bytes() -> None:
    worst = [Status.METERED, Status.CALCULATED, Status.ESTIMATED] * 32
    energies: list[int | None] = [9999] * 96  # 40 kW all day
    data = FORMS["compact"].write([curve(energies, statuses=worst)], HOW)
    assert len(data) < 1200
    plain = FORMS["compact"].write([curve(energies)], HOW)
    assert len(plain) < 650


def test_a_year_is_written_and_read_in_seconds() -> None:
    year = curve(
        [n % 900 for n in range(35_040)], start=datetime(2026, 1, 1, tzinfo=UTC)
    )
    for form in FORMS.values():
        begun_s = time.process_time()
        assert form.read(form.write([year], HOW)) == (year,)
        assert time.process_time() - begun_s < 10


@pytest.mark.parametrize("name", FORMS)
@given(made=curves())
@settings(deadline=None, max_examples=25)
def test_a_file_that_was_cut_is_refused_or_says_less(
    name: str, made: list[LoadCurve]
) -> None:
    form = FORMS[name]
    data = form.write(made, HOW)
    length = len(data.rstrip())
    for cut in range(0, length, max(1, length // 20)):
        try:
            back = form.read(data[:cut])
        except CurveError:
            continue
        # CSV and the compact form end with any line.
        assert name in {"csv", "compact"}
        assert sum(c.energy_wh for c in back) <= sum(c.energy_wh for c in made)


def test_the_meter_is_named_in_every_form() -> None:
    for name, form in FORMS.items():
        data = form.write([curve([5])], HOW)
        assert METER.encode() in data or name == "parquet"
