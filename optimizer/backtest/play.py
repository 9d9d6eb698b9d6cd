"""One policy over a record: plan, carry out, go on; resumable at any plan."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
import time
from typing import Any, Self

import numpy as np

from optimizer.backtest.carry_out import Player
from optimizer.backtest.knowledge import Knowledge
from optimizer.backtest.orders import Orders
from optimizer.backtest.peaks import PeakWatch
from optimizer.backtest.planning import Planner
from optimizer.backtest.played import Played, Shortfall
from optimizer.backtest.record import Record
from optimizer.backtest.rules import rule_orders
from optimizer.backtest.settings import Policy, Settings
from optimizer.backtest.state import StateOfHome
from optimizer.series import Numbers

_HORIZON = timedelta(hours=36)
_CHURN_HORIZON = timedelta(hours=24)
_LEAST_KWH = 1e-6

type Watcher = Callable[["Game"], None]


@dataclass(slots=True, kw_only=True)
class Game:
    """Where a policy stands: the home's state and all that was played."""

    state: StateOfHome
    played: Played

    @classmethod
    def begin(cls, record: Record) -> Self:
        """Return the start of a record."""
        return cls(state=StateOfHome.initial(record.home), played=Played())

    def to_json(self) -> dict[str, Any]:
        """Return it for a state file."""
        return {"state": self.state.to_json(), "played": self.played.to_json()}

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Self:
        """Return what a state file holds."""
        return cls(
            state=StateOfHome.from_json(document["state"]),
            played=Played.from_json(document["played"]),
        )


def play(
    record: Record,
    settings: Settings,
    game: Game | None = None,
    watch: Watcher | None = None,
) -> Played:
    """Return what ``settings.policy`` does over the record.

    ``game`` goes on where it stands; ``watch`` is called after every plan.
    """
    game = game or Game.begin(record)
    table = _Table(record, settings, game)
    while record.first + game.played.steps < record.last:
        table.next()
        if watch is not None:
            watch(game)
    # What is missing at the end is not kept: a longer run would go on from here.
    missing = table.missing_at_the_end()
    return replace(game.played, shortfalls=[*game.played.shortfalls, *missing])


class _Table:
    """Everything that one policy plays with."""

    def __init__(self, record: Record, settings: Settings, game: Game) -> None:
        self.record, self.settings, self.game = record, settings, game
        self.player = Player(record, game.state)
        self.peaks = PeakWatch(record)
        for t, import_kw in enumerate(game.played.import_kw):
            self.peaks.see(record.first + t, import_kw)
        self.knowledge = Knowledge(record, settings)
        self.planner = Planner(record, self.player, self.peaks)
        self.before: tuple[int, Numbers] | None = None

    def next(self) -> None:
        """Play until the next plan is due."""
        t = self.record.first + self.game.played.steps
        every = max(1, self.settings.every // self.record.step)
        ahead = min(every, self.record.last - t)
        if self.settings.policy is not Policy.PLAN:
            for k in range(ahead):
                self._rule(t + k, self.settings.policy)
            return
        steps = min(_HORIZON // self.record.step, self.record.last - t)
        started = time.perf_counter()
        view = self.knowledge.view(t, max(steps, 1))
        plan = self.planner.plan(view, ahead)
        played = self.game.played
        played.solve_seconds.append(time.perf_counter() - started)
        if plan is None:
            played.fallbacks += 1
            for k in range(ahead):
                self._rule(t + k, Policy.SELF_CONSUMPTION)
            return
        self._churn(t, plan.expected_kw)
        for k, orders in enumerate(plan.orders):
            self._carry_out(t + k, orders)

    def _rule(self, t: int, policy: Policy) -> None:
        self._carry_out(t, rule_orders(policy, self.player, self.peaks, t))

    def _carry_out(self, t: int, orders: Orders) -> None:
        self._departures(t)
        step = self.player.step(t, orders)
        self.peaks.see(t, step.import_kw)
        self.game.played.add(step)

    def _departures(self, t: int) -> None:
        self.game.played.shortfalls.extend(self._leaving(t))
        for car in self.player.cars:
            if self.player.session(car, t) is not self.player.session(car, t - 1):
                self.game.state.car_kwh[car.id] = 0.0

    def _leaving(self, t: int) -> Iterator[Shortfall]:
        """Yield what a car lacks as it leaves."""
        for car in self.player.cars:
            if t == self.record.first:
                continue
            session = self.player.session(car, t - 1)
            if session is None or session is self.player.session(car, t):
                continue
            missing = session.energy_kwh - self.game.state.car_kwh.get(car.id, 0.0)
            yield from self._missing(car.id, t, missing, car.efficiency)

    def _missing(
        self, name: str, t: int, kwh: float, efficiency: float
    ) -> Iterator[Shortfall]:
        if kwh <= _LEAST_KWH:
            return
        price, whole = self.record.mean_import_price, self.record.whole
        bought = kwh / efficiency
        yield {
            "device": name,
            "at": whole.local(whole.time(t)).isoformat(),
            "energy_kwh": round(kwh, 6),
            "bought_kwh": round(bought, 6),
            "cost": round(bought * price, 6),
        }

    def missing_at_the_end(self) -> Iterator[Shortfall]:
        """Yield what cars and batteries lack where the record ends."""
        yield from self._leaving(self.record.last)
        for battery in self.player.batteries:
            held = self.game.state.battery_kwh[battery.id]
            missing = battery.initial_energy_kwh - held
            yield from self._missing(battery.id, self.record.last, missing, 1.0)

    def _churn(self, t: int, expected_kw: Numbers) -> None:
        if self.before is not None:
            then, power_kw = self.before
            length = min(
                len(power_kw) - (t - then),
                len(expected_kw),
                _CHURN_HORIZON // self.record.step,
            )
            if length > 0:
                old = power_kw[t - then : t - then + length]
                apart = float(np.abs(old - expected_kw[:length]).mean())
                self.game.played.churn_kw.append(apart)
        self.before = t, expected_kw
