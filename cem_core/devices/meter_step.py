"""Whether the connection point shows the orders to a device that has no meter of its own.

An order should move the power at the connection by a known step within the device's time.
The load of a house moves by itself, so one order proves little: each adds the logarithm
of how much likelier what was measured is with the step than without (Wald, "Sequential
Tests of Statistical Hypotheses", 1945), bounded, because a kettle is no Gaussian noise. The
noise is what the same house did over the same time while nothing was ordered.

What a car draws of what it may is its own choice, so its orders to more only tell for it.
An order to less is judged soon after it was seen to draw, later it may be full.
"""

from collections import deque
from enum import StrEnum
from statistics import median, quantiles
from typing import Final

from cem_core.devices.reaction import LEAST_CHANGE_W, Followed

_MEAN_OVER_S: Final = 10.0
_SETTLES_S: Final = 90.0  # through a cloud it takes a minute
_NOISE_KEPT: Final = 240
_NOISE_NEEDED: Final = 20
_LEAST_NOISE_W: Final = 30.0
_OF_STEP: Final = 0.1  # what a device misses its order by
_TAIL: Final = 1.645  # standard deviations that hold nine of ten
_STANDS_OUT: Final = 3.0  # a smaller step in standard deviations is not judged
_ONE_ORDER: Final = 3.0
_DECIDED: Final = 6.9  # one in a thousand
_MOST: Final = 9.0
_DRAWS_FOR_S: Final = 1800.0
_LEAST_SAMPLES: Final = 2
_KEPT_ORDERS: Final = 20


class Verdict(StrEnum):
    """What several orders tell."""

    SEEN = "seen"
    NOT_SEEN = "not_seen"
    UNSURE = "unsure"


