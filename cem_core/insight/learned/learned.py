"""What was learned of a part of the home, how well it predicts, and as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from cem_core.insight.learned.bounds import Between, bounded, bounds

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

type Json = dict[str, Any]


class LearnedError(ValueError):
    """A document that is no learned model, or one outside its bounds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned[P]:
    """Parameters with the error they make on samples they were not fitted to.

    ``error`` and ``prior_error`` (of the start values, on the same samples) have
    the unit in the name of each entry; both are empty where nothing could be
    judged. ``samples`` were used, ``left_out`` were not: away, missing or
    implausible. ``kept_prior`` says why the start values still hold.
    """

    parameters: P
    error: Mapping[str, float]
    prior_error: Mapping[str, float]
    samples: int
    left_out: int
    kept_prior: str | None = None


def unlearned[P](prior: P, why: str, *, samples: int, left_out: int) -> Learned[P]:
    """Return the start values, with the reason."""
    return Learned(
        parameters=prior,
        error={},
        prior_error={},
        samples=samples,
        left_out=left_out,
        kept_prior=why,
    )


def judged[P](
    prior: P,
    fitted: P,
    *,
    error: Mapping[str, float],
    prior_error: Mapping[str, float],
    samples: int,
    left_out: int,
) -> Learned[P]:
    """Return ``fitted`` where it predicts better than ``prior``, else that.

    With several errors the mean of their ratios decides.
    """
    ratios = [
        error[name] / prior_error[name] if prior_error[name] > 0 else 1.0
        for name in error
    ]
    better = bool(ratios) and float(np.mean(ratios)) < 1
    return Learned(
        parameters=fitted if better else prior,
        error=error if better else prior_error,
        prior_error=prior_error,
        samples=samples,
        left_out=left_out,
        kept_prior=None if better else "the start values predict no worse",
    )


def learned_to_json(learned: Learned[DataclassInstance]) -> Json:
    """Return ``learned`` as a JSON object; tables are lists."""
    parameters = learned.parameters
    return {
        "parameters": {
            field.name: np.asarray(getattr(parameters, field.name)).tolist()
            for field in fields(parameters)
        },
        "error": dict(learned.error),
        "prior_error": dict(learned.prior_error),
        "samples": learned.samples,
        "left_out": learned.left_out,
        "kept_prior": learned.kept_prior,
    }


def learned_from_json[P: DataclassInstance](
    kind: type[P], document: object
) -> Learned[P]:
    """Return what `learned_to_json` wrote, perhaps edited since.

    Raises `LearnedError`, in one line, for a field that is missing, unknown, of
    the wrong form or outside its bounds.
    """
    named = _object(document, "the document")
    given = _object(named.get("parameters"), "parameters")
    known = bounds(kind)
    for name in (*given, *known):
        if name not in known:
            raise LearnedError(f"parameters.{name}: unknown; known are {[*known]}")
        if name not in given:
            raise LearnedError(
                f"parameters.{name}: missing; it is {_wanted(known[name])}"
            )
    for name, between in known.items():
        _check(given[name], between, between.shape, f"parameters.{name}")
    reason = named.get("kept_prior")
    if reason is not None and not isinstance(reason, str):
        raise LearnedError("kept_prior: has to be a text or null")
    return Learned(
        parameters=bounded(kind, given),
        error=_errors(named, "error"),
        prior_error=_errors(named, "prior_error"),
        samples=_count(named, "samples"),
        left_out=_count(named, "left_out"),
        kept_prior=reason,
    )


def _object(value: object, place: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise LearnedError(f"{place}: has to be an object with names")
    return value


def _check(value: object, between: Between, shape: tuple[int, ...], place: str) -> None:
    if shape:
        if not isinstance(value, list) or len(value) != shape[0]:
            raise LearnedError(f"{place}: has to be a list of {shape[0]}")
        for index, entry in enumerate(value):
            _check(entry, between, shape[1:], f"{place}[{index}]")
    elif not _number(value, between.low, between.high):
        raise LearnedError(f"{place}: {value!r} is not {_wanted(between)}")


def _wanted(between: Between) -> str:
    return f"a number from {between.low:g} to {between.high:g}"


def _number(value: object, low: float, high: float) -> bool:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and isfinite(value)
        and low <= value <= high
    )


def _errors(document: Mapping[str, object], place: str) -> dict[str, float]:
    errors: dict[str, float] = {}
    for name, error in _object(document.get(place), place).items():
        if not isinstance(error, int | float) or not _number(error, 0, float("inf")):
            raise LearnedError(f"{place}.{name}: {error!r} is not a number above 0")
        errors[name] = float(error)
    return errors


def _count(document: Mapping[str, object], place: str) -> int:
    value = document.get(place)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise LearnedError(f"{place}: {value!r} is not a count")
    return value
