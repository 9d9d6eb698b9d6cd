"""What both versions of OCPP have in common on the central system's side."""

from abc import ABC, abstractmethod
import asyncio
from collections.abc import Coroutine
import itertools
import logging
import time
from typing import Any, Final

from ocpp.exceptions import OCPPError

from cem_core.ocpp.admission import Admission, Cards
from cem_core.ocpp.error import StationGoneError, StationRefusedError
from cem_core.ocpp.station import Station
from cem_core.transport.ocpp_link import StationSocket, now
from cem_core.transport.ocpp_station import ANSWERS_WITHIN_S, Changed, StationSettings

_LOGGER = logging.getLogger(__name__)
_WIRE = logging.getLogger(f"{__name__}.wire")
_WIRE.setLevel(logging.WARNING)  # the package tells each message as information

ACCEPTED: Final = "Accepted"
OWN_TAG: Final = "CEM"
"""The identifier of what we start ourselves."""


class LinkBase(ABC):
    """Reads, and asks; to be put before a `ChargePoint` of the package ocpp."""

    _connection: StationSocket

    def __init__(
        self,
        station: Station,
        socket: StationSocket,
        settings: StationSettings,
        cards: Cards,
        changed: Changed,
    ) -> None:
        """Answer ``station`` over ``socket``."""
        super().__init__(station.id, socket, ANSWERS_WITHIN_S, _WIRE)  # type: ignore[call-arg] # of the ChargePoint
        self.station = station
        self.cards = cards
        self.settings = settings
        self.wiring = settings.wiring
        self.bound: set[int] = set()  # which connectors have a profile that stays
        # Unique over restarts, as long as there is no session a second.
        self.numbers = itertools.count(int(time.time()))
        self._changed = changed
        self._tasks: set[asyncio.Task[None]] = set()

    async def serve(self) -> None:
        """Answer the station until its connection ends."""
        try:
            while True:
                text = await self._connection.recv()
                self.station.heard_at = now()
                await self.route_message(text)  # type: ignore[attr-defined] # of the ChargePoint
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def changed(self) -> None:
        """Tell that something of the station is new."""
        self._changed(self.station.id)

    def admit(self, id_tag: str) -> Admission:
        """Return whether an identifier may charge now."""
        if id_tag == OWN_TAG and self.settings.starts_itself:
            return Admission.ACCEPTED
        return self.cards.admit(id_tag, now())

    async def start_by_itself(self, connector: int) -> None:
        """Start a transaction for a car that was plugged in."""
        idle = self.station.connector(connector).transaction is None
        if idle and not self.settings.watches_only:
            await self.start(connector, OWN_TAG)

    @abstractmethod
    async def start(self, connector: int, id_tag: str) -> None:
        """Start a transaction."""

    def take_status(self, status: str) -> None:
        """Keep what the station says to a profile. Raises StationRefusedError."""
        self.station.refused = "" if status == ACCEPTED else status
        if status != ACCEPTED:
            raise StationRefusedError(f"the station says {status} to a profile")

    async def asked(self, payload: object) -> Any:  # noqa: ANN401 - the package has no types
        """Return the answer to a call. Raises StationRefusedError without one."""
        try:
            return await self.call(payload, suppress=False)  # type: ignore[attr-defined] # of the ChargePoint
        except TimeoutError as error:
            raise StationRefusedError("the station did not answer in time") from error
        except OCPPError as error:
            raise StationRefusedError(f"the station answers: {error}") from error

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Do ``work`` beside reading, which a call of ours waits for."""
        task = asyncio.get_running_loop().create_task(self._quietly(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _quietly(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except (StationRefusedError, StationGoneError) as error:
            self.station.refused = str(error)
            _LOGGER.warning("Charging station %s: %s", self.station.id, error)
        self.changed()


def accepted(status: object, what: str) -> None:
    """Check the status of an answer. Raises StationRefusedError."""
    if str(status) != ACCEPTED:
        raise StationRefusedError(f"the station says {status} when told {what}")
