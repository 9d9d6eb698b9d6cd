"""Pick a tariff by country: what is offered, and the answers that it fills in."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
from homeassistant.util import dt as dt_util

from cem_core.model import Message
from custom_components.cem.forms.field import Field
from custom_components.cem.language import renderer
from custom_components.cem.presets.price_sources import PriceSource, price_sources
from custom_components.cem.presets.tariffs import Basis, TariffPreset, tariffs_for

_WITHOUT_MARKET: Final = {Basis.CALENDAR: "time_of_use", Basis.FIXED: "fixed"}


def offered_tariffs(hass: HomeAssistant, *, required: bool = True) -> Field:
    """Return the field with the country's tariffs, of all where it has none here."""
    offered = tariffs_for(hass.config.country, dt_util.now().date())
    options = [
        SelectOptionDict(value=preset.tariff_id, label=preset.label)
        for preset in offered
    ]
    config = SelectSelectorConfig(options=options, mode=SelectSelectorMode.DROPDOWN)
    return Field(
        key="tariff_preset", selector=SelectSelector(config), required=required
    )


def best_source(hass: HomeAssistant) -> PriceSource | None:
    """Return the integration that tells market prices here, None: there is none."""
    return next(iter(price_sources(hass)), None)


def answers_with(
    preset: TariffPreset, source: PriceSource | None
) -> tuple[str, dict[str, Any]]:
    """Return the method of a tariff and its answers, prices coming from ``source``.

    Without a source a market tariff is filled in for Nord Pool, whose integration is
    asked for in the form.
    """
    if preset.basis is not Basis.MARKET:
        return _WITHOUT_MARKET[preset.basis], dict(preset.answers)
    if source is None:
        return "nordpool", preset.answers_by("nordpool")
    return source.method, preset.answers_by(source.method) | dict(source.answers)


def about(hass: HomeAssistant, preset: TariffPreset, answers: Mapping[str, Any]) -> str:
    """Return the sentences that say where the numbers come from that are filled in.

    Of ``answers`` those that are the preset's own; the others are told by a source.
    """
    doubtful = [
        key for key in preset.unconfirmed if answers.get(key) == preset.answers[key]
    ]
    source, valid_from = preset.source, preset.valid_from.isoformat()
    if not doubtful:
        message = Message.of("tariff_from_source", source=source, valid_from=valid_from)
    elif len(doubtful) == len(preset.numbers):
        message = Message.of("tariff_unconfirmed", source=source, valid_from=valid_from)
    else:
        message = Message.of(
            "tariff_partly_confirmed",
            numbers=_listed([_named(key, preset.answers[key]) for key in doubtful]),
            source=source,
            valid_from=valid_from,
        )
    return renderer(hass).text(message)


def _listed(numbers: list[Message]) -> Message:
    first, *rest = numbers
    return (
        Message.of("tariff_numbers", first=first, rest=_listed(rest)) if rest else first
    )


def _named(key: str, value: float | str) -> Message:  # noqa: PLR0911 - one a field
    match key:
        case "price_factor":
            return Message.of("tariff_price_factor", value=value)
        case "price_addition":
            return Message.of("tariff_price_addition", value=value)
        case "import_price":
            return Message.of("tariff_import_price", value=value)
        case "period_prices":
            return Message.of("tariff_period_prices", value=value)
        case "export_factor":
            return Message.of("tariff_export_factor", value=value)
        case "export_addition":
            return Message.of("tariff_export_addition", value=value)
        case _:
            return Message.of("tariff_export_price", value=value)
