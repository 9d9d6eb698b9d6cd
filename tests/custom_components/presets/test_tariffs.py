"""Tariffs by country: every entry fills its form, and the form takes it."""

from dataclasses import replace
from datetime import date

from homeassistant.core import HomeAssistant
import pytest

from cem_core.tariff.calendar_presets import CALENDAR_PRESETS
from cem_core.tariff.capacity_presets import CAPACITY_PRESETS
from custom_components.cem.forms.price_sheet import prices_of, sheet_refusals
from custom_components.cem.forms.tariff import METHODS
from custom_components.cem.forms.tariff_preset import about, answers_with
from custom_components.cem.presets.price_sources import PriceSource
from custom_components.cem.presets.tariffs import TARIFFS, Basis, tariffs_for

COUNTRIES = {"NL", "BE", "DE", "FR", "NO", "SE", "ES", "IT", "AT", "LU", "GB"}
TIBBER = PriceSource(method="tibber", title="Tibber", answers={"tibber_entry": "x"})


def test_every_country_has_tariffs() -> None:
    assert {preset.country for preset in TARIFFS.values()} == COUNTRIES


@pytest.mark.parametrize("tariff_id", TARIFFS)
async def test_every_entry_fills_fields_of_its_form(
    hass: HomeAssistant, tariff_id: str
) -> None:
    preset = TARIFFS[tariff_id]
    method, answers = answers_with(preset, None)
    form = METHODS[method]
    assert answers.keys() <= {field.key for field in form.fields}
    assert preset.source
    assert preset.valid_from <= date(2027, 4, 1)
    for found in preset.checked.values():
        assert found.url.startswith("https://")
        assert found.valid_from is None or found.valid_from <= preset.valid_from
        assert found.read <= date(2026, 11, 26)
    assert await sheet_refusals(hass, answers) == {}
    if (capacity := answers.get("capacity_preset")) is not None:
        assert CAPACITY_PRESETS[capacity].currency == preset.currency
    form.schema()(form.nested(answers | _asked(method)))


@pytest.mark.parametrize("tariff_id", TARIFFS)
def test_each_number_has_a_source_or_is_marked(tariff_id: str) -> None:
    """One or the other, and never both; so has the grid's part for Tibber."""
    preset = TARIFFS[tariff_id]
    needed = {*preset.numbers}
    if preset.network_per_kwh:
        needed.add("network_per_kwh")
    assert preset.checked.keys() | {*preset.unconfirmed} == needed
    assert not preset.checked.keys() & {*preset.unconfirmed}


def _asked(method: str) -> dict[str, str]:
    """What only the user can say."""
    if method != "nordpool":
        return {}
    return {"nordpool_entry": "x" * 32, "area": "NL"}


def test_one_that_is_over_is_not_offered() -> None:
    before = {p.tariff_id for p in tariffs_for("NL", date(2026, 12, 31))}
    after = {p.tariff_id for p in tariffs_for("NL", date(2027, 1, 1))}
    assert before - after == {"nl_dynamic_netting", "nl_tibber", "nl_fixed_netting"}


def test_british_vat_comes_back_in_april_2027() -> None:
    march, april = TARIFFS["gb_agile"], TARIFFS["gb_agile_vat"]
    assert march.valid_until == date(2027, 3, 31)
    assert april.valid_from == date(2027, 4, 1)
    factor = march.answers["price_factor"] * 1.05
    assert april.answers["price_factor"] == pytest.approx(factor)
    evening = [
        prices_of(preset.answers["period_prices"])["evening"]
        for preset in (march, april)
    ]
    assert evening[1] == pytest.approx(evening[0] * 1.05)


def test_a_country_without_tariffs_is_offered_all() -> None:
    assert {p.country for p in tariffs_for("PT", date(2026, 11, 26))} == COUNTRIES
    assert {p.country for p in tariffs_for(None, date(2026, 11, 26))} == COUNTRIES


def test_tibber_tells_taxes_itself() -> None:
    method, answers = answers_with(TARIFFS["no_elvia_spot"], TIBBER)
    assert method == "tibber"
    assert answers["price_factor"] == 1.0
    assert answers["price_addition"] == 0.39  # the grid's part alone
    assert answers["tibber_entry"] == "x"
    assert TARIFFS["no_elvia_spot"].basis is Basis.MARKET


def test_a_fixed_tariff_asks_no_source() -> None:
    method, answers = answers_with(TARIFFS["nl_fixed"], TIBBER)
    assert method == "fixed"
    assert "tibber_entry" not in answers


async def test_the_form_says_which_numbers_are_not_confirmed(
    hass: HomeAssistant,
) -> None:
    """None of them, some by name and value, or all."""

    def said(tariff_id: str, source: PriceSource | None = None) -> str:
        preset = TARIFFS[tariff_id]
        return about(hass, preset, answers_with(preset, source)[1])

    assert "These numbers hold from 2026-02-01" in said("fr_base")
    paid = said("es_three_periods")
    assert "check this with your bill: what a kWh fed in brings (0.06)" in paid
    assert "The other numbers were compared" in paid
    several = said("nl_dynamic")
    assert "multiplied by for a kWh fed in (1.0); what is" in several
    assert "None of these numbers is confirmed" in said("it_f1_f2_f3")
    # Tibber's own price stands in for the addition that no page confirms.
    assert "added to the market price (0.1357); what" in said("nl_tibber")
    assert "added to the market price (0.1357); what" not in said("nl_tibber", TIBBER)


@pytest.mark.parametrize(
    "key", sorted({k for p in TARIFFS.values() for k in p.numbers})
)
async def test_each_number_can_be_named(hass: HomeAssistant, key: str) -> None:
    preset = next(p for p in TARIFFS.values() if key in p.numbers)
    doubtful = replace(preset, unconfirmed=(key,), checked={})
    sentence = about(hass, doubtful, doubtful.answers)
    assert f"({preset.answers[key]})" in sentence


def test_how_many_numbers_were_compared() -> None:
    """As the docs say."""
    numbers = [(p, key) for p in TARIFFS.values() for key in p.numbers]
    compared = [key for preset, key in numbers if key in preset.checked]
    assert (len(numbers), len(compared)) == (102, 82)


def test_prices_are_read_by_period() -> None:
    assert prices_of("P1 0.24, P2=0.18; off peak -0.1") == {
        "P1": 0.24,
        "P2": 0.18,
        "off peak": -0.1,
    }


@pytest.mark.parametrize("written", ["", "0.24", "P1", "P1 a", "P1 0.2,,"])
def test_what_is_no_price_sheet_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="is no period"):
        prices_of(written)


async def test_a_price_sheet_needs_each_period(hass: HomeAssistant) -> None:
    def refusal(**answers: str) -> dict[str, str]:
        return dict(answers)

    calendar = "italy_f1_f2_f3"
    assert calendar in CALENDAR_PRESETS
    assert await sheet_refusals(hass, refusal(calendar=calendar)) == {
        "base": "calendar_and_prices"
    }
    assert await sheet_refusals(
        hass, refusal(calendar=calendar, period_prices="F1 0.3, F2 0.2")
    ) == {"period_prices": "prices_incomplete"}
    assert await sheet_refusals(
        hass, refusal(calendar=calendar, period_prices="F1")
    ) == {"period_prices": "prices_unreadable"}
