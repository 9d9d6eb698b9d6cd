"""PLAN.json (contract of `cem optimize`) -> Plan: kW become W here."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from cem_core.model.device import DeviceKind
from cem_core.model.message_json import message_from_json
from cem_core.model.plan import (
    Action,
    Balance,
    DevicePlan,
    Plan,
    PlannedSection,
    PlanStatus,
    PlanStep,
    Reason,
    Relaxation,
)
from cem_core.model.units import all_w, w

type Json = Mapping[str, Any]

_ROUNDED: Final = timedelta(milliseconds=1)


class PlanError(ValueError):
    """A document that is no plan."""


def plan_from_json(document: Json, *, created_at: datetime) -> Plan:
    """Return the plan in ``document``.

    Raises `PlanError` when a field is missing or of the wrong form.
    """
    try:
        times = [_time(time) for time in document["times"]]
        lengths = [_length(minutes) for minutes in document["minutes"]]
        edges = *times, times[-1] + lengths[-1]
        _check(edges, lengths)
        return Plan(
            created_at=created_at,
            edges=edges,
            status=PlanStatus(document["status"]),
            currency=document["currency"],
            cost=dict(document["cost"]),
            import_w=all_w(document["grid"]["import_kw"]),
            export_w=all_w(document["grid"]["export_kw"]),
            devices={
                device_id: _device_plan(device, len(times))
                for device_id, device in document["devices"].items()
            },
            reasons=tuple(_reason(reason) for reason in document["reasons"]),
            relaxed=tuple(_relaxation(entry) for entry in document["relaxed"]),
        )
    except PlanError:
        raise
    except KeyError as error:
        raise PlanError(f"not a plan: {error.args[0]} is missing") from error
    except (
        ArithmeticError,
        AttributeError,
        IndexError,
        TypeError,
        ValueError,
    ) as error:
        message = f"not a plan: {type(error).__name__}: {error}"
        raise PlanError(message) from error


def _device_plan(device: Json, steps: int) -> DevicePlan:
    power_kw = device.get("power_kw")
    if power_kw is None:
        power_kw = [
            charge - discharge
            for charge, discharge in zip(
                device["charge_kw"], device["discharge_kw"], strict=True
            )
        ]
    absent: Sequence[None] = [None] * steps
    columns = zip(
        power_kw,
        device["action"],
        device.get("balance") or absent,
        device.get("energy_kwh") or absent,
        device.get("indoor_temperature_c") or absent,
        device.get("marginal_value_per_kwh") or absent,
        _hot_water_kw(device, power_kw) or absent,
        device.get("order_kw") or absent,
        strict=True,
    )
    start = device.get("start")
    return DevicePlan(
        run_start=_time(start) if start else None,
        sections=tuple(
            PlannedSection(
                section=each["id"], option=each["option"], start=_time(each["start"])
            )
            for each in device.get("sections", ())
        ),
        steps=tuple(
            PlanStep(
                action=Action(action),
                power_w=w(power),
                balance=Balance(balance) if balance else None,
                energy_wh=None if energy is None else w(energy),
                indoor_temperature_c=temperature,
                marginal_value_per_kwh=value,
                hot_water_w=None if water is None else w(water),
                order_w=None if ordered is None else w(ordered),
            )
            for (
                power,
                action,
                balance,
                energy,
                temperature,
                value,
                water,
                ordered,
            ) in columns
        ),
    )


def _hot_water_kw(device: Json, power_kw: Sequence[float]) -> Sequence[float] | None:
    """Return the part of the power that heats water: all of a water heater's."""
    if device.get("kind") == DeviceKind.WATER_HEATER:
        return power_kw
    found: Sequence[float] | None = device.get("hot_water_kw")
    return found


def _reason(reason: Json) -> Reason:
    return Reason(
        device_id=reason["device"],
        start=_time(reason["start"]),
        end=_time(reason["end"]),
        message=message_from_json(reason),
        saving=reason.get("saving"),
        limited_by=reason.get("limited_by"),
    )


def _relaxation(entry: Json) -> Relaxation:
    return Relaxation(
        constraint=entry["constraint"],
        by=entry["by"],
        unit=entry["unit"],
        message=message_from_json(entry),
    )


def _check(edges: Sequence[datetime], lengths: Sequence[timedelta]) -> None:
    """Refuse steps that do not follow one another."""
    for (begin, end), length in zip(pairwise(edges), lengths, strict=True):
        if abs(end - begin - length) > _ROUNDED:
            raise PlanError(f"not a plan: from {begin} {length}, but the next at {end}")


def _length(minutes: float) -> timedelta:
    length = timedelta(minutes=minutes)
    if length <= timedelta(0):
        raise PlanError(f"not a plan: a step of it is {length} long")
    return length


def _time(text: str) -> datetime:
    """Return an aware time: the fast loop compares it with its clock."""
    time = datetime.fromisoformat(text)
    if time.tzinfo is None:
        raise PlanError(f"not a plan: {text} has no offset")
    return time
