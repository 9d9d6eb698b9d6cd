"""The home as the dashboard shows it, in one JSON document."""

from typing import Any

from homeassistant.const import Platform
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util

from cem_core.model import Action, Message, PhaseReading
from cem_core.model.message_json import message_to_json
from custom_components.cem.const import DOMAIN, Kind
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.home import Home
from custom_components.cem.language import renderer
from custom_components.cem.limit_view import LimitView
from custom_components.cem.marks import grid_quality, load_quality
from custom_components.cem.problems import problems
from custom_components.cem.sentences import reason_at, reason_for
from custom_components.cem.view import (
    action_of,
    limited_by,
    next_step,
    obeyed,
    ready_at,
    setpoint_w,
)

type Json = dict[str, Any]


class LiveView:
    """Puts the live document together for one subscriber."""

    def __init__(self, home: Home) -> None:
        """Look at ``home``."""
        self._home = home
        self._registry = er.async_get(home.hass)
        self._limits = LimitView(home)
        self._renderer = renderer(home.hass)

    def as_json(self) -> Json:
        """Return the home now."""
        home, now = self._home, self._home.snapshot
        return {
            "time": dt_util.utcnow().isoformat(),
            "mode": home.mode.value,
            "meter": self._meter(),
            "quality": {
                "grid_power_w": grid_quality(now.reading),
                "load_power_w": load_quality(now),
            },
            "grid_power_w": now.grid_w,
            "load_power_w": now.load_w,
            "solar_power_w": now.solar_w,
            "phases": [
                _phase(phase) for phase in (now.reading.phases if now.reading else ())
            ],
            "limits": self._limits.totals(),
            "phase_limits": self._limits.of_phases(),
            "announced_limits": self._limits.announced(),
            "limit_cost": home.limit_costs.shown(),
            "power_cut": home.power_cuts.as_json(),
            "quarter_hour": self._quarter_hour(),
            "devices": [self._device(device) for device in home.devices.values()],
            "plan": self._plan(),
            "problems": [
                {"code": code, **self._said(message)}
                for code, message in problems(home)
            ],
            "entities": {
                "mode": self._entity(Platform.SELECT, home.entry.entry_id, "mode")
            },
        }

    def _meter(self) -> Json:
        home = self._home
        came = home.snapshot.reading_s
        age_s = None if came is None else round(home.hass.loop.time() - came, 1)
        return {
            "connected": home.meter_connected and not home.snapshot.meter_silent,
            "age_s": age_s,
            "source": home.meter.source if home.meter else None,
            "mid_meter": bool(home.entry.options.get("mid_meter", False)),
        }

    def _quarter_hour(self) -> Json | None:
        quarter = self._home.snapshot.quarter
        if quarter is None:
            return None
        return {
            "mean_w": quarter.mean_w,
            "projected_w": quarter.projected_w,
            "remaining_s": round(quarter.remaining_s),
            "month_peak_w": self._home.month_peak_w,
        }

    def _device(self, device: ControlledDevice) -> Json:
        home, now = self._home, self._home.snapshot
        state = now.states.get(device.device_id)
        order = now.setpoints.get(device.device_id)
        reason = reason_for(home, device)
        free_at = home.power_cuts.free_at(device.device_id)
        ready = ready_at(home, device) if device.kind is Kind.EV_CHARGER else None
        charging = device.charging.value if device.kind is Kind.EV_CHARGER else None
        return {
            "device_id": device.device_id,
            "subentry_id": device.subentry_id,
            "name": device.model.name,
            "kind": device.kind.value,
            "power_w": state.power_w if state else None,
            "setpoint_w": setpoint_w(home, device),
            "action": action_of(home, device),
            "cause": order.cause.value if order else None,
            "reason": self._renderer.text(reason),
            "reason_message": message_to_json(reason),
            "limited_by": limited_by(home, device),
            "waits_until": None if free_at is None else free_at.isoformat(),
            "available": bool(state and state.available),
            "enabled": device.control,
            "owner": device.owner.value,
            "state_of_charge": state.state_of_charge if state else None,
            "connected": state.connected if state else None,
            "indoor_temperature_c": state.indoor_temperature_c if state else None,
            "charging": charging,
            "ready_at": None if ready is None else ready.isoformat(),
            "fallback": device.driver.fallback,
            "obeyed": obeyed(home, device),
            "reaction_s": device.reaction.seconds,
            "next": self._next(device),
            "entities": self._entities(device),
        }

    def _next(self, device: ControlledDevice) -> Json | None:
        plan = self._home.plan
        found = next_step(self._home, device, dt_util.utcnow())
        if plan is None or found is None:
            return None
        start, step = found
        reason = reason_at(plan, device, start)
        said = {"text": None} if reason is None else self._said(reason)
        return {
            "start": start.isoformat(),
            "action": step.action.value,
            "power_w": None if step.action is Action.BALANCE else step.power_w,
            **said,
        }

    def _said(self, message: Message) -> Json:
        return {"text": self._renderer.text(message), **message_to_json(message)}

    def _entities(self, device: ControlledDevice) -> Json:
        keys = (
            (Platform.SWITCH, "control"),
            (Platform.BUTTON, "resume"),
            (Platform.SELECT, "charging"),
        )
        return {
            key: self._entity(platform, device.subentry_id, key)
            for platform, key in keys
        }

    def _entity(self, platform: Platform, owner: str, key: str) -> str | None:
        return self._registry.async_get_entity_id(platform, DOMAIN, f"{owner}_{key}")

    def _plan(self) -> Json:
        plan = self._home.plan
        if plan is None:
            return {"status": None, "age_s": None}
        age = dt_util.utcnow() - plan.created_at
        return {"status": plan.status.value, "age_s": round(age.total_seconds())}


def _phase(phase: PhaseReading) -> Json:
    power_w = None
    if phase.import_power_w is not None or phase.export_power_w is not None:
        power_w = (phase.import_power_w or 0) - (phase.export_power_w or 0)
    return {
        "phase": phase.phase,
        "voltage_v": phase.voltage_v,
        "current_a": phase.current_a,
        "power_w": power_w,
    }
