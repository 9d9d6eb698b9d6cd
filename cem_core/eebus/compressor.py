"""We as CEM of a heat pump's compressor: its offered run begins when the plan heats.

The use case says what may be written, not when; that is ours: a run begins once the
plan gives the heat pump what the run draws, and pauses once it gives clearly less.

Source: EEBUS UC TS OHPCF 1.0.0, scenarios 1 and 2.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cem_core.eebus.datagram import Address, ErrorNumber
from cem_core.eebus.json_form import Tree
from cem_core.eebus.layout import PEER_FLEXIBILITY
from cem_core.eebus.offer import Offer, Phase, offer
from cem_core.eebus.remote import Remote
from cem_core.eebus.session import Answered, Heard, Out, Session
from cem_core.eebus.values import duration

USE_CASE: Final = "optimizationOfSelfConsumptionByHeatPumpCompressorFlexibility"
SCENARIOS: Final = (1, 2)
FEATURE: Final = "SmartEnergyManagementPs"
FUNCTION: Final = "smartEnergyManagementPsData"
ENTITY: Final = "Compressor"
RETRY_S: Final = 60.0  # after a refusal
BEGINS_AT: Final = 0.8  # of what it draws, as the plan's powers are means
PAUSES_BELOW: Final = 0.5
_SETTLES_S: Final = 300.0  # at least between changes of the plan, say under clouds


@dataclass(frozen=True, slots=True)
class Wish:
    """What the heat pump is given; None: it is left to itself.

    ``limited``: a limit takes it, not only the plan.
    """

    power_w: float | None = None
    limited: bool = False


class Step(StrEnum):
    """What is written of a run."""

    BEGIN = "begin"
    PAUSE = "pause"
    RESUME = "resume"
    ABORT = "abort"


_STATES: Final = {
    Step.PAUSE: "paused",
    Step.RESUME: "running",
    Step.ABORT: "invalid",
}


def next_step(run: Offer, wish: Wish, in_phase_s: float, *, ours: bool) -> Step | None:
    """Return what to do with ``run``, which is in its phase for ``in_phase_s``.

    ``ours``: its last pause was. A run that cannot be paused goes on when the plan
    changes; under a limit it is ended for good.
    """
    given_w = wish.power_w
    enough = given_w is not None and given_w >= BEGINS_AT * run.power_w > 0
    less = given_w is not None and given_w < PAUSES_BELOW * run.power_w
    least_s = 0.0 if wish.limited else _SETTLES_S
    aborted = Step.ABORT if run.stoppable and wish.limited else None
    match run.phase:
        case _ if not run.commanded:
            return None
        case Phase.AVAILABLE if enough:
            return Step.BEGIN
        case Phase.SCHEDULED if less:
            return aborted
        case Phase.RUNNING if less and in_phase_s >= max(run.run_min_s, least_s):
            return Step.PAUSE if run.pausable else aborted
        case Phase.PAUSED if in_phase_s >= max(run.pause_min_s, least_s):
            handed_back = given_w is None and ours
            return Step.RESUME if enough or handed_back else None
        case _:
            return None


class Compressor:
    """What one heat pump offers, and how far it is.

    ``refused`` is why it did not take our last step, None: it took it.
    """

    def __init__(self, session: Session) -> None:
        """Follow the peer of ``session``."""
        self._session = session
        self._server: Address | None = None
        self._bound = False
        self._since_s = 0.0
        self._write: int | None = None
        self._retry_s = -float("inf")
        self._paused_by_us = False
        self._rereads = False
        self.wish = Wish()
        self.offer: Offer | None = None
        self.refused: str | None = None

    @property
    def shown(self) -> tuple[Offer | None, str | None]:
        """What it offers, and why our last step was refused."""
        return self.offer, self.refused

    def discovered(self, found: Remote, now_s: float) -> list[Out]:
        """Begin to follow its compressor, where it has one."""
        servers = [
            feature.address
            for feature in found.servers(FEATURE)
            if found.entities.get(feature.address.entity) == ENTITY
        ]
        server = servers[0] if servers else None
        if server == self._server:
            return []
        self._server, self.offer, self._bound = server, None, False
        if server is None:
            return []
        return [
            *self._session.subscribe(now_s, PEER_FLEXIBILITY, server, FEATURE),
            *self._read(server, now_s),
        ]

    def heard(self, heard: Heard, now_s: float) -> list[Out]:
        """Take what it offers. Raises `EebusError`; what it offered is then gone."""
        if heard.source != self._server or heard.function != FUNCTION:
            return []
        if heard.partial and not self._rereads:
            # What is not listed stays: a whole reading is surer than to merge it.
            self._rereads = True
            return self._read(heard.source, now_s)
        self._rereads = False
        before, self.offer = self.offer, None
        self.offer = offer(heard.data)
        if _key(self.offer) != _key(before):
            self._since_s, self._retry_s = now_s, -float("inf")
        return self.tick(now_s)

    def answered(self, answered: Answered, now_s: float) -> None:
        """Note how our last step was taken."""
        if answered.counter != self._write:
            return
        self._write = None
        if answered.number == ErrorNumber.OK:
            self.refused = None
            return
        self._retry_s = now_s + RETRY_S
        self.refused = answered.description or f"error {answered.number}"

    def give(self, wish: Wish, now_s: float) -> list[Out]:
        """Do from now on what ``wish`` means."""
        self.wish = wish
        return self.tick(now_s)

    def tick(self, now_s: float) -> list[Out]:
        """Take the step that is due, one at a time."""
        run, server = self.offer, self._server
        waits = self._write is not None or now_s < self._retry_s
        if run is None or server is None or waits:
            return []
        in_phase_s = now_s - self._since_s
        step = next_step(run, self.wish, in_phase_s, ours=self._paused_by_us)
        if step is None:
            return []
        # Not before: there is one binding, which may be another energy manager's.
        out = [] if self._bound and self.refused is None else self._bind(server, now_s)
        self._bound = True
        self._write, more = self._session.write(
            now_s, PEER_FLEXIBILITY, server, FUNCTION, written(run, step)
        )
        self._paused_by_us = step is Step.PAUSE
        # Until it says how far it is, which it has to, the step is not repeated.
        self._retry_s = now_s + RETRY_S
        return out + more

    def _bind(self, server: Address, now_s: float) -> list[Out]:
        return self._session.bind(now_s, PEER_FLEXIBILITY, server, FEATURE)

    def _read(self, server: Address, now_s: float) -> list[Out]:
        return self._session.read(now_s, PEER_FLEXIBILITY, server, FUNCTION)


def written(run: Offer, step: Step) -> Tree:
    """Return what is written for ``step``; start times are durations by the schema."""
    sequence: Tree = {"description": {"sequenceId": run.sequence}}
    if step is Step.BEGIN:
        sequence["schedule"] = {"startTime": duration(run.earliest_s)}
    else:
        sequence["state"] = {"state": _STATES[step]}
    return {"alternatives": [{"powerSequence": [sequence]}]}


def _key(run: Offer | None) -> tuple[int, Phase] | None:
    return None if run is None else (run.sequence, run.phase)
