"""Days of a time zone in UTC: 23, 24 or 25 hours, so 92, 96 or 100 quarter hours."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo

from cem_core.exchange.curve import LoadCurve


def day_span(day: date, zone: tzinfo) -> tuple[datetime, datetime]:
    """Return when ``day`` begins and ends in ``zone``, as UTC."""
    begins, ends = (
        datetime.combine(each, time(), zone).astimezone(UTC)
        for each in (day, day + timedelta(days=1))
    )
    return begins, ends


def day_of(curve: LoadCurve, day: date, zone: tzinfo) -> LoadCurve | None:
    """Return what the curve has of a day, or None."""
    return curve.between(*day_span(day, zone))
