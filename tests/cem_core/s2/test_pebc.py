"""Devices that are bounded and do as they like within."""

from datetime import timedelta
import json
from typing import Any

from hypothesis import given, strategies as st
import pytest
from s2python.common import RevokableObjects

from cem_core.s2.control import Order
from cem_core.s2.messages import S2Error, parse
from cem_core.s2.pebc import PowerEnvelope
from tests.cem_core.s2.messages import L1, NOW, THREE, at, message, name, numbers


def _limit(
    kind: str,
    start: float,
    end: float,
    quantity: str = THREE,
    *,
    abnormal: bool = False,
) -> dict[str, Any]:
    return {
        "commodity_quantity": quantity,
        "limit_type": kind,
        "range_boundary": numbers(start, end),
        "abnormal_condition_only": abnormal,
    }


def bounded(
    *limits: dict[str, Any], consequence: str = "VANISH", **fields: Any
) -> PowerEnvelope:
    """Return a device with such constraints; without a lower limit it only draws."""
    lower = any(each["limit_type"] == "LOWER_LIMIT" for each in limits)
    quantities = {each["commodity_quantity"]: None for each in limits}
    control = PowerEnvelope()
    text = message(
        "PEBC.PowerConstraints",
        id=name("constraints"),
        valid_from=at(hours=-1),
        consequence_type=consequence,
        allowed_limit_ranges=[
            *limits,
            *(_limit("LOWER_LIMIT", 0, 0, q) for q in quantities if not lower),
        ],
        **fields,
    )
    assert control.take(parse(text))
    return control


def roof() -> PowerEnvelope:
    """Return solar that can be curtailed to nothing, from 8 kW."""
    return bounded(_limit("LOWER_LIMIT", -8000, 0), _limit("UPPER_LIMIT", 0, 0))


def envelope(
    control: PowerEnvelope, power_w: float, **order: Any
) -> tuple[float, float]:
    """Return the bounds of the one quantity that is bounded."""
    (told,) = control.instruct(Order(power_w=power_w, **order), NOW)
    (found,) = json.loads(told.to_json())["power_envelopes"]
    (element,) = found["power_envelope_elements"]
    assert element["duration"] == 900_000
    return element["lower_limit"], element["upper_limit"]


def test_solar_is_bounded_from_below() -> None:
    assert envelope(roof(), -3000) == (-3000, 0)


def test_solar_is_curtailed_to_nothing() -> None:
    assert envelope(roof(), 0) == (0, 0)


def test_a_charger_is_bounded_from_above_to_what_is_allowed() -> None:
    charger = bounded(
        _limit("LOWER_LIMIT", 0, 0),
        _limit("UPPER_LIMIT", 0, 0),
        _limit("UPPER_LIMIT", 1380, 7360),
    )
    assert envelope(charger, 3000) == (0, 3000)
    assert envelope(charger, 1000) == (0, 0)  # between: the next below


def test_what_is_allowed_under_abnormal_conditions_only() -> None:
    limits = (
        _limit("UPPER_LIMIT", 4200, 11_000),
        _limit("UPPER_LIMIT", 0, 4200, abnormal=True),
    )
    assert envelope(bounded(*limits), 2000) == (0, 4200)
    assert envelope(bounded(*limits), 2000, limited=True) == (0, 2000)


def test_the_phases_take_equal_shares() -> None:
    quantities = [L1, "ELECTRIC.POWER.L2", "ELECTRIC.POWER.L3"]
    control = bounded(*(_limit("UPPER_LIMIT", 0, 3680, each) for each in quantities))
    (told,) = control.instruct(Order(power_w=6000.0), NOW)
    found = json.loads(told.to_json())["power_envelopes"]
    assert [each["power_envelope_elements"][0]["upper_limit"] for each in found] == [
        2000,
        2000,
        2000,
    ]


def test_an_envelope_is_renewed_in_half_its_time() -> None:
    control = roof()
    assert control.instruct(Order(power_w=-3000.0), NOW)
    soon, later = NOW + timedelta(minutes=7), NOW + timedelta(minutes=8)
    assert control.instruct(Order(power_w=-3000.0), soon) == ()
    assert control.instruct(Order(power_w=-3000.0), later)


def test_constraints_end() -> None:
    control = bounded(_limit("UPPER_LIMIT", 0, 5000), valid_until=at(hours=1))
    assert control.power_w(NOW) is not None
    with pytest.raises(S2Error, match="has not said between what"):
        control.instruct(Order(power_w=0.0), NOW + timedelta(hours=1))


