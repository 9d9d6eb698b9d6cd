"""What people call a limit: who ordered it, not the id it goes by."""

from collections.abc import Iterable, Mapping

from cem_core.model import Direction, LimitSource, PowerLimit, Scope
from custom_components.cem.const import AUTOMATION

_OVER = {
    Scope.CONNECTION: "at the grid connection",
    Scope.CONTROLLABLE: "of the controllable devices",
}
_FLOW = {Direction.IMPORT: "import", Direction.EXPORT: "export"}


def limit_names(limits: Iterable[PowerLimit]) -> Mapping[str, str]:
    """Return by id what fits after "the limit" or "Limit"; each is unique."""
    names: dict[str, str] = {}
    for limit in limits:
        called = _of_source(limit)
        if limit.source is not LimitSource.ORDER:
            called += f" for {_FLOW[limit.direction]}"
        name, number = called, 1
        while name in names.values():
            number += 1
            name = f"{called} ({number})"
        names[limit.limit_id] = name
    return names


def _of_source(limit: PowerLimit) -> str:
    match limit.source:
        case LimitSource.CONTRACT:
            return "of your contract"
        case LimitSource.METER:
            return "of the meter"
        case LimitSource.ORDER:
            by = "an automation" if limit.issuer == AUTOMATION else limit.issuer
            return f"ordered by {by}"


def limit_sentence(limit: PowerLimit, until: str | None) -> str:
    """Return what a limit does to a device that it holds back."""
    ends = f" until {until}" if until else ""
    return (
        f"Turned down: the limit {_of_source(limit)} holds the {_FLOW[limit.direction]}"
        f" {_OVER[limit.scope]} to {limit.limit_w / 1000:g} kW{ends}."
    )
