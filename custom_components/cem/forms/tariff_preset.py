"""Pick a tariff by country: what is offered, and the answers that it fills in."""

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

_OF_EXPORTS: Final = ("export_price", "export_factor", "export_addition")
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


def about(hass: HomeAssistant, preset: TariffPreset) -> str:
    """Return the sentences that say where a preset's numbers come from."""
    valid_from = preset.valid_from.isoformat()
    unchecked = preset.unchecked
    if not unchecked:
        message = Message.of(
            "tariff_from_source", source=preset.source, valid_from=valid_from
        )
    elif all(key in _OF_EXPORTS for key in unchecked):
        message = Message.of(
            "tariff_imports_checked", source=preset.source, valid_from=valid_from
        )
    else:
        message = Message.of(
            "tariff_from_memory", source=preset.source, valid_from=valid_from
        )
    return renderer(hass).text(message)
