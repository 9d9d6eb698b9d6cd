"""What the central system does with a station, whatever version it speaks."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol

from cem_core.ocpp.admission import Cards
from cem_core.ocpp.profile import Allowance, Wiring
from cem_core.ocpp.station import Station

ANSWERS_WITHIN_S: Final = 10.0
HEARTBEAT_S: Final = 60
SAMPLE_S: Final = 10
"""How often a connector that charges is to measure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StationSettings:
    """How a station is to be treated.

    ``fallback_w`` is what each connector keeps to when it hears no more of us; a profile
    lasts ``profile_lasts`` and is renewed in half of that.
    """

    wiring: Wiring = Wiring()  # noqa: RUF009 - it cannot change
    fallback_w: float | None = 4140.0
    profile_lasts: timedelta = timedelta(minutes=10)
    starts_itself: bool = True
    """Whether a car that is plugged in charges without a card."""
    watches_only: bool = False
    """Whether it is told nothing: no profile, no setting."""
    several: bool = False
    """Whether more than one of its connectors is commanded."""

    def lasting_at(self, connector: int) -> int:
        """Return where the profile that stays belongs; 0: to the whole station.

        OCPP 2.0.1, K01: a default for all and one for a connector must not meet in
        one stack level; so there is one for all, or one for each.
        """
        return connector if self.several else 0


type Changed = Callable[[str], None]


class StationLink(Protocol):
    """A station that is connected; every call raises StationRefusedError or -GoneError."""

    station: Station
    cards: Cards

    async def serve(self) -> None:
        """Answer the station until its connection ends."""

    async def prepare(self) -> None:
        """Learn what it can, have it measure often, and keep the cards if it can."""

    async def allow(self, connector: int, allowance: Allowance) -> None:
        """Give a connector a short profile, over one that it keeps to without us."""

    async def free(self, connector: int) -> None:
        """Let a connector do as it did before."""

    async def start(self, connector: int, id_tag: str) -> None:
        """Start a transaction."""

    async def end(self, connector: int) -> None:
        """End the transaction of a connector."""

    async def keep_cards(self) -> None:
        """Have the station keep the list of cards, for when we are away."""
