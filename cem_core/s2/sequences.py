"""What a power sequence of PPBC draws, piece by piece."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from s2python.ppbc import PPBCPowerSequence, PPBCPowerSequenceContainer

from cem_core.s2.power import expected_w

_BEGIN: Final = timedelta(minutes=15)  # of a sequence, by which an order means it


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of a run: for how long it draws how much."""

    lasts: timedelta
    power_w: float


def usual(container: PPBCPowerSequenceContainer) -> list[PPBCPowerSequence]:
    """Return those that need no abnormal condition, all where each needs one."""
    sequences = container.power_sequences
    return [s for s in sequences if not s.abnormal_condition_only] or sequences


def pieces(sequences: Iterable[PPBCPowerSequence]) -> tuple[Piece, ...]:
    """Return what ``sequences`` draw one after the other."""
    return tuple(
        Piece(element.duration.to_timedelta(), expected_w(element.power_values))
        for sequence in sequences
        for element in sequence.elements
    )


def length(found: Iterable[Piece]) -> timedelta:
    """Return how long pieces last in all."""
    return sum((piece.lasts for piece in found), timedelta())


def lasts(sequence: PPBCPowerSequence) -> timedelta:
    """Return how long a sequence lasts without a pause."""
    return length(pieces([sequence]))


def longest_pause(sequence: PPBCPowerSequence) -> timedelta:
    """Return how long it may be paused before ``sequence``: not, where it is unsaid."""
    said = sequence.max_pause_before
    return timedelta() if said is None else timedelta(milliseconds=said.root)


def peak_w(sequence: PPBCPowerSequence) -> float:
    """Return the most that a sequence draws."""
    return max((piece.power_w for piece in pieces([sequence])), default=0.0)


def begins_w(sequence: PPBCPowerSequence) -> float:
    """Return its mean power at first, as a step of a plan has it."""
    left, drawn = _BEGIN, 0.0
    for piece in pieces([sequence]):
        part = min(left, piece.lasts)
        drawn, left = drawn + piece.power_w * (part / _BEGIN), left - part
    lasted = _BEGIN - left
    return drawn * (_BEGIN / lasted) if lasted else 0.0


def after(found: Iterable[Piece], elapsed: timedelta) -> list[Piece]:
    """Return what is left of pieces when ``elapsed`` of them is over."""
    left = []
    for piece in found:
        over = min(elapsed, piece.lasts)
        elapsed -= over
        if over < piece.lasts:
            left.append(Piece(piece.lasts - over, piece.power_w))
    return left


def stepped(found: Sequence[Piece], step: timedelta) -> list[float]:
    """Return the mean power of each step, the last one filled up with nothing."""
    energy: list[float] = []
    place = timedelta()
    for piece in found:
        left = piece.lasts
        while left > timedelta():
            index, within = divmod(place, step)
            energy += [0.0] * (index + 1 - len(energy))
            part = min(left, step - within)
            energy[index] += piece.power_w * (part / step)
            place, left = place + part, left - part
    return energy
