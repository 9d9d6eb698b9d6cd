"""What is written of limits that come, hold and go."""

from collections.abc import Sequence
from typing import Any

import pytest

from cem_core.evidence.record import Kind
from cem_core.evidence.watch import Watch
from cem_core.model import (
    Basis,
    Direction,
    LimitSource,
    Message,
    PowerLimit,
    Priority,
    Scope,
)

SIDE = Direction.IMPORT, Scope.CONTROLLABLE
AWAY = {(LimitSource.ORDER, "away"): Kind.FAILSAFE}


def limit(limit_w: int = 7560, **changes: Any) -> PowerLimit:
    given = {
        "limit_id": "x",
        "source": LimitSource.ORDER,
        "issuer": "control box",
        "direction": Direction.IMPORT,
        "scope": Scope.CONTROLLABLE,
        "limit_w": limit_w,
    }
    return PowerLimit(**{**given, **changes})


def see(
    watch: Watch,
    now_s: float,
    limits: Sequence[PowerLimit],
    power_w: int | None,
    *assumed: str,
    owed_w: int | None = None,
) -> list[tuple[Kind, dict[str, Any]]]:
    return watch.update(
        now_s=now_s,
        limits=limits,
        grid_w=power_w,
        powers_w={} if power_w is None else {SIDE: power_w},
        assumed=assumed,
        owed_w=owed_w,
    )


def test_an_order_its_effect_its_minutes_and_its_end() -> None:
    watch = Watch()
    assert see(watch, 0, [], 17000) == []
    [(kind, data)] = see(watch, 1, [limit()], 17000)
    assert (kind, data["limit_w"], data["power_w"]) == (Kind.ORDER, 7560, 17000)
    assert see(watch, 3, [limit()], 12000) == []
    [(kind, data)] = see(watch, 5.5, [limit()], 7600)
    assert (kind, data["after_s"], data["was_inside"]) == (Kind.EFFECT, 4.5, False)
    for second in range(6, 61):
        assert see(watch, second, [limit()], 7000, "heat_pump") == []
    [(kind, data)] = see(watch, 61, [limit()], 7000)
    assert kind is Kind.MINUTE
    assert data["limits_w"] == {"x": 7560}
    assert data["assumed"] == ["heat_pump"]
    means = round((17000 + 12000 + 7600 + 55 * 7000) / 58)
    assert data["import_controllable_w"] == data["net_import_w"] == means
    assert see(watch, 62, [], 9000) == [(Kind.END, {"limit_id": "x", "lasted_s": 61})]


def test_a_power_that_was_inside_already_is_said_so() -> None:
    entries = see(Watch(), 0, [limit()], 500)
    assert [kind for kind, _ in entries] == [Kind.ORDER, Kind.EFFECT]
    assert entries[1][1]["was_inside"]


def test_another_limit_of_the_same_id_is_another_order() -> None:
    watch = Watch()
    see(watch, 0, [limit()], 500)
    kinds = [kind for kind, _ in see(watch, 1, [limit(5000)], 500)]
    assert kinds == [Kind.ORDER, Kind.EFFECT]


def test_an_order_says_who_stands_behind_it_and_why() -> None:
    why = Message.of("issuer_says", text="maintenance")
    given = limit(source=LimitSource.MQTT, priority=Priority.MARKET, reason=why)
    [(_, data)] = see(Watch(), 0, [given], 9000)
    assert (data["source"], data["issuer"]) == ("mqtt", "control box")
    assert (data["priority"], data["reason"]) == ("market", "maintenance")
    [(_, data)] = see(Watch(), 0, [limit()], 9000)
    assert (data["priority"], data["reason"]) == ("obligation", None)


@pytest.mark.parametrize(
    "changes",
    [
        {"priority": Priority.MARKET},
        {"reason": Message.of("mqtt_silent")},
        {"source": LimitSource.MQTT},
    ],
)
def test_an_order_with_another_reason_is_another_order(changes: dict[str, Any]) -> None:
    watch = Watch()
    see(watch, 0, [limit()], 9000)
    assert see(watch, 1, [limit()], 9000) == []
    [(kind, _)] = see(watch, 2, [limit(**changes)], 9000)
    assert kind is Kind.ORDER


def test_a_silent_source_is_neither_an_order_nor_failsafe() -> None:
    watch = Watch(unordered={(LimitSource.MQTT, "silent"): Kind.SILENT} | AWAY)
    silent = limit(source=LimitSource.MQTT, issuer="silent")
    assert [kind for kind, _ in see(watch, 0, [silent], 9000)] == [Kind.SILENT]
    assert see(watch, 61, [silent], 9000) == []  # and no minutes
    named_like_it = limit(limit_id="y", issuer="silent")
    assert [k for k, _ in see(watch, 62, [silent, named_like_it], 9000)] == [Kind.ORDER]


def test_a_failsafe_limit_is_no_order() -> None:
    watch = Watch(unordered=AWAY)
    [(kind, _), *_] = see(watch, 0, [limit(issuer="away")], 9000)
    assert kind is Kind.FAILSAFE


def test_what_had_to_be_left_stands_beside_the_order() -> None:
    [(_, data), *_] = see(Watch(), 0, [limit(4200)], 9000, owed_w=7560)
    assert (data["minimum_owed_w"], data["below_minimum"]) == (7560, True)
    [(_, data), *_] = see(Watch(), 0, [limit(7560)], 9000, owed_w=7560)
    assert (data["minimum_owed_w"], data["below_minimum"]) == (7560, False)
    [(_, data), *_] = see(Watch(), 0, [limit(0)], 9000)
    assert "minimum_owed_w" not in data
    whole = limit(0, scope=Scope.CONNECTION)
    [(_, data), *_] = see(Watch(), 0, [whole], 9000, owed_w=7560)
    assert "minimum_owed_w" not in data


def test_a_failsafe_limit_owes_nothing() -> None:
    watch = Watch(unordered=AWAY)
    [(kind, data), *_] = see(watch, 0, [limit(issuer="away")], 9000, owed_w=7560)
    assert kind is Kind.FAILSAFE
    assert "minimum_owed_w" not in data


def test_the_same_power_on_another_basis_is_another_order() -> None:
    watch = Watch()
    see(watch, 0, [limit()], 500)
    kinds = [k for k, _ in see(watch, 1, [limit(basis=Basis.GRID_DRAW)], 500)]
    assert kinds == [Kind.ORDER, Kind.EFFECT]


def test_without_a_known_power_there_is_no_effect() -> None:
    watch = Watch()
    [(kind, data)] = see(watch, 0, [limit()], None)
    assert (kind, data["power_w"]) == (Kind.ORDER, None)
    assert see(watch, 1, [limit()], None) == []


def test_what_nobody_ordered_is_not_evidence() -> None:
    contract = limit(source=LimitSource.CONTRACT)
    assert see(Watch(), 0, [contract], 500) == []


def test_a_box_that_stays_away_does_not_fill_the_disk() -> None:
    watch = Watch(unordered=AWAY)
    entries = [
        entry
        for second in range(3600)
        for entry in see(watch, second, [limit(issuer="away")], 500)
    ]
    assert [kind for kind, _ in entries] == [Kind.FAILSAFE, Kind.EFFECT]
