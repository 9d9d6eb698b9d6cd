"""One entity of Home Assistant, and the shapes that come more than once."""

from collections.abc import Mapping
from dataclasses import dataclass, field

type Json = str | int | float | bool | list[Json] | dict[str, Json] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """One entity: ``<prefix>/<device>/<key>`` and, when it can be ordered, ``/set``.

    ``extra`` goes into the discovery message as it is. ``attributes`` says
    that ``<key>/attributes`` carries a forecast. A sensor whose state is None
    is unknown.
    """

    component: str
    object_id: str
    device: str
    key: str
    name: str
    ordered: bool = False
    attributes: bool = False
    extra: Mapping[str, Json] = field(default_factory=dict)


def power(device: str, name: str = "Power") -> Entity:
    """Return the sensor of a device's power."""
    return Entity(
        component="sensor",
        object_id=f"home_{device}_power",
        device=device,
        key="power",
        name=name,
        extra={
            "device_class": "power",
            "state_class": "measurement",
            "unit_of_measurement": "W",
        },
    )


def number(  # noqa: PLR0917 (a row of a table)
    object_id: str,
    device: str,
    key: str,
    name: str,
    bounds: tuple[float, float, float],
    unit: str,
) -> Entity:
    """Return a number that can be ordered, with its bounds and step."""
    low, high, step = bounds
    return Entity(
        component="number",
        object_id=object_id,
        device=device,
        key=key,
        name=name,
        ordered=True,
        extra={
            "min": low,
            "max": high,
            "step": step,
            "mode": "box",
            "unit_of_measurement": unit,
            "device_class": "current" if unit == "A" else "power",
        },
    )


def select(
    object_id: str, device: str, key: str, name: str, options: list[Json]
) -> Entity:
    """Return a choice that can be ordered."""
    return Entity(
        component="select",
        object_id=object_id,
        device=device,
        key=key,
        name=name,
        ordered=True,
        extra={"options": options},
    )


def enum(
    object_id: str, device: str, key: str, name: str, options: list[Json]
) -> Entity:
    """Return a sensor with named states."""
    return Entity(
        component="sensor",
        object_id=object_id,
        device=device,
        key=key,
        name=name,
        extra={"device_class": "enum", "options": options},
    )


def measured(  # noqa: PLR0917 (a row of a table)
    object_id: str, device: str, key: str, name: str, quantity: str, unit: str
) -> Entity:
    """Return a sensor of a measured quantity."""
    return Entity(
        component="sensor",
        object_id=object_id,
        device=device,
        key=key,
        name=name,
        extra={
            "device_class": quantity,
            "state_class": "measurement",
            "unit_of_measurement": unit,
        },
    )
