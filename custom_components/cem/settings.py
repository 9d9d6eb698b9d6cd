"""The settings of a home: its contract and what may be tuned."""

from dataclasses import dataclass
from datetime import timedelta

from homeassistant.config_entries import ConfigEntry

from cem_core.dispatch import DispatchSettings
from cem_core.limits import contract_limits
from cem_core.model import PowerLimit
from cem_core.model.units import w


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeSettings:
    """What the entry says, in the core's units."""

    import_limit_w: int
    export_limit_w: int
    phases: int
    hand_off: timedelta
    record_interval_s: float
    warn_share: float
    imbalance_w: int | None
    annual_consumption_wh: float
    limit_users: frozenset[str]
    away: str | None

    @classmethod
    def of(cls, entry: ConfigEntry) -> HomeSettings:
        """Return the settings of ``entry``; absent options have defaults."""
        options = entry.options
        imbalance_kva = options.get("imbalance_limit")
        return cls(
            import_limit_w=round(entry.data["import_limit"] * 1000),
            export_limit_w=round(entry.data["export_limit"] * 1000),
            phases=int(entry.data["phases"]),
            hand_off=timedelta(minutes=options.get("hand_off_minutes", 120)),
            record_interval_s=options.get("record_interval", 10),
            warn_share=options.get("warn_share", 90) / 100,
            imbalance_w=None if imbalance_kva is None else w(imbalance_kva),
            annual_consumption_wh=options.get("annual_consumption", 3500) * 1000,
            limit_users=frozenset(options.get("limit_users", ())),
            away=options.get("away"),
        )

    @property
    def contract(self) -> tuple[PowerLimit, ...]:
        """The contract as limits."""
        return contract_limits(
            import_w=self.import_limit_w, export_w=self.export_limit_w
        )

    def dispatch(self, meter_silent_after_s: float) -> DispatchSettings:
        """Return what the fast loop is tuned by."""
        return DispatchSettings(
            meter_silent_after_s=meter_silent_after_s, imbalance_w=self.imbalance_w
        )
