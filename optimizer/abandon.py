"""A request that is given up while it is answered: something else is needed first.

Who answers asks `check` between the runs of the solver, and lets branch and bound
`heed` the wish while it runs. Linear runs of a home's plan take milliseconds and are
left to end.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

import highspy

type IsAbandoned = Callable[[], bool]

# Not an argument: it concerns no part of the problem, and would pass through all.
_IS_ABANDONED: Final[ContextVar[IsAbandoned | None]] = ContextVar(
    "is_abandoned", default=None
)


class AbandonedError(Exception):
    """The answer is no longer wanted."""


@contextmanager
def abandonable(is_abandoned: IsAbandoned) -> Iterator[None]:
    """Let what runs inside be given up when ``is_abandoned`` says so."""
    token = _IS_ABANDONED.set(is_abandoned)
    try:
        yield
    finally:
        _IS_ABANDONED.reset(token)


def check() -> None:
    """Raise `AbandonedError` if the answer is no longer wanted."""
    is_abandoned = _IS_ABANDONED.get()
    if is_abandoned is not None and is_abandoned():
        raise AbandonedError


def heed(highs: highspy.Highs) -> None:
    """Let branch and bound in ``highs`` stop early; `check` afterwards."""
    is_abandoned = _IS_ABANDONED.get()
    if is_abandoned is None:
        return

    def interrupt(event: Any) -> None:  # noqa: ANN401 - highspy
        if is_abandoned():
            event.interrupt()

    highs.cbMipInterrupt.subscribe(interrupt)
