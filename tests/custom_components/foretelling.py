"""A worker that foretells and learns in this process: tests start no other."""

from collections.abc import Mapping
from typing import Any, override

from cem_core.insight.foretell import forecast_errors, foretell
from cem_core.insight.learned.answer import learn
from custom_components.cem.worker_client import WorkerClient


class Foretelling(WorkerClient):
    """Answers what needs no solver, and notes what it was asked."""

    def __init__(self, *, clock: Any = lambda: 0.0) -> None:
        super().__init__(clock=clock)
        self.forecasts: list[Mapping[str, Any]] = []
        self.learnings: list[Mapping[str, Any]] = []

    @override
    async def forecast(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        self.forecasts.append(asked)
        return foretell(asked)

    @override
    async def forecast_errors(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        return forecast_errors(asked)

    @override
    async def learn(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        self.learnings.append(asked)
        return learn(asked)
