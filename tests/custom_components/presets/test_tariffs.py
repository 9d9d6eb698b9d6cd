"""Tariffs by country: every entry fills its form, and the form takes it."""

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
    assert preset.valid_from <= date(2027, 1, 1)
    assert preset.checked.keys() <= {*preset.numbers, "network_per_kwh"}
    for found in preset.checked.values():
        assert found.url.startswith("https://")
        assert found.valid_from <= preset.valid_from
    assert await sheet_refusals(hass, answers) == {}
    if (capacity := answers.get("capacity_preset")) is not None:
        assert CAPACITY_PRESETS[capacity].currency == preset.currency
    form.schema()(form.nested(answers | _asked(method)))


def _asked(method: str) -> dict[str, str]:
    """What only the user can say."""
    if method != "nordpool":
        return {}
    return {"nordpool_entry": "x" * 32, "area": "NL"}


def test_one_that_is_over_is_not_offered() -> None:
    before = {p.tariff_id for p in tariffs_for("NL", date(2026, 12, 31))}
    after = {p.tariff_id for p in tariffs_for("NL", date(2027, 1, 1))}
    assert before - after == {"nl_dynamic_netting", "nl_tibber"}


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


async def test_what_was_compared_with_its_source_says_so(hass: HomeAssistant) -> None:
    """All of it, only what is paid, or not that."""
    assert "These numbers hold from 2026-02-01" in about(hass, TARIFFS["fr_base"])
    paid = about(hass, TARIFFS["nl_fixed"])
    assert "was compared" in paid
    assert "fed in was not" in paid
    assert "not compared" in about(hass, TARIFFS["it_indexed"])


def test_how_many_numbers_were_compared() -> None:
    """As the docs say."""
    numbers = [(p, key) for p in TARIFFS.values() for key in p.numbers]
    compared = [key for preset, key in numbers if key in preset.checked]
    assert (len(numbers), len(compared)) == (94, 35)


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