def test_solar_as_the_optimiser_sees_it() -> None:
    assert roof().described(NOW) == {
        "kind": "solar",
        "curtailable": True,
        "peak_kw": 8.0,
    }


def constraint(upper_w: float, lower_w: float = 0.0, hours: float = 2) -> str:
    """Return what it draws on average from now on, at most and at least."""
    return message(
        "PEBC.EnergyConstraint",
        id=name("energy"),
        valid_from=at(),
        valid_until=at(hours=hours),
        upper_average_power=upper_w,
        lower_average_power=lower_w,
        commodity_quantity=THREE,
    )


def test_what_would_be_lost_is_left_alone_and_what_is_put_off_is_planned() -> None:
    limit = _limit("UPPER_LIMIT", 0, 5000)
    assert bounded(limit).described(NOW) == {"kind": "left_alone"}
    put_off = bounded(limit, consequence="DEFER").described(NOW)
    assert put_off == {"min_power_kw": 0.0, "max_power_kw": 5.0}


def test_energy_by_a_time_is_a_load_of_what_is_still_to_be_allowed() -> None:
    control = bounded(_limit("UPPER_LIMIT", 0, 5000), consequence="DEFER")
    assert control.take(parse(constraint(2000)))
    found = control.described(NOW)
    assert found is not None
    assert found["kind"] == "flexible_load"
    assert found["energy_kwh"] == pytest.approx(4)
    assert found["windows"] == [{"start": at(), "end": at(hours=2)}]
    envelope(control, 3000)
    later = control.described(NOW + timedelta(minutes=30))
    assert later is not None
    assert later["energy_kwh"] == pytest.approx(2.5)
    over = control.described(NOW + timedelta(hours=2))
    assert over == {"min_power_kw": 0.0, "max_power_kw": 5.0}


def test_a_constraint_that_is_revoked_asks_for_nothing() -> None:
    control = bounded(_limit("UPPER_LIMIT", 0, 5000), consequence="DEFER")
    assert control.take(parse(constraint(2000)))
    assert control.revoke(RevokableObjects.PEBC_EnergyConstraint, name("energy"))
    assert not control.revoke(RevokableObjects.PEBC_EnergyConstraint, name("energy"))
    found = control.described(NOW)
    assert found is not None
    assert "energy_kwh" not in found


def test_a_limit_bounds_it_whatever_it_is_to_draw() -> None:
    control = bounded(_limit("UPPER_LIMIT", 0, 2000), consequence="DEFER")
    assert control.take(parse(constraint(2000)))
    assert envelope(control, 0) == (0, 2000)  # no time is left to wait
    assert envelope(control, 0, limited=True) == (0, 0)


_orders = st.lists(st.floats(0, 5000), min_size=60, max_size=60)


@given(st.floats(0, 4999), _orders, st.integers(1, 14))
def test_what_is_to_be_drawn_by_a_time_is_always_allowed_by_then(
    upper_w: float, orders_w: list[float], minutes: int
) -> None:
    control = bounded(_limit("UPPER_LIMIT", 0, 5000), consequence="DEFER")
    assert control.take(parse(constraint(upper_w)))
    allowed_wh, high_w = 0.0, 5000.0
    for place, power_w in enumerate(orders_w):
        now = NOW + timedelta(minutes=place * minutes)
        if place * minutes >= 120:
            break
        for told in control.instruct(Order(power_w=power_w), now):
            (found,) = json.loads(told.to_json())["power_envelopes"]
            [element] = found["power_envelope_elements"]
            high_w = element["upper_limit"]
        allowed_wh += high_w * min(minutes, 120 - place * minutes) / 60
    left_h = max(0.0, 2 - len(orders_w) * minutes / 60)
    assert allowed_wh + 5000 * left_h >= 2 * upper_w - 1


@given(st.floats(0, 4999), st.floats(-5000, 0))
def test_what_is_to_be_given_is_allowed_too(given_w: float, order_w: float) -> None:
    control = bounded(
        _limit("LOWER_LIMIT", -5000, 0),
        _limit("UPPER_LIMIT", 0, 0),
        consequence="DEFER",
    )
    assert control.take(parse(constraint(0, -given_w, hours=0.25)))
    low_w, high_w = envelope(control, order_w)
    assert high_w == 0
    assert low_w == pytest.approx(min(order_w, -given_w), abs=1e-3)


def test_heat_alone_cannot_be_bounded() -> None:
    with pytest.raises(S2Error, match="no limits of electric power"):
        bounded(_limit("UPPER_LIMIT", 0, 5000, "HEAT.THERMAL_POWER"))