class MeterStep:
    """Watches the orders to one device, monotonic seconds; W positive into it."""

    def __init__(self, *, both_ways: bool) -> None:
        """Start without evidence; ``both_ways`` for a battery."""
        self._both_ways = both_ways
        self._samples: deque[tuple[float, float]] = deque()
        self._noise: deque[float] = deque(maxlen=_NOISE_KEPT)
        self._noted_s = 0.0
        self._ordered_w: int | None = None
        self._order: tuple[float, int, float] | None = None  # when, step, W before
        self._quiet_from_s = 0.0  # no order since
        self._still_from_s = 0.0  # nor what it may still be doing
        self._drew: tuple[float, float] | None = None  # until when told, W
        self._evidence = 0.0
        self._seen: deque[bool] = deque(maxlen=_KEPT_ORDERS)

    @property
    def verdict(self) -> Verdict:
        """What the orders so far tell."""
        if self._evidence >= _DECIDED:
            return Verdict.SEEN
        return Verdict.NOT_SEEN if self._evidence <= -_DECIDED else Verdict.UNSURE

    @property
    def percent(self) -> int | None:
        """The share of the last judged orders that were seen, None: none was judged."""
        if not self._seen:
            return None
        return round(100 * sum(self._seen) / len(self._seen))

    def update(
        self,
        at_s: float,
        ordered_w: int | None,
        rest_w: float | None,
        *,
        disturbed: bool = False,
        settles_s: float | None = None,
    ) -> Followed | None:
        """Take the power at the connection less that of the devices that are measured.

        Return the order that was judged now where it was seen, and when it was.
        ``rest_w``: None while the meter is silent. ``disturbed``: another device was
        just ordered something else, so nothing can be told.
        """
        settle_s = max(_SETTLES_S, settles_s or 0.0)
        if rest_w is None or ordered_w is None:
            self._samples.clear()
            self._order = self._ordered_w = self._drew = None
            return None
        if disturbed or ordered_w != self._ordered_w:
            self._still_from_s = at_s + settle_s
        if disturbed:
            self._order, self._quiet_from_s = None, at_s
        if ordered_w != self._ordered_w:
            self._take(at_s, ordered_w)
        self._samples.append((at_s, rest_w))
        while self._samples[0][0] < at_s - settle_s - 2 * _MEAN_OVER_S:
            self._samples.popleft()
        if self._order is None:
            self._note(at_s, settle_s)
        elif at_s - self._order[0] >= settle_s + _MEAN_OVER_S:
            order, self._order = self._order, None
            return self._judge(at_s, order, ordered_w)
        return None

    def _take(self, at_s: float, ordered_w: int) -> None:
        """Begin to watch an order; one that follows too soon upsets both."""
        before_w, self._ordered_w = self._ordered_w, ordered_w
        quiet = at_s - self._quiet_from_s >= _MEAN_OVER_S
        self._order, self._quiet_from_s = None, at_s
        was_w = self._level(at_s - _MEAN_OVER_S, at_s)
        if before_w is None or was_w is None or not quiet:
            return
        step_w = ordered_w - before_w
        if not self._both_ways and step_w < 0:
            if self._drew is None or at_s > self._drew[0]:
                return
            step_w = round(min(0.0, ordered_w - self._drew[1]))
        if abs(step_w) >= LEAST_CHANGE_W:
            self._order = at_s, step_w, was_w

    def _note(self, at_s: float, settle_s: float) -> None:
        """Learn what the house does by itself in the time that an order takes."""
        lasts_s = settle_s + 2 * _MEAN_OVER_S
        if at_s - max(self._noted_s, self._still_from_s) < lasts_s:
            return
        was_w = self._level(at_s - lasts_s, at_s - lasts_s + _MEAN_OVER_S)
        is_w = self._level(at_s - _MEAN_OVER_S, at_s)
        if was_w is not None and is_w is not None:
            self._noted_s = at_s
            self._noise.append(abs(is_w - was_w))

    def _judge(
        self, at_s: float, order: tuple[float, int, float], ordered_w: int
    ) -> Followed | None:
        begun_s, step_w, was_w = order
        is_w = self._level(at_s - _MEAN_OVER_S, at_s)
        if is_w is None or len(self._noise) < _NOISE_NEEDED:
            return None
        tail_w = quantiles(self._noise, n=10)[-1] / _TAIL
        noise_w = max(tail_w, _LEAST_NOISE_W, _OF_STEP * abs(step_w))
        if abs(step_w) < _STANDS_OUT * noise_w:
            return None
        moved_w = is_w - was_w
        told = (moved_w * step_w - step_w**2 / 2) / noise_w**2
        told = max(-_ONE_ORDER, min(_ONE_ORDER, told))
        if not self._both_ways:
            if step_w > 0:
                if told <= 0:
                    return None  # whether it takes what it may is its own choice
                drawn_w = ordered_w - step_w + min(float(step_w), moved_w)
                self._drew = at_s + _DRAWS_FOR_S, drawn_w
            elif told > 0:
                left = at_s + _DRAWS_FOR_S, float(ordered_w)
                self._drew = left if ordered_w else None
        self._seen.append(told > 0)
        self._evidence = max(-_MOST, min(_MOST, self._evidence + told))
        if told < _ONE_ORDER:
            return None  # not so clear that its time could be told
        from_w = ordered_w - step_w
        return Followed(
            from_w=from_w,
            ordered_w=ordered_w,
            power_w=round(from_w + moved_w),
            after_s=round(self._crossed_s(was_w + moved_w / 2, moved_w) - begun_s, 1),
        )

    def _crossed_s(self, half_w: float, moved_w: float) -> float:
        """Return from when on the power was past ``half_w``."""
        crossed_s = self._samples[-1][0]
        for at_s, power_w in reversed(self._samples):
            if (power_w - half_w) * moved_w < 0:
                break
            crossed_s = at_s
        return crossed_s

    def _level(self, from_s: float, to_s: float) -> float | None:
        found = [w for at_s, w in self._samples if from_s <= at_s <= to_s]
        return median(found) if len(found) >= _LEAST_SAMPLES else None
