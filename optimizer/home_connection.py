"""`sub_connections` of HOME.yaml: parts of the home with a meter of their own."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cem_core.tariff import HourSpan, MonthSpan, WeekdaySpan, When
from optimizer.fields import described
from optimizer.home_energy import ExportTariff, ImportTariff
from optimizer.home_tariff import CapacityCharge

HOUSEHOLD: Final = "household"  # the meter of all that is on no sub-connection


class Wiring(StrEnum):
    """Where the meters are.

    ``own``: beside the household's, each with a bill of its own. ``cascade``: one
    measures all and the other a part; the difference is the other part's.
    """

    OWN = "own"
    CASCADE = "cascade"


class Inner(StrEnum):
    """What the second meter of a cascade measures."""

    HOUSEHOLD = "household"
    DEVICES = "devices"


@dataclass(frozen=True, slots=True, kw_only=True)
class Powered:
    """A part of the year in which a line has power; what is absent is not asked."""

    months: tuple[MonthSpan, ...] = described("as 11, or 11-3", ())
    weekdays: tuple[WeekdaySpan, ...] = described("1 is Monday; or mon, mon-fri", ())
    hours: tuple[HourSpan, ...] = described("6 is 6:00-7:00; or 6-20, 22:30-6", ())

    @property
    def when(self) -> When:
        """What the engine asks the clock by."""
        return When(months=self.months, weekdays=self.weekdays, hours=self.hours)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubConnection:
    """A part of the home with a meter and prices of its own; devices name it."""

    id: str = described("name of the connection")
    wiring: Wiring = described("beside the household's meter, or in cascade with it")
    inner_meter: Inner = described(
        "what the second meter of a cascade measures", Inner.HOUSEHOLD
    )
    import_series: str | None = described(
        "column of SERIES with what a kWh costs, taxes in; or give import", None
    )
    import_: ImportTariff | None = described("what a kWh costs", None)
    export_series: str | None = described(
        "column with what a kWh brings at an own meter; or give export; absent: 0", None
    )
    export: ExportTariff | None = described("what a kWh brings at an own meter", None)
    import_limit_kw: float | None = described(
        "most that its line carries; absent: any", None, minimum=0
    )
    powered: tuple[Powered, ...] = described(
        "when its line has power; absent: always", (), one_or_more=True
    )
    capacity: tuple[CapacityCharge, ...] = described(
        "peak charge on what its devices draw; absent: none", (), one_or_more=True
    )

    @property
    def import_column(self) -> str:
        """Where its aligned price stands among the columns."""
        return f"sub_connections.{self.id}.import"

    @property
    def export_column(self) -> str:
        """Where what it brings stands among the columns."""
        return f"sub_connections.{self.id}.export"
