"""When people are told that a limit is near, how, and what they can do then."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from cem_core.limits import (
    Level,
    NearLimitSettings,
    TripRule,
    TripWatch,
    rule_of_country,
    trip_watch,
)

# In place of a rule: the one of the country in Home Assistant's own settings.
BY_COUNTRY: Final = "country"
CAUTION_PERCENT: Final = 80
WARNING_PERCENT: Final = 95
SHED_MINUTES: Final = 30
SNOOZE: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeSettings:
    """What the home's options say of near-limit notices.

    ``notify``: actions or entities of the domain `notify`; none: a persistent
    notification. ``topic``: where MQTT gets every notice; None: nowhere.
    """

    near: NearLimitSettings
    trip_rule: TripRule
    subscribed_w: float
    notify: tuple[str, ...]
    notify_from: Level
    topic: str | None
    shed_for: timedelta

    @classmethod
    def of(
        cls, options: Mapping[str, Any], *, import_limit_w: int, country: str | None
    ) -> NoticeSettings:
        """Return the settings in ``options``; absent ones have defaults."""
        rule = options.get("trip_rule", BY_COUNTRY)
        subscribed_kw = options.get("subscribed_power")
        return cls(
            near=NearLimitSettings(
                caution_share=options.get("caution_share", CAUTION_PERCENT) / 100,
                warning_share=options.get("warning_share", WARNING_PERCENT) / 100,
            ),
            trip_rule=(
                rule_of_country(country) if rule == BY_COUNTRY else TripRule(rule)
            ),
            subscribed_w=(
                import_limit_w if subscribed_kw is None else subscribed_kw * 1000
            ),
            notify=tuple(options.get("notify", ())),
            notify_from=Level[options.get("notify_from", "caution").upper()],
            topic=options.get("notice_topic"),
            shed_for=timedelta(minutes=options.get("shed_minutes", SHED_MINUTES)),
        )

    def trip_watch(self) -> TripWatch | None:
        """Return what follows the connection's trip, with nothing remembered."""
        return trip_watch(self.trip_rule, self.subscribed_w)
