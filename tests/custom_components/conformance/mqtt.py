"""A battery on a mosquitto, as Home Assistant's MQTT integration shows it."""

from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from homeassistant.components.mqtt.const import (
    CONFIG_ENTRY_MINOR_VERSION,
    CONFIG_ENTRY_VERSION,
)
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.cem.const import Kind
from custom_components.cem.home import Home
from tests.cem_core.transport.mosquitto import Mosquitto
from tests.custom_components.conformance.peer import HOST, Process
from tests.custom_components.house import DATA
from tests.custom_components.test_control_box import until

ENTITIES: Final = {
    "setpoint": "number.cellar_setpoint",
    "mode": "select.cellar_mode",
    "power": "sensor.cellar_power",
}


class Mqtt(Process):
    """A battery with a setpoint and a mode.

    MQTT has no answer to an order: whether it was taken, the device's own state says.
    """

    kind = Kind.BATTERY
    module = "tests.custom_components.conformance.mqtt_device"
    powers_w: tuple[int, ...] = (5000, 1200, 0, -1200, -5000)
    step_w = 10.0
    cannot: frozenset[str] = frozenset(
        {
            "a_refusal_is_said_and_the_order_taken_when_it_may_be",
            "a_slow_one_is_said_to_be_and_ends_up_with_the_latest_order",
            "what_another_orders_is_noticed",
        }
    )

    def __init__(self, hass: HomeAssistant, folder: Path) -> None:
        """Have a broker of its own."""
        super().__init__()
        self._hass = hass
        self._broker = Mosquitto(folder)
        self._entry = MockConfigEntry(
            domain="mqtt",
            version=CONFIG_ENTRY_VERSION,
            minor_version=CONFIG_ENTRY_MINOR_VERSION,
            data={"broker": HOST, "port": self._broker.port},
        )

    def arguments(self) -> tuple[str, ...]:
        """Return where the broker is."""
        return (str(self._broker.port),)

    def forget(self) -> None:
        """Balance by itself."""
        self._held = {"setpoint": "0", "mode": "own"}

    @property
    def told_w(self) -> float | None:
        """The setpoint, where the mode lets others set it."""
        own = self._held["mode"] == "own"
        return None if own else float(self._held["setpoint"])

    def heard(self, said: dict[str, Any]) -> None:
        """Take what it holds by now."""
        if self._held.get(said["name"]) != said["value"]:
            self._held[said["name"]] = said["value"]
            self.orders += 1

    async def prepare(self) -> dict[str, Any]:
        """Let Home Assistant discover it."""
        await self._broker.start()
        self._entry.add_to_hass(self._hass)
        # The integration looks whether anything of it is set up in YAML.
        with patch("homeassistant.config.load_yaml_config_file", return_value={}):
            assert await self._hass.config_entries.async_setup(self._entry.entry_id)
        await self.come()
        return {**DATA[self.kind], **ENTITIES}

    async def come(self, home: Home | None = None) -> None:
        """Start the process, or let it run on where it was discovered."""
        if self._process is None:
            await super().come(home)
        await until(lambda: all(map(self._is_there, ENTITIES.values())))

    def _is_there(self, entity_id: str) -> bool:
        state = self._hass.states.get(entity_id)
        return state is not None and state.state not in {"unavailable", "unknown"}

    async def refuse(self, *, on: bool) -> None:
        """Do nothing of what is ordered."""
        await self.does("refuse" if on else "agree")

    async def rubbish(self) -> None:
        """Say what is no number."""
        await self.does("rubbish")

    async def close(self) -> None:
        """End for good: first who is on the broker, then the broker."""
        await super().close()
        await self._hass.config_entries.async_unload(self._entry.entry_id)
        self._broker.stop()
