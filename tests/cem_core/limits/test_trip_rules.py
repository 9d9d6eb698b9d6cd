"""Which rule a connection trips by, followed telegram by telegram."""

from datetime import date

import pytest

from cem_core.limits import TripRule, rule_of_country, trip_watch
from cem_core.limits.trip_rules import TripWatch, apparent_va, import_w, most_loaded_w
from cem_core.model import PhaseReading, Reading

DAY = date(2026, 11, 26)


def reading(power_w: int | None, **more: object) -> Reading:
    flows = {}
    if power_w is not None:
        flows = {"import_power_w": max(power_w, 0), "export_power_w": max(-power_w, 0)}
    return Reading(format="p1", **flows, **more)  # type: ignore[arg-type]


def watch(rule: TripRule, subscribed_w: float) -> TripWatch:
    watched = trip_watch(rule, subscribed_w, DAY)
    assert watched is not None
    return watched


@pytest.mark.parametrize(
    ("country", "rule"),
    [
        ("FR", TripRule.LINKY),
        ("IT", TripRule.ITALY),
        ("ES", TripRule.SPAIN),
        ("BE", TripRule.BREAKER_B),
        (None, TripRule.BREAKER_B),
    ],
)
def test_the_country_says_what_trips(country: str | None, rule: TripRule) -> None:
    assert rule_of_country(country) is rule


def test_every_rule_but_none_is_followed() -> None:
    for rule in TripRule:
        watched = trip_watch(rule, 6000, DAY)
        assert (watched is None) is (rule is TripRule.NONE)
        if watched is not None:
            assert watched.update(reading(5900), 0) is None
            assert watched.update(reading(30_000), 1) is not None


def test_spain_counts_from_telegram_to_telegram() -> None:
    spain = watch(TripRule.SPAIN, 4600)
    left = [spain.update(reading(5000), at_s) for at_s in (0.0, 1.0, 6.0)]
    assert left == [30, 29, 24]


def test_of_a_silence_the_worse_end_is_believed() -> None:
    quiet, loud = watch(TripRule.SPAIN, 4600), watch(TripRule.SPAIN, 4600)
    assert quiet.update(reading(1000), 0) is None
    assert quiet.update(None, 10) is None
    assert quiet.update(reading(5000), 25) == 5
    assert loud.update(reading(5000), 0) == 30
    assert loud.update(reading(1000), 25) is None
    assert loud.update(reading(5000), 26) == 4


def test_a_clock_that_stands_still_counts_nothing() -> None:
    spain = watch(TripRule.SPAIN, 4600)
    assert [spain.update(reading(5000), 7.0) for _ in range(3)] == [30, 30, 30]


def test_export_trips_nothing() -> None:
    assert import_w(reading(-9000)) == 0
    assert watch(TripRule.ITALY, 3000).update(reading(-9000), 0) is None


def test_unknown_power_is_not_zero() -> None:
    for measure in (import_w, apparent_va, most_loaded_w):
        assert measure(reading(None)) is None


def test_linky_goes_by_the_apparent_power() -> None:
    assert apparent_va(reading(3000)) == 3000
    assert apparent_va(reading(3000, reactive_import_power_var=4000)) == 5000
    assert apparent_va(reading(3000, reactive_export_power_var=4000)) == 5000


def test_a_breaker_goes_by_its_most_loaded_phase() -> None:
    phases = tuple(
        PhaseReading(phase=phase, import_power_w=power_w)
        for phase, power_w in ((1, 4000), (2, 100), (3, 0))
    )
    assert most_loaded_w(reading(4100, phases=phases)) == 12_000
    assert most_loaded_w(reading(4100, phases=phases[:1])) == 4100
    unmeasured = (PhaseReading(phase=1), PhaseReading(phase=2))
    assert most_loaded_w(reading(4100, phases=unmeasured)) == 4100


@pytest.mark.parametrize(
    ("rule", "up_to_w"), [(TripRule.ITALY, 30_000), (TripRule.SPAIN, 15_000)]
)
def test_above_the_power_that_meters_cut_at_the_breaker_is_the_first(
    rule: TripRule, up_to_w: int
) -> None:
    far = reading(4 * up_to_w)
    breaker = watch(TripRule.BREAKER_B, up_to_w + 1).update(far, 0)
    assert watch(rule, up_to_w + 1).update(far, 0) == breaker
    assert watch(rule, up_to_w).update(far, 0) != breaker


def test_before_a_country_has_its_rule_the_breaker_is_the_first() -> None:
    far = reading(20_000)
    early = trip_watch(TripRule.LINKY, 6000, date(2000, 1, 1))
    assert early is not None
    assert early.update(far, 0) == watch(TripRule.BREAKER_B, 6000).update(far, 0)
