"""An answer over M-Bus -> what the meter measures, in our units."""

from collections.abc import Iterator
from typing import Final

from cem_core.meter.mbus_answer import Answer
from cem_core.meter.mbus_records import Record
from cem_core.meter.submeter import kind_of
from cem_core.model import RawValue, SubmeterKind
from cem_core.model.slow_reading import SlowQuantity, SlowReading

type _Manners = tuple[str, ...]

_PLAIN: Final[_Manners] = ()
_SOUGHT: Final[tuple[tuple[SlowQuantity, str, tuple[_Manners, ...]], ...]] = (
    (SlowQuantity.ENERGY, "energy", (_PLAIN, ("forward",))),
    # A volume at base conditions is what a gas bill counts.
    (SlowQuantity.VOLUME, "volume", (("base_conditions",), _PLAIN, ("forward",))),
    (SlowQuantity.POWER, "power", (_PLAIN,)),
    (SlowQuantity.FLOW, "flow", (_PLAIN,)),
    (SlowQuantity.FLOW_TEMPERATURE, "flow_temperature", (_PLAIN,)),
    (SlowQuantity.RETURN_TEMPERATURE, "return_temperature", (_PLAIN,)),
)
# Of a heat meter the other direction is cold, which is nothing given back.
_SOUGHT_OF_ELECTRICITY: Final = (
    (SlowQuantity.EXPORT_ENERGY, "energy", (("backward",),)),
)
_COUNTERS: Final = ("energy", "volume")
_JOULE_PER_WH: Final = 3600
_FACTORS: Final = {"cal": 1.163e-3, "m3/min": 60.0, "m3/s": 3600.0}
_PER_HOUR: Final = ("J", "J/h")


def reading(answer: Answer) -> SlowReading:
    """Return what ``answer`` says."""
    identity = answer.identity
    kind = SubmeterKind.UNKNOWN if identity is None else kind_of(identity.medium)
    quantities = [record for record in answer.records if record.is_quantity]
    electric = kind is SubmeterKind.ELECTRICITY
    values: dict[SlowQuantity, float] = {}
    for quantity, name, manners in _SOUGHT + (_SOUGHT_OF_ELECTRICITY * electric):
        if (value := _value(quantities, name, manners)) is not None:
            values[quantity] = value
    return SlowReading(
        kind=kind,
        meter_id=None if identity is None else identity.number,
        manufacturer=None if identity is None else identity.manufacturer,
        values=values,
        status=answer.status,
        raw=tuple(_raw(answer.records)),
    )


def _value(
    records: list[Record], name: str, manners: tuple[_Manners, ...]
) -> float | None:
    """Return what the first of ``manners`` that is there says of ``name``.

    A counter that is only said by tariffs is their sum; one that is only said as it
    was stored last (hourly, of some gas meters) is that.
    """
    for manner in manners:
        found = [
            record
            for record in records
            if (record.meaning.name, record.meaning.manners) == (name, manner)
        ]
        now = [record for record in found if not record.storage]
        if total := [record for record in now if not record.tariff]:
            return _in_our_unit(total[0])
        if name not in _COUNTERS:
            continue
        if now:
            by_tariff = {record.tariff: record for record in reversed(now)}
            return sum(_in_our_unit(record) for record in by_tariff.values())
        if stored := [r for r in found if r.storage == 1 and not r.tariff]:
            return _in_our_unit(stored[0])
    return None


def _in_our_unit(record: Record) -> float:
    value, unit = float(record.value), record.meaning.unit
    if unit in _PER_HOUR:
        return value / _JOULE_PER_WH
    return value * _FACTORS.get(unit or "", 1.0)


def _raw(records: tuple[Record, ...]) -> Iterator[RawValue]:
    for record in records:
        yield RawValue(code=record.code, value=record.value, unit=record.meaning.unit)
