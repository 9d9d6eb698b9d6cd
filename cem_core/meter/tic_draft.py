"""The groups of a TIC frame -> `Reading`.

Sources: Enedis-NOI-CPT_54E (standard: labels, time, status register) and
ERDF-NOI-CPT_02E (historique). PAPP and SINSTS are apparent power, in VA: they
stay raw and never become a power in W.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
import re
from typing import Final

from cem_core.model import Breaker, PhaseReading, RawValue, Reading

_HOURLY: Final = ("HCHC", "HCHP")
_EJP: Final = ("EJPHN", "EJPHPM")
_TEMPO: Final = ("BBRHCJB", "BBRHPJB", "BBRHCJW", "BBRHPJW", "BBRHCJR", "BBRHPJR")
_IMPORT: Final[Mapping[str, str]] = {
    "BASE": "total",
    "EAST": "total",
    **{
        label: str(tariff)
        for labels in (_HOURLY, _EJP, _TEMPO)
        for tariff, label in enumerate(labels, start=1)
    },
    **{f"EASF{tariff:02}": str(tariff) for tariff in range(1, 11)},
}
_EXPORT: Final = {"EAIT": "total"}
# PTEC, in the order of the registers above.
_PERIODS: Final[Mapping[str, int]] = {
    "TH..": 1,
    "HC..": 1,
    "HP..": 2,
    "HN..": 1,
    "PM..": 2,
    "HCJB": 1,
    "HPJB": 2,
    "HCJW": 3,
    "HPJW": 4,
    "HCJR": 5,
    "HPJR": 6,
}
_CURRENTS: Final = {"IINST": 1, "IRMS1": 1, "IRMS2": 2, "IRMS3": 3} | {
    f"IINST{phase}": phase for phase in (1, 2, 3)
}
_VOLTAGES: Final = {f"URMS{phase}": phase for phase in (1, 2, 3)}
_WARNINGS: Final = frozenset({"ADPS", "ADIR1", "ADIR2", "ADIR3"})
_IDS: Final = ("ADSC", "ADCO")


def _units() -> Iterator[tuple[str, str]]:
    for label in (*_IMPORT, *_EXPORT, *(f"EASD{n:02}" for n in range(1, 5))):
        yield label, "Wh"
    for label in (*_CURRENTS, *_WARNINGS, "ISOUSC", "IMAX", "IMAX1", "IMAX2", "IMAX3"):
        yield label, "A"
    for label in (*_VOLTAGES, "UMOY1", "UMOY2", "UMOY3"):
        yield label, "V"
    for label in ("PAPP", "SINSTS", "SINSTS1", "SINSTS2", "SINSTS3", "SINSTI"):
        yield label, "VA"
    for label in ("SMAXSN", "SMAXSN1", "SMAXSN2", "SMAXSN3", "SMAXIN"):
        yield label, "VA"
        yield f"{label}-1", "VA"
    for label in ("CCASN", "CCASN-1", "CCAIN", "CCAIN-1", "PMAX"):
        yield label, "W"
    for label in ("PREF", "PCOUP"):
        yield label, "kVA"
    for label in ("ERQ1", "ERQ2", "ERQ3", "ERQ4"):
        yield label, "varh"
    for label in ("NTARF", "NJOURF", "NJOURF+1", "RELAIS", "PEJP"):
        yield label, ""


_UNITS: Final = dict(_units())  # every label whose value is a number
_DATED: Final = re.compile(
    r"DATE|SMAX[SI]N[123]?(?:-1)?|CCA[SI]N(?:-1)?|UMOY[123]|[DF]PM[123]"
)
_NUMBER: Final = re.compile(r"[0-9]{1,10}")
# What the checksum cannot see in these is seen by their form.
_FORMS: Final = {
    "ADCO": re.compile(r"[0-9A-Z]{6,14}"),
    "ADSC": re.compile(r"[0-9A-Z]{6,14}"),
    "PRM": re.compile(r"[0-9A-Z]{14}"),
    "VTIC": re.compile(r"[0-9]{2}"),
    "STGE": re.compile(r"[0-9A-F]{8}"),
    "MOTDETAT": re.compile(r"[0-9A-F]{6}"),
    "PJOURF+1": re.compile(r"[0-9A-F]{8}[ 0-9A-Z]*|"),
    "PPOINTE": re.compile(r"[0-9A-F]{8}[ 0-9A-Z]*|"),
    "PTEC": re.compile(r"[A-Z]{2}(?:\.\.|[A-Z]{2})"),
}
_TIME: Final = re.compile(r"([ EeHh])([0-9]{12})")
_AHEAD_OF_UTC: Final = {"E": timedelta(hours=2), "H": timedelta(hours=1)}
_NO_MESSAGE: Final = "PAS DE MESSAGE"

# The status register STGE (Enedis-NOI-CPT_54E).
_BREAKER_SHIFT: Final = 1
_BREAKER_MASK: Final = 0x7
_OVERRUN: Final = 1 << 7


class TicDraft:
    """Collects groups."""

    def __init__(self) -> None:
        """Start with nothing said."""
        self._said: dict[str, tuple[str | None, str]] = {}
        self._numbers: dict[str, int] = {}
        self._raw: list[RawValue] = []
        self._time: datetime | None = None

    def say(self, label: str, time: str | None, value: str) -> None:
        """Take one group.

        Raises ValueError for a value that its label cannot have, and when the same
        label came before with another value.
        """
        if self._said.setdefault(label, (time, value)) != (time, value):
            raise ValueError(f"{label}: said twice, with different values")
        dated = _DATED.fullmatch(label) is not None
        known = dated or label in _UNITS or label in _FORMS
        if known and dated != (time is not None):
            raise ValueError(f"{label}: a time too few or too many")
        when = None if time is None else _timestamp(label, time)
        if label == "DATE":
            self._time = when
            value = value or time or ""
        content = value.strip()
        if (form := _FORMS.get(label)) and form.fullmatch(content) is None:
            raise ValueError(f"{label}: {value!r} is malformed")
        unit = _UNITS.get(label)
        if unit is None or not content:  # a number not measured yet is empty
            self._raw.append(RawValue(code=label, value=content, timestamp=when))
            return
        if _NUMBER.fullmatch(content) is None:
            raise ValueError(f"{label}: {value!r} is no number")
        number = int(content)
        self._numbers[label] = number
        self._raw.append(
            RawValue(code=label, value=number, unit=unit or None, timestamp=when)
        )

    def reading(self) -> Reading:
        """Return what was said."""
        status = self._text("STGE")
        subscribed_kva = self._numbers.get("PREF")
        return Reading(
            format="tic",
            timestamp=self._time,
            version=self._text("VTIC"),
            meter_id=next((t for name in _IDS if (t := self._text(name))), None),
            phases=self._phases(),
            import_energy_wh=self._energies(_IMPORT),
            export_energy_wh=self._energies(_EXPORT),
            tariff=self._tariff(),
            breaker=None if status is None else _breaker(int(status, 16)),
            subscribed_power_va=(
                None if subscribed_kva is None else subscribed_kva * 1000
            ),
            limit_warning=self._limit_warning(status),
            message=self._message(),
            raw=tuple(self._raw),
        )

    def _text(self, label: str) -> str | None:
        return self._said[label][1] if label in self._said else None

    def _energies(self, labels: Mapping[str, str]) -> dict[str, int]:
        return {
            key: self._numbers[label]
            for label, key in labels.items()
            if label in self._numbers
        }

    def _tariff(self) -> int | None:
        if "NTARF" in self._numbers:
            return self._numbers["NTARF"]
        return _PERIODS.get(self._text("PTEC") or "")

    def _phases(self) -> tuple[PhaseReading, ...]:
        numbers = self._numbers
        current = {
            p: numbers[label] for label, p in _CURRENTS.items() if label in numbers
        }
        voltage = {
            p: numbers[label] for label, p in _VOLTAGES.items() if label in numbers
        }
        return tuple(
            PhaseReading(
                phase=phase,
                voltage_v=voltage.get(phase),
                current_a=current.get(phase),
            )
            for phase in sorted(current.keys() | voltage.keys())
        )

    def _limit_warning(self, status: str | None) -> bool | None:
        if _WARNINGS & self._said.keys():
            return True
        if status is not None:
            return int(status, 16) & _OVERRUN != 0
        # In historique mode the meter warns by a group that is else not there.
        return False if "ADCO" in self._said else None

    def _message(self) -> str | None:
        texts = (
            " ".join((self._text(name) or "").split()) for name in ("MSG1", "MSG2")
        )
        return " ".join(t for t in texts if t and t != _NO_MESSAGE) or None


def _breaker(status: int) -> Breaker:
    # 0 closed; 1 to 6 open, each for another reason.
    position = status >> _BREAKER_SHIFT & _BREAKER_MASK
    return Breaker.DISCONNECTED if position else Breaker.CONNECTED


def _timestamp(label: str, text: str) -> datetime | None:
    """Return the time, None where the meter does not trust its clock.

    The season's letter makes French time unambiguous; a small one says that the
    clock lost its synchronisation.
    """
    if not text.strip():
        return None
    if (found := _TIME.fullmatch(text)) is None:
        raise ValueError(f"{label}: {text!r} is no time")
    season, digits = found.groups()
    ahead = _AHEAD_OF_UTC.get(season)
    if ahead is None or not digits.strip("0"):
        return None
    year, month, day, hour, minute, second = (
        int(digits[i : i + 2]) for i in range(0, 12, 2)
    )
    try:
        local = datetime(2000 + year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError as error:
        raise ValueError(f"{label}: {text!r} is no time: {error}") from error
    return local - ahead
