"""The settings of a home: its contract and what may be tuned."""

from dataclasses import dataclass
from datetime import timedelta

from homeassistant.config_entries import ConfigEntry

from cem_core.dispatch import DispatchSettings, imbalance_limit, site_limit
from cem_core.limits import Contract, FeedInCap
from cem_core.model import PowerLimit
from cem_core.model.units import w
from custom_components.cem.const import Kind
from custom_components.cem.forms.connection import CAP_POWER, NO_CAP


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeSettings:
    """What the entry says, in the core's units."""

    contract: Contract
    hand_off: timedelta
    record_interval_s: float
    imbalance_w: int | None
    site_w: int | None  # of the line that all chargers hang on
    annual_consumption_wh: float
    limit_users: frozenset[str]
    guests: frozenset[str]
    away: str | None
    whole_diagnostics: bool
    return_least_s: float
    return_most_s: float
    return_after_cut_most_s: float
    reconnect_share_per_min: float
    weather: str | None  # a weather entity, for the season
    co2_entity: str | None  # tells of the grid's CO2
    co2_kg_per_kwh: float | None  # where no entity does

    @classmethod
    def of(cls, entry: ConfigEntry) -> HomeSettings:
        """Return the settings of ``entry``; absent options have defaults."""
        options = entry.options
        imbalance_kva = options.get("imbalance_limit")
        site_kw = options.get("charging_site_limit")
        return cls(
            contract=Contract(
                import_w=round(entry.data["import_limit"] * 1000),
                export_w=round(entry.data["export_limit"] * 1000),
                fuse_a=options.get("fuse"),
                phases=int(entry.data["phases"]),
                feed_in_cap=_feed_in_cap(entry),
            ),
            hand_off=timedelta(minutes=options.get("hand_off_minutes", 120)),
            record_interval_s=options.get("record_interval", 10),
            imbalance_w=None if imbalance_kva is None else w(imbalance_kva),
            site_w=None if site_kw is None else w(site_kw),
            annual_consumption_wh=options.get("annual_consumption", 3500) * 1000,
            limit_users=frozenset(options.get("limit_users", ())),
            guests=frozenset(options.get("guests", ())),
            away=options.get("away"),
            whole_diagnostics=options.get("whole_diagnostics", False),
            return_least_s=options.get("return_least", 60),
            return_most_s=options.get("return_most", 180),
            return_after_cut_most_s=options.get("return_after_cut", 300),
            reconnect_share_per_min=options.get("reconnect_ramp", 10) / 100,
            weather=options.get("weather"),
            co2_entity=options.get("co2_entity"),
            co2_kg_per_kwh=options.get("co2_kg_per_kwh"),
        )

    @property
    def beside_totals(self) -> tuple[PowerLimit, ...]:
        """The limits that bound no flow at the connection."""
        site = () if self.site_w is None else (site_limit(self.site_w),)
        return site if self.imbalance is None else (*site, self.imbalance)

    @property
    def imbalance(self) -> PowerLimit | None:
        """The limit on the imbalance of phases, None: none is set."""
        return None if self.imbalance_w is None else imbalance_limit(self.imbalance_w)

    def dispatch(self, meter_silent_after_s: float) -> DispatchSettings:
        """Return what the fast loop is tuned by."""
        return DispatchSettings(
            meter_silent_after_s=meter_silent_after_s,
            imbalance_w=self.imbalance_w,
            site_w=self.site_w,
            return_least_s=self.return_least_s,
            return_most_s=self.return_most_s,
            return_after_cut_most_s=self.return_after_cut_most_s,
            reconnect_share_per_min=self.reconnect_share_per_min,
        )


def _feed_in_cap(entry: ConfigEntry) -> FeedInCap | None:
    """Return the cap; a share is one of the peak, else of the solar devices' sum."""
    chosen = entry.options.get("feed_in_cap", NO_CAP)
    if chosen == NO_CAP:
        return None
    if chosen == CAP_POWER:
        return FeedInCap(limit_w=round(entry.options["feed_in_cap_power"] * 1000))
    peak_kw = entry.options.get("feed_in_peak") or installed_kw(entry)
    return FeedInCap.of_share(int(chosen) / 100, peak_kw * 1000)


def installed_kw(entry: ConfigEntry) -> float:
    """Return the peak power of all solar devices of the home."""
    return sum(
        float(subentry.data["peak_power"])
        for subentry in entry.subentries.values()
        if subentry.subentry_type == Kind.SOLAR
    )
