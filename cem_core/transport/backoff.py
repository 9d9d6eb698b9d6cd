"""How long to wait before the next attempt."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
import itertools
import random


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """Delays that grow up to ``most_s``.

    Each is shortened by a random share of up to ``jitter``, so that many homes
    do not return in step after their gateway or network restarts.
    """

    first_s: float = 0.5
    factor: float = 2.0
    most_s: float = 30.0
    jitter: float = 0.3

    def delays(self, rand: Callable[[], float] = random.random) -> Iterator[float]:
        """Yield the delays in seconds, for ever."""
        delay = self.first_s
        for _ in itertools.count():
            yield delay * (1 - self.jitter * rand())
            delay = min(delay * self.factor, self.most_s)
