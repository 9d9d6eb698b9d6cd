"""`flexibility` of HOME.yaml: what is sold to a grid operator or an aggregator."""

from dataclasses import dataclass
from datetime import datetime

from cem_core.tariff import Deviation, FlexibilityPrice
from optimizer.fields import described


@dataclass(frozen=True, slots=True, kw_only=True)
class Activation:
    """A payment for net power below or above a baseline in a window."""

    id: str = described("name of the activation")
    direction: Deviation = described("less import than the baseline, or more")
    start: datetime = described("from")
    end: datetime = described("until")
    baseline_series: str = described(
        "column with import less export in kW that it is measured from"
    )
    power_kw: float = described("most that is paid", above=0)
    price_per_kwh: float = described("currency per kWh delivered", 0.0, minimum=0)
    penalty_per_kwh: float = described(
        "currency per kWh that lacks of power_kw", 0.0, minimum=0
    )

    @property
    def price(self) -> FlexibilityPrice:
        """What the engine settles by."""
        return FlexibilityPrice(
            power_kw=self.power_kw,
            price_per_kwh=self.price_per_kwh,
            penalty_per_kwh=self.penalty_per_kwh,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """A payment for power that is held back in a window and may be called."""

    id: str = described("name of the reservation")
    direction: Deviation = described("less import than planned, or more")
    start: datetime = described("from")
    end: datetime = described("until")
    power_kw: float = described("what is sold", above=0)
    hold_minutes: int = described(
        "how long a call may last", 15, minimum=1, maximum=1440
    )
    devices: tuple[str, ...] = described(
        "batteries and curtailable solar that deliver; absent: all that can", ()
    )
    price_per_kw_hour: float = described(
        "currency per kW held and hour", 0.0, minimum=0
    )
    penalty_per_kw_hour: float = described(
        "currency per kW and hour that lacks of power_kw", 0.0, minimum=0
    )

    @property
    def price(self) -> FlexibilityPrice:
        """What the engine settles by."""
        return FlexibilityPrice(
            power_kw=self.power_kw,
            price_per_kwh=self.price_per_kw_hour,
            penalty_per_kwh=self.penalty_per_kw_hour,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Flexibility:
    """What others pay for; windows of one direction do not overlap."""

    activations: tuple[Activation, ...] = described("deviations that are paid", ())
    reservations: tuple[Reservation, ...] = described("power that is held back", ())
