"""What the forecasters in the worker say of the hours to come; kept for an hour."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from homeassistant.util import dt as dt_util

from cem_core.model import DeviceKind, Interval, Series
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.home import Home
from custom_components.cem.learning.models import is_learned, model_of
from custom_components.cem.learning.samples import async_building
from custom_components.cem.learning.statistics import HOUR, Column, async_means
from custom_components.cem.planning.energy_history import async_energy_history
from custom_components.cem.planning.house_load import async_load_history
from custom_components.cem.planning.steps import MOST
from custom_components.cem.worker_client import WorkerClient

type Json = dict[str, Any]

HISTORY: Final = timedelta(days=60)
# The recorder writes an hour's mean some seconds after it.
_COMPILED_AFTER: Final = timedelta(minutes=2)
_AHEAD: Final = MOST + 2 * HOUR  # the running hour, and one until it is asked again


@dataclass(frozen=True, slots=True, kw_only=True)
class Foretold:
    """Series in W; `solar` and `heating` by device.

    ``walls_apart_k``: by how much a house is warmer than its thermometer.
    """

    load: Series
    solar: Mapping[str, Series] = field(default_factory=dict)
    heating: Mapping[str, Series] = field(default_factory=dict)
    walls_apart_k: Mapping[str, float] = field(default_factory=dict)


class Forecasts:
    """Asks anew each hour, and when what a service says has changed."""

    def __init__(self, home: Home, worker: WorkerClient) -> None:
        """Foretell ``home``; nothing is asked before `async_foretold`."""
        self._home = home
        self._worker = worker
        self._asked: Json | None = None
        self._key: tuple[Any, ...] | None = None
        self._foretold: Foretold | None = None

    async def async_foretold(
        self,
        now: datetime,
        issued: Mapping[str, Series],
        outdoor: Mapping[str, Series],
    ) -> Foretold:
        """Return the hours to come. Raises `WorkerError`.

        ``issued`` is what services say of each roof, ``outdoor`` of the weather at
        each heat pump.
        """
        hour = (now - _COMPILED_AFTER).replace(minute=0, second=0, microsecond=0)
        key = (hour, *issued.items(), *outdoor.items())
        if self._foretold is None or self._key != key:
            self._asked = await self._request(hour, issued, outdoor)
            answer = await self._worker.forecast(self._asked)
            self._foretold = _foretold(answer)
            self._key = key
        return self._foretold

    async def async_errors(self) -> Json:
        """Return how far off the last two weeks' forecasts were."""
        if self._asked is None:
            return {}
        names = {
            device.device_id: device.subentry_id
            for device in self._home.by_kind(DeviceKind.SOLAR)
        }
        found = await self._worker.forecast_errors(self._asked)
        solar = {names[k]: error for k, error in found["solar"].items() if k in names}
        return {"load": found.get("load"), "solar": solar}

    async def _request(
        self,
        hour: datetime,
        issued: Mapping[str, Series],
        outdoor: Mapping[str, Series],
    ) -> Json:
        home, start = self._home, hour - HISTORY
        known, steps = HISTORY // HOUR, _AHEAD // HOUR
        times = [start + row * HOUR for row in range(known + steps)]
        roofs = home.by_kind(DeviceKind.SOLAR)
        pumps = home.by_kind(DeviceKind.HEAT_PUMP)
        return {
            "start": start.isoformat(),
            "step_minutes": 60,
            "known": known,
            "steps": steps,
            "time_zone": str(home.hass.config.time_zone),
            "load": await self._load(times[:known]),
            "place": {
                "latitude": home.hass.config.latitude,
                "longitude": home.hass.config.longitude,
            },
            "solar": {
                roof.device_id: await self._roof(
                    roof, times, known, issued.get(roof.device_id, Series(()))
                )
                for roof in roofs
            },
            **await self._pumps(pumps, times, known, outdoor),
        }

    async def _load(self, times: list[datetime]) -> Json:
        home = self._home
        before = dict(
            await async_energy_history(home.hass, home.devices.values(), times[0])
        )
        history = await async_load_history(
            home.hass, home.load_statistic_id, before, times
        )
        away = frozenset(home.learned.away)
        return {
            "history_w": [
                # A day on which nobody was there says nothing of one at home.
                None if dt_util.as_local(time).date().isoformat() in away else power_w
                for time, power_w in zip(times, history, strict=True)
            ],
            "annual_wh": home.settings.annual_consumption_wh,
        }

    async def _roof(
        self,
        roof: ControlledDevice,
        times: list[datetime],
        known: int,
        issued: Series,
    ) -> Json:
        home, entity = self._home, roof.data["power"]
        began = home.learned.began(roof.subentry_id)
        sign = -1 if roof.data.get("production_negative") else 1
        found = await async_means(home.hass, [entity], times[0], known)
        history: Column = [
            None if power_w is None or time < began else max(0.0, sign * power_w)
            for time, power_w in zip(times, found[entity], strict=False)
        ]
        coming = {
            time: power_w
            for time in times[known:]
            if (power_w := issued.mean(time, time + HOUR)) is not None
        }
        home.learned.keep_issued(roof.subentry_id, coming, times[known])
        said = home.learned.issued[roof.subentry_id]
        past = [said.get(time.isoformat()) for time in times[:known]]
        return {
            "history_w": history,
            "issued_w": past + [coming.get(time) for time in times[known:]],
            "peak_w": roof.model.rated_power_w,
        }

    async def _pumps(
        self,
        pumps: tuple[ControlledDevice, ...],
        times: list[datetime],
        known: int,
        outdoor: Mapping[str, Series],
    ) -> Json:
        learned = self._home.learned
        heating: Json = {}
        buildings: Json = {}
        for pump in pumps:
            columns = await async_building(self._home, pump, times[0], known)
            columns.pop("flow_c")
            weather = outdoor.get(pump.device_id, Series(()))
            heating[pump.device_id] = {
                "electric_w": columns["electric_w"],
                "outdoor_c": columns["outdoor_c"]
                + [weather.mean(time, time + HOUR) for time in times[known:]],
            }
            building = model_of(learned, pump, "building")
            cop = model_of(learned, pump, "cop")
            # By start values the walls would be off by more than the thermometer.
            if building and cop and is_learned(learned, pump, "building"):
                models = {"model": building["parameters"], "cop": cop["parameters"]}
                buildings[pump.device_id] = {**columns, **models}
        return {"heating": heating, "buildings": buildings}


def _foretold(answer: Json) -> Foretold:
    start = datetime.fromisoformat(answer["start"])
    return Foretold(
        load=_series(answer["load"]["mean_w"], start),
        solar={k: _series(v["mean_w"], start) for k, v in answer["solar"].items()},
        heating={
            name: _series(found["mean_w"], start)
            for name, found in answer["heating"].items()
            if found is not None
        },
        walls_apart_k={
            name: apart_k
            for name, apart_k in answer["buildings"].items()
            if apart_k is not None
        },
    )


def _series(powers_w: list[float], start: datetime) -> Series:
    return Series(
        tuple(
            Interval(
                start=start + row * HOUR, end=start + (row + 1) * HOUR, value=power_w
            )
            for row, power_w in enumerate(powers_w)
        )
    )
