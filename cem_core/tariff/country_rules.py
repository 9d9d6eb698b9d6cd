"""The rules of countries about power at a home's connection: data, each with its source.

Sources are as good as they are named: a regulation, an operator's page, or a page that
says what others measured. A rule without ``valid_from`` is announced and not in force.
The arithmetic is elsewhere: peaks in `capacity` (by the presets named here), §14a EnWG
in `enwg14a`, the time until a meter trips in `cem_core.limits.trip`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class SteerableRule:
    """Devices that an operator may limit, and the least it has to leave them.

    ``simultaneity`` holds the factor for 1, 2, … devices; the last one holds from
    there on. ``within_s`` is how soon an order must have taken effect,
    ``evidence_years`` how long that must be provable.
    """

    name: str = "steerable"
    above_kw: float
    per_device_kw: float
    commissioned_from: date
    simultaneity: tuple[float, ...]
    large_group_above_kw: float
    large_group_share: float
    within_s: float
    evidence_years: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedInRule:
    """A plant may feed in this share of its installed power, as long as it is so.

    For plants above ``above_kw`` and below ``below_kw`` that were put into service
    from ``commissioned_from`` and before ``commissioned_before``.
    """

    name: str
    share: float
    above_kw: float
    below_kw: float | None
    commissioned_from: date | None
    commissioned_before: date | None
    ends_with: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PeakCharge:
    """What the peaks of a home cost; ``presets`` are keys of `CAPACITY_PRESETS`.

    A preset is one operator's or region's; another operator of the country has the
    same fields with other values.
    """

    name: str = "peak charge"
    presets: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TripByFilter:
    """A meter filters the square of the apparent power and cuts above a share.

    Each second Y becomes ``past`` Y + (1 - ``past``) X²; it cuts where the root of Y
    exceeds ``cut_at`` times the subscribed power.
    """

    name: str = "trip"
    past: float
    cut_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TripByTolerance:
    """A meter tolerates some excess for ever, more for a while.

    ``available_share`` of the contract may flow for ever; above ``over_share`` of
    that available power it cuts soon; it looks at the mean after ``checked_at_min``.
    ``other_over_share`` is what other sources say instead of ``over_share``.
    """

    name: str = "trip"
    available_share: float
    over_share: float
    other_over_share: float
    checked_at_min: tuple[int, ...]
    up_to_kw: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TripAtOnce:
    """A meter cuts above the contract; the time is not published, so assumed."""

    name: str = "trip"
    cut_at: float
    assumed_after_s: float
    up_to_kw: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """The largest connection of a household, and whether its meter limits it."""

    name: str = "connection"
    phases: int
    fuse_a: float
    meter_limits: bool


type Rule = (
    SteerableRule
    | FeedInRule
    | PeakCharge
    | TripByFilter
    | TripByTolerance
    | TripAtOnce
    | Connection
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """A rule, since when it holds (None: not yet decided), and who says so."""

    rule: Rule
    valid_from: date | None
    source: str = field(compare=False)


_BNETZA: Final = "BNetzA BK6-22-300, annex 1: 2.4, 4.2, 4.5.2, 7.3"
_EEG: Final = "EEG 2023, section 9"

COUNTRY_RULES: Final[Mapping[str, tuple[Dated, ...]]] = {
    "BE": (
        Dated(
            rule=PeakCharge(presets=("belgium_flanders",)),
            valid_from=date(2023, 1, 1),
            source="https://www.fluvius.be/nl/veelgestelde-vragen/"
            "capaciteitstarief-gezinnen-kleine-ondernemingen",
        ),
    ),
    "DE": (
        Dated(
            rule=SteerableRule(
                above_kw=4.2,
                per_device_kw=4.2,
                commissioned_from=date(2024, 1, 1),
                simultaneity=(1.0, 0.80, 0.75, 0.70, 0.65, 0.60, 0.55, 0.50, 0.45),
                large_group_above_kw=11.0,
                large_group_share=0.4,
                within_s=300,
                evidence_years=2,
            ),
            valid_from=date(2024, 1, 1),
            source=_BNETZA,
        ),
        # Own consumption is headroom: the share bounds what flows out. A plug-in
        # plant of 800 VA or less is exempt.
        Dated(
            rule=FeedInRule(
                name="feed-in 60 %",
                share=0.6,
                above_kw=0.8,
                below_kw=100.0,
                commissioned_from=date(2025, 2, 25),
                commissioned_before=None,
                ends_with="a smart meter, a control box and a test that it obeys",
            ),
            valid_from=date(2025, 2, 25),
            source=_EEG,
        ),
        Dated(
            rule=FeedInRule(
                name="feed-in 70 %",
                share=0.7,
                above_kw=0.0,
                below_kw=25.0,
                commissioned_from=date(2012, 1, 1),
                commissioned_before=date(2023, 1, 1),
                ends_with="an operator that can turn the plant down",
            ),
            valid_from=date(2012, 1, 1),
            source=_EEG,
        ),
    ),
    "ES": (
        Dated(
            rule=TripAtOnce(cut_at=1.0, assumed_after_s=30, up_to_kw=15.0),
            valid_from=date(2021, 6, 1),
            source="audinforsystem.es, atriom.io (secondary); no curve is published",
        ),
        # Above 15 kW a maximum-demand meter takes the breaker's place.
        Dated(
            rule=PeakCharge(presets=("spain",)),
            valid_from=date(2021, 6, 1),
            source="Circular 3/2020 of the CNMC, article 9",
        ),
    ),
    "FR": (
        Dated(
            rule=TripByFilter(past=0.992, cut_at=1.3),
            valid_from=date(2015, 12, 1),
            source="capfile.com (secondary)",
        ),
    ),
    "IT": (
        Dated(
            rule=TripByTolerance(
                available_share=1.10,
                over_share=1.21,
                other_over_share=1.27,
                checked_at_min=(2, 92, 182),
                up_to_kw=30.0,
            ),
            valid_from=date(2017, 1, 1),
            source="servizioelettriconazionale.it (10 %); oetzi.energy (minutes); "
            "CEI 0-21, 7.3.1.2 (30 kW)",
        ),
    ),
    "NL": (
        Dated(
            rule=Connection(phases=3, fuse_a=80.0, meter_limits=False),
            valid_from=date(2014, 1, 1),
            source="DSMR 4.2.2, release notes: breaker and threshold left the telegram",
        ),
    ),
    "NO": (
        Dated(
            rule=PeakCharge(presets=("norway",)),
            valid_from=date(2022, 7, 1),
            source="https://www.elvia.no/nettleie/alt-om-nettleiepriser/nettleie-pris/",
        ),
    ),
    "SE": (
        Dated(
            rule=PeakCharge(
                presets=(
                    "sweden_goteborg_energi",
                    "sweden_sollentuna",
                    "sweden_falkenberg",
                )
            ),
            valid_from=date(2023, 1, 1),
            source="the operators' pages, named with each preset",
        ),
    ),
}


def rules_in_force[T: Rule](country: str, kind: type[T], day: date) -> Sequence[T]:
    """Return the rules of ``kind`` that hold in ``country`` on ``day``.

    Of each name the one that came into force last; an unknown country has none.
    """
    found: dict[str, tuple[date, T]] = {}
    for dated in COUNTRY_RULES.get(country, ()):
        rule, since = dated.rule, dated.valid_from
        if not isinstance(rule, kind) or since is None or since > day:
            continue
        if rule.name not in found or found[rule.name][0] <= since:
            found[rule.name] = since, rule
    return [rule for _, rule in found.values()]
