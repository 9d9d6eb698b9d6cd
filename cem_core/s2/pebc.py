"""Power-envelope based control: bounds of power that a device stays between.

Solar takes a lower bound (production is negative), a charger an upper one. An envelope
lasts as long as the order; a device that hears no more does as it likes. Without a limit
it leaves room for the energy that is asked for by a time (`allowance`). What of a
consumer is lost when it is bounded, and not put off, no plan bounds: limits alone do.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Final
from uuid import uuid4

from s2python.common import (
    CommodityQuantity,
    ControlType,
    Duration,
    ReceptionStatusValues,
    RevokableObjects,
)
from s2python.generated.gen_s2 import (
    ID,
    PEBCPowerEnvelopeConsequenceType as Consequence,
    PEBCPowerEnvelopeLimitType as LimitType,
)
from s2python.message import S2Message
from s2python.pebc import (
    PEBCEnergyConstraint,
    PEBCInstruction,
    PEBCPowerConstraints,
    PEBCPowerEnvelope,
    PEBCPowerEnvelopeElement,
)

from cem_core.s2.allowance import Allowance
from cem_core.s2.control import Instruction, NewId, Order
from cem_core.s2.messages import S2Error
from cem_core.s2.power import ELECTRIC, Span, span

type _Limits = tuple[Sequence[Span], Sequence[Span]]  # lower and upper ones

_KW: Final = 1000.0
_SAME_W: Final = 1.0


class PowerEnvelope:
    """A device that can be bounded, and does within the bounds as it likes."""

    control_type: ClassVar[ControlType] = ControlType.POWER_ENVELOPE_BASED_CONTROL

    def __init__(self, new_id: NewId = uuid4) -> None:
        """Know nothing yet."""
        self._new_id = new_id
        self._constraints: PEBCPowerConstraints | None = None
        self._allowance = Allowance()
        self._ordered: Order | None = None
        self._until: datetime | None = None

    def take(self, message: S2Message) -> bool:
        """Keep what ``message`` says; see `Control`."""
        match message:
            case PEBCPowerConstraints():
                if not set(_ranges(message)):
                    raise S2Error("no limits of electric power are allowed")
                self._constraints, self._ordered = message, None
            case PEBCEnergyConstraint():
                if self._constraints is None:
                    cause = "PEBC.EnergyConstraint before PEBC.PowerConstraints"
                    raise S2Error(cause, ReceptionStatusValues.TEMPORARY_ERROR)
                self._allowance.take(message)
                self._ordered = None
            case _:
                return False
        return True

    def revoke(self, kind: RevokableObjects, subject: str) -> bool:
        """Forget constraints; see `Control`."""
        if kind is RevokableObjects.PEBC_EnergyConstraint:
            return self._allowance.revoke(subject)
        if kind is not RevokableObjects.PEBC_PowerConstraints:
            return False
        if self._constraints is None or str(self._constraints.id) != subject:
            return False
        self._constraints, self._ordered = None, None
        return True

    def power_w(self, now: datetime) -> Span | None:
        """Return between what it can be bounded; see `Control`."""
        found = self._valid(now)
        if found is None:
            return None
        low_w = high_w = 0.0
        for lower, upper in _bounds(found, abnormal=True).values():
            low_w += min((each.low for each in lower), default=0.0)
            high_w += max((each.high for each in upper), default=0.0)
        return Span(low_w, high_w)

    def instruct(self, order: Order, now: datetime) -> Sequence[Instruction]:
        """Return the envelope of ``order`` where it is new or soon ends."""
        found = self._valid(now)
        if found is None:
            raise S2Error("it has not said between what it can be bounded")
        before, self._ordered = self._ordered, order
        if (
            before is not None
            and self._until is not None
            and before.limited == order.limited
            and abs(before.power_w - order.power_w) < _SAME_W
            and self._until - now > order.lasts / 2
        ):
            return ()
        self._until = now + order.lasts
        bounds = _bounds(found, abnormal=order.limited)
        wanted = {
            quantity: self._between(quantity, order, limits, len(bounds), now)
            for quantity, limits in bounds.items()
        }
        self._allowance.bounded(wanted, now)
        return (
            PEBCInstruction(
                message_id=self._new_id(),
                id=self._new_id(),
                execution_time=now,
                abnormal_condition=order.limited,
                power_constraints_id=found.id,
                power_envelopes=[
                    self._envelope(quantity, between, order)
                    for quantity, between in wanted.items()
                ],
            ),
        )

    def _between(
        self,
        quantity: CommodityQuantity,
        order: Order,
        limits: _Limits,
        among: int,
        now: datetime,
    ) -> Span:
        """Return the bounds of one quantity: its equal share of the order."""
        lower, upper = limits
        share_w = order.power_w / among
        most = Span(
            min((each.low for each in lower), default=0.0),
            max((each.high for each in upper), default=0.0),
        )
        low_w, high_w = most.start, most.end
        if share_w < 0 or (share_w == 0 and low_w < 0 <= high_w):
            low_w = _allowed(share_w, lower, up=True)
        if share_w > 0 or (share_w == 0 and high_w > 0 >= low_w):
            high_w = _allowed(share_w, upper, up=False)
        if order.limited:
            return Span(low_w, high_w)
        owed = self._allowance.owed_w(quantity, most, now, order.lasts)
        if owed.low < low_w:
            low_w = _allowed(owed.low, lower, up=False)
        if owed.high > high_w:
            high_w = _allowed(owed.high, upper, up=True)
        return Span(low_w, high_w)

    @property
    def _lost(self) -> bool:
        """Whether what is bounded is lost, and not only put off."""
        found = self._constraints
        return found is not None and found.consequence_type is Consequence.VANISH

    def _envelope(
        self, quantity: CommodityQuantity, between: Span, order: Order
    ) -> PEBCPowerEnvelope:
        return PEBCPowerEnvelope(
            id=ID(str(self._new_id())),
            commodity_quantity=quantity,
            power_envelope_elements=[
                PEBCPowerEnvelopeElement(
                    duration=Duration.from_timedelta(order.lasts),
                    lower_limit=between.start,
                    upper_limit=between.end,
                )
            ],
        )

    def refused(self) -> None:
        """Bound it anew; see `Control`."""
        self._ordered = None

    def expects_w(self) -> float | None:
        """Return the bound; what it does within is its own affair."""
        return None if self._ordered is None else self._ordered.power_w

    def described(self, now: datetime) -> dict[str, Any] | None:
        """Return curtailable solar where it produces, else what it may draw.

        Where it says how much it is to draw by when, a load of that energy; one that
        would lose what it is not let draw is to be left alone.
        """
        powers = self.power_w(now)
        if powers is None:
            return None
        if powers.low < 0 >= powers.high:
            return {"kind": "solar", "curtailable": True, "peak_kw": -powers.low / _KW}
        to_draw = self._allowance.to_draw(now)
        if to_draw is None or powers.high <= 0:
            if self._lost:
                return {"kind": "left_alone"}
            return {"min_power_kw": 0.0, "max_power_kw": powers.high / _KW}
        begin, end, energy_wh = to_draw
        return {
            "kind": "flexible_load",
            "energy_kwh": energy_wh / _KW,
            "max_power_kw": powers.high / _KW,
            "windows": [{"start": begin.isoformat(), "end": end.isoformat()}],
        }

    def _valid(self, now: datetime) -> PEBCPowerConstraints | None:
        found = self._constraints
        if found is None or found.valid_from > now:
            return None
        ended = found.valid_until is not None and found.valid_until <= now
        return None if ended else found


def _ranges(found: PEBCPowerConstraints) -> Iterator[CommodityQuantity]:
    for each in found.allowed_limit_ranges:
        if each.commodity_quantity in ELECTRIC:
            yield each.commodity_quantity


def _bounds(
    found: PEBCPowerConstraints, *, abnormal: bool
) -> Mapping[CommodityQuantity, _Limits]:
    """Return in what the lower and the upper limit of each quantity may lie."""
    bounds: dict[CommodityQuantity, tuple[list[Span], list[Span]]] = {}
    for each in found.allowed_limit_ranges:
        if each.commodity_quantity not in ELECTRIC:
            continue
        if each.abnormal_condition_only and not abnormal:
            continue
        lower, upper = bounds.setdefault(each.commodity_quantity, ([], []))
        kind = lower if each.limit_type is LimitType.LOWER_LIMIT else upper
        kind.append(span(each.range_boundary))
    return bounds


def _allowed(wanted: float, ranges: Sequence[Span], *, up: bool) -> float:
    """Return the allowed limit that is as strict as ``wanted``, else the strictest.

    ``up``: a lower limit is stricter the higher it is.
    """
    if not ranges:
        return wanted
    nearest = [min(max(wanted, each.low), each.high) for each in ranges]
    strict = [w for w in nearest if (w >= wanted if up else w <= wanted)]
    if strict:
        return min(strict) if up else max(strict)
    return max(each.high for each in ranges) if up else min(each.low for each in ranges)
