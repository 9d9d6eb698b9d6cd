"""Which settings of a port are tried, in which order, and when one has had its chance.

Pure: `auto` does the listening.
"""

from dataclasses import dataclass, field
from typing import Final

from cem_core.meter.line_judge import Grade, Verdict
from cem_core.transport.port_settings import Parity, PortSettings

TRIALS: Final = (
    PortSettings(115_200),  # P1 since DSMR 4, HAN ports with P1 text
    PortSettings(9600),  # SML; leads to 7E1 where it hears that
    PortSettings(2400, 8, Parity.EVEN),  # DLMS: Kamstrup, Kaifa; M-Bus
    PortSettings(2400),  # DLMS: Aidon
    PortSettings(1200, 7, Parity.EVEN),  # TIC historique
    PortSettings(9600, 7, Parity.EVEN),  # P1 until DSMR 3, TIC standard
    PortSettings(9600, 8, Parity.EVEN),  # M-Bus: Landis+Gyr
    PortSettings(2400, 7, Parity.EVEN),  # IEC 62056-21, mode D
)
"""The settings that meters use, the commonest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How long to listen, in seconds.

    No byte for ``pause_s`` ends a telegram: more than an adapter holds bytes back.
    ``silent_s`` is longer than the pause of any meter that pushes for a home. Within
    ``answer_s`` an optical head answers: the 1.5 s of IEC 62056-21, 6.3.14, and what an
    adapter holds back.
    """

    pause_s: float = 0.3
    silent_s: float = 12.0
    noise_s: float = 2.5
    promising_s: float = 25.0
    answer_s: float = 2.5


@dataclass(slots=True)
class Listening:
    """How one setting is getting on; times are seconds since it was set."""

    pace: Pace
    first_s: float | None = None
    last_s: float = 0.0
    whole: bool = False
    """Whether a burst has been heard from its beginning to its end."""

    def heard(self, at_s: float) -> None:
        """Take note of bytes."""
        if self.first_s is None:
            self.first_s = at_s
        self.last_s = at_s

    def paused(self, at_s: float) -> None:
        """Take note of a pause.

        What came right at the beginning may be the end of a telegram only: another
        one is waited for then.
        """
        if self.first_s is None:
            return
        if self.first_s >= self.pace.pause_s:
            self.whole = True
        else:
            self.first_s = at_s

    def is_over(self, grade: Grade, at_s: float) -> bool:
        """Tell whether another setting should be tried, or this one kept."""
        if self.first_s is None or at_s - self.last_s >= self.pace.silent_s:
            return at_s >= self.pace.silent_s
        match grade:
            case Grade.TEXT | Grade.BINARY:
                return at_s >= self.pace.promising_s
            case Grade.SILENT | Grade.NOISE:
                return self.whole or at_s - self.first_s >= self.pace.noise_s
            case _:
                return True


@dataclass(slots=True)
class Search:
    """A round of all ``trials``: which one is next, and what was seen."""

    trials: tuple[PortSettings, ...] = TRIALS
    seen: list[tuple[PortSettings, Verdict]] = field(default_factory=list)

    def next(self) -> PortSettings | None:
        """Return what to try now, or None at the end.

        Who hears nothing at one speed hears nothing at any; text whose check bits
        are still in it says itself how it has to be read.
        """
        tried = [settings for settings, _ in self.seen]
        if self.seen:
            settings, verdict = self.seen[-1]
            if len(tried) == 1 and verdict.grade is Grade.SILENT:
                return None
            better = PortSettings(settings.baud, 7, Parity.EVEN)
            if verdict.grade is Grade.CHECK_BITS and better not in tried:
                return better
        return next((trial for trial in self.trials if trial not in tried), None)

    def words(self) -> str:
        """Return in words what was seen in the whole round."""
        settings, best = max(self.seen, key=lambda seen: seen[1].grade)
        if best.grade is Grade.SILENT:
            return "silent: no bytes at any speed"
        return f"no telegram at any speed; at {settings}: {best.words}"
