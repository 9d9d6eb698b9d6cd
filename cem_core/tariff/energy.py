"""From a market price to what a consumer pays or is paid for one kWh."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class EnergyPrice:
    """A contract's formula: (spot x factor + surcharge + tax) x (1 + VAT).

    An export price is the same formula with a negative surcharge (the
    supplier's margin), no tax and, for a household, no VAT.
    """

    factor: float = 1.0
    surcharge_per_kwh: float = 0.0
    tax_per_kwh: float = 0.0
    vat_share: float = 0.0

    def per_kwh(self, spot_per_kwh: float) -> float:
        """Return the price at a spot price, both in currency per kWh."""
        before_vat = (
            spot_per_kwh * self.factor + self.surcharge_per_kwh + self.tax_per_kwh
        )
        return before_vat * (1 + self.vat_share)
