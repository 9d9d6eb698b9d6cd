"""A device that is asked for good is lost once it is gone, or has failed for long."""

import pytest

from custom_components.cem.following import ask_for_good


class DoneError(Exception):
    """The device has said all that it was to say."""


@pytest.mark.parametrize(
    ("answers", "lost"),
    [
        (["", "", "odd"], []),
        (["odd", "odd", "", "odd", "odd"], []),  # good answers in between
        (["odd", "odd", "worse"], ["worse"]),
        (["odd", "odd", "", "odd", "odd", "worse", "worse"], ["worse", "worse"]),
        (["", "gone", ""], ["gone"]),
    ],
)
async def test_what_is_lost(answers: list[str], lost: list[str]) -> None:
    said: list[str] = []
    left = iter(answers)
    paused = 0

    async def poll() -> None:
        answer = next(left, None)
        if answer is None:
            raise DoneError
        if answer == "gone":
            raise ConnectionError(answer)
        if answer:
            raise OSError(answer)

    async def pause() -> None:
        nonlocal paused
        paused += 1

    with pytest.raises(DoneError):
        await ask_for_good(
            poll, pause, said.append, failures=(OSError,), gone=ConnectionError
        )
    assert said == lost
    assert paused == len(answers)


async def test_what_says_nothing_had_no_answer_in_time() -> None:
    said: list[str] = []

    async def poll() -> None:
        raise DoneError if said else TimeoutError

    async def pause() -> None:
        return None

    with pytest.raises(DoneError):
        await ask_for_good(
            poll, pause, said.append, failures=(TimeoutError,), gone=ConnectionError
        )
    assert said == ["no answer in time"]
