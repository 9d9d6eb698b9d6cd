"""Tariffs by country."""

from collections.abc import Mapping
from typing import Final

TARIFFS: Final[Mapping[str, str]] = {
    "tariff_from_source": "{source}. These numbers hold from {valid_from}.",
    "tariff_partly_confirmed": (
        "Not confirmed by any page, so check this with your bill: {numbers}. The other"
        " numbers were compared with their source and hold from {valid_from}"
        " ({source})."
    ),
    "tariff_unconfirmed": (
        "None of these numbers is confirmed by a page: check them with your bill. They"
        " are meant to hold from {valid_from} ({source})."
    ),
    "tariff_numbers": "{first}; {rest}",
    "tariff_price_factor": "what the market price is multiplied by ({value})",
    "tariff_price_addition": "what is added to the market price ({value})",
    "tariff_import_price": "the price of a kWh ({value})",
    "tariff_period_prices": "the prices of the periods ({value})",
    "tariff_export_price": "what a kWh fed in brings ({value})",
    "tariff_export_factor": (
        "what the market price is multiplied by for a kWh fed in ({value})"
    ),
    "tariff_export_addition": (
        "what is added to the market price for a kWh fed in ({value})"
    ),
}
