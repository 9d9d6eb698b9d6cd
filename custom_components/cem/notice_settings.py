"""When people are told that a limit is near, how, and what they can do then."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from homeassistant.util import dt as dt_util

from cem_core.limits import (
    Contract,
    Level,
    NearLimit,
    NearLimitSettings,
    TripRule,
    TripWatch,
    rule_of_country,
    trip_watch,
)
from cem_core.limits.fuse import sum_w
from cem_core.model.units import w

# In place of a rule: the one of the country in Home Assistant's own settings.
BY_COUNTRY: Final = "country"
CAUTION_PERCENT: Final = 80
WARNING_PERCENT: Final = 95
SHED_MINUTES: Final = 30


class NotifyFrom(StrEnum):
    """From which level on people are told; what cuts the supply is always told."""

    IF_NEEDED = "if_needed"  # the second, where no device that we command can give way
    CAUTION = "caution"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeSettings:
    """What the home's options say of near-limit notices.

    ``topic``: where MQTT gets every notice; None: nowhere.
    """

    near: NearLimitSettings
    trip_rule: TripRule
    subscribed_w: int | None
    notify_from: NotifyFrom
    topic: str | None
    shed_for: timedelta

    @classmethod
    def of(
        cls, options: Mapping[str, Any], *, contract: Contract, country: str | None
    ) -> NoticeSettings:
        """Return the settings in ``options``; absent ones have defaults."""
        chosen = options.get("trip_rule", BY_COUNTRY)
        rule = rule_of_country(country) if chosen == BY_COUNTRY else TripRule(chosen)
        subscribed_kw = options.get("subscribed_power")
        return cls(
            near=NearLimitSettings(
                caution_share=options.get("caution_share", CAUTION_PERCENT) / 100,
                warning_share=options.get("warning_share", WARNING_PERCENT) / 100,
            ),
            trip_rule=rule,
            subscribed_w=(
                _rated_w(rule, contract) if subscribed_kw is None else w(subscribed_kw)
            ),
            notify_from=NotifyFrom(options.get("notify_from", NotifyFrom.IF_NEEDED)),
            topic=options.get("notice_topic"),
            shed_for=timedelta(minutes=options.get("shed_minutes", SHED_MINUTES)),
        )

    def keeps_quiet(self, notice: NearLimit, *, controls: bool) -> bool:
        """Tell whether people need not hear of a level.

        What we command runs up to the limit on purpose and gives way by itself: that
        it is near then is no news, unless somebody wants to hear of it.
        """
        match self.notify_from:
            case NotifyFrom.CAUTION:
                return False
            case NotifyFrom.WARNING:
                return notice.level < Level.WARNING
            case NotifyFrom.IF_NEEDED:
                kept = controls and any(each.commanded for each in notice.helping)
                return kept or notice.level < Level.WARNING

    def trip_watch(self) -> TripWatch | None:
        """Return what follows the connection's trip, with nothing remembered."""
        if self.subscribed_w is None:
            return None
        return trip_watch(self.trip_rule, self.subscribed_w, dt_util.now().date())


def _rated_w(rule: TripRule, contract: Contract) -> int | None:
    """Return what a rule counts from where nobody says: a breaker from the fuse."""
    of_fuse = rule in {TripRule.BREAKER_B, TripRule.BREAKER_C}
    if of_fuse and contract.fuse_a is not None:
        return sum_w(contract.fuse_a, contract.phases)
    return contract.import_w
