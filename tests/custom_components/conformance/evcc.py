"""A charger behind evcc, which is a server; the home reads it and sets it."""

from typing import Any

from custom_components.cem.const import Kind
from tests.custom_components.conformance.peer import (
    CHARGER_W,
    HOST,
    PHASES_W,
    Process,
    without_entities,
)


class Evcc(Process):
    """One loadpoint: 6 to 16 A on three phases."""

    kind = Kind.EV_CHARGER
    module = "tests.cem_core.evcc.served"
    powers_w: tuple[int, ...] = CHARGER_W
    step_w = PHASES_W / 10
    # Told to the home, not by the driver: `tests/custom_components/test_evcc_charger.py`.
    cannot: frozenset[str] = frozenset({"what_another_orders_is_noticed"})

    def arguments(self) -> tuple[str, ...]:
        """Return where it listens."""
        return (str(self._port),)

    async def prepare(self) -> dict[str, Any]:
        """Return how it is filled in."""
        return without_entities(self.kind, evcc_url=f"http://{HOST}:{self._port}")

    def forget(self) -> None:
        """Be as it is when it is switched on."""
        self._mode, self._most_a = "pv", 16.0

    def heard(self, said: dict[str, Any]) -> None:
        """Take what is set."""
        if said["key"] == "mode":
            self._mode = said["value"]
        elif said["key"] == "maxcurrent":
            self._most_a = float(said["value"])
        self.orders += 1

    @property
    def told_w(self) -> float | None:
        """What it charges with, None where evcc decides."""
        if self._mode == "off":
            return 0.0
        return self._most_a * PHASES_W if self._mode == "now" else None

    async def refuse(self, *, on: bool) -> None:
        """Refuse every setting."""
        await self.does("refuse" if on else "agree")

    async def rubbish(self) -> None:
        """Answer with no JSON."""
        await self.does("rubbish")
