"""What the limits that are ordered cost the household: told, kept, and settled."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from homeassistant.core import callback
from homeassistant.util import dt as dt_util

from cem_core.evidence import Kind as EvidenceKind
from cem_core.exchange import NOT_FOR_BILLING
from cem_core.limits.cost import CostLedger

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cem_core.model import PowerLimit
    from custom_components.cem.evidence import Evidence
    from custom_components.cem.store import HomeStore

type Json = dict[str, Any]

_DIGITS = 4
_TOLD = ("cost_with", "cost_without", "at_least", "at_most", "missed", "text")


class LimitCosts:
    """One home's; the ledger is the store's, what was said last is kept here."""

    def __init__(self, store: HomeStore, evidence: Evidence, currency: str) -> None:
        """Go on where the store stopped."""
        self._store = store
        self._evidence = evidence
        self._currency = currency
        self.said: Mapping[str, Any] | None = None  # by the worker, of the last plan

    @property
    def total(self) -> float | None:
        """What the limits cost in all, None: there are none, or nobody knows yet."""
        ledger = self._store.limit_cost
        return None if ledger is None else round(ledger.total, _DIGITS)

    def attributes(self) -> Json:
        """Return what the last plan says of the limits, for a sensor."""
        ledger = self._store.limit_cost
        said = self.said or {}
        return {
            "limits": [] if ledger is None else sorted(ledger.limit_ids),
            "rest": said.get("more_cost"),
            **{name: said.get(name) for name in _TOLD},
        }

    def shown(self) -> Json | None:
        """Return what the limits cost in all, None as `total`, for the dashboard."""
        ledger = self._store.limit_cost
        if ledger is None:
            return None
        return {
            "limit_ids": sorted(ledger.limit_ids),
            "cost": self.total,
            "currency": self._currency,
            "missed": list((self.said or {}).get("missed", ())),
        }

    @callback
    def take(
        self,
        said: Mapping[str, Any],
        limits: Sequence[PowerLimit],
        *,
        at: datetime,
        plan_end: datetime,
    ) -> None:
        """Take what the worker says of the plan made ``at`` under ``limits``."""
        ledger = self._store.limit_cost or CostLedger(at=at, until=at)
        cost = said["more_cost"]
        first = not ledger.begun
        ledger = ledger.planned(limits, cost, at=at, plan_end=plan_end)
        self.said, self._store.limit_cost = said, ledger
        self._store.save_later()
        if first and ledger.begun:
            self._evidence.note(EvidenceKind.COST, self._record("foretold", said))

    def of_ended(self, limit_id: str) -> Json:
        """Return the cost as the event of a limit's end tells it."""
        ledger = self._store.limit_cost
        if ledger is None or limit_id not in ledger.limit_ids:
            return {"cost": None}
        return {
            "cost": round(ledger.borne_by(dt_util.utcnow()), _DIGITS),
            "currency": self._currency,
            "billing": NOT_FOR_BILLING,
            "cost_of": sorted(ledger.limit_ids),
        }

    @callback
    def settle(self, held: Iterable[PowerLimit]) -> None:
        """Close the ledger once none of its limits is among those that are held."""
        ledger = self._store.limit_cost
        if ledger is None or any(x.limit_id in ledger.limit_ids for x in held):
            return
        if ledger.begun:
            cost = round(ledger.borne_by(dt_util.utcnow()), _DIGITS)
            self._evidence.note(
                EvidenceKind.COST, self._record("borne", {"more_cost": cost})
            )
        self.said = self._store.limit_cost = None
        self._store.save_later()

    def _record(self, what: str, said: Mapping[str, Any]) -> Json:
        ledger = self._store.limit_cost
        missed = [entry["text"] for entry in said.get("missed", ())]
        return {
            "limit_ids": [] if ledger is None else sorted(ledger.limit_ids),
            "cost_is": what,
            "cost": said["more_cost"],
            "currency": self._currency,
            "missed": missed,
        }
