"""Keep the connection near its target: batteries and cars in balance steps.

Cars go first, with whole steps of their own; batteries even out the rest. The
wanted power is computed from the load without the balancing devices, never by
adding up errors, so there is nothing to wind up while a battery is full or
still on its way.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cem_core.dispatch.live import Live
from cem_core.dispatch.memory import Surplus
from cem_core.dispatch.settings import DispatchSettings
from cem_core.model import Balance, Cause


@dataclass(frozen=True, slots=True, kw_only=True)
class Balanced:
    """The telegram as balancing sees it."""

    unbalanced_w: float  # the connection without the balancing devices
    at_s: float
    elapsed_s: float  # since the telegram before, in one telegram since the last look
    settings: DispatchSettings


def balance_cars(
    cars: Sequence[Live], before: Mapping[str, Surplus], now: Balanced
) -> dict[str, Surplus]:
    """Give the surplus to ``cars`` in turn; return what to remember."""
    after = {}
    surplus_w = now.settings.balance_target_w - now.unbalanced_w
    for car in cars:
        car_id = car.device.device_id
        after[car_id] = _on_surplus(car, surplus_w, before.get(car_id, Surplus()), now)
        surplus_w -= car.desired_w or 0
    return after


def _on_surplus(car: Live, surplus_w: float, before: Surplus, now: Balanced) -> Surplus:
    least_w = car.device.min_power_w or car.device.step_w
    enough = surplus_w >= least_w
    car.desired_w = 0
    if car.cause is not Cause.NO_PLAN:
        car.cause = Cause.BALANCE
    if enough is before.charging:
        state = Surplus(before.charging)
    else:
        # A cloud or a kettle must not switch a car: it takes a while.
        since_s = now.at_s if before.since_s is None else before.since_s
        wait_s = now.settings.surplus_start_s if enough else now.settings.surplus_stop_s
        changed = now.at_s - since_s >= wait_s
        state = Surplus(enough) if changed else Surplus(before.charging, since_s)
    if state.charging:
        car.desired_w = _car_step(car, max(surplus_w, least_w), now.settings)
    return state


def _car_step(car: Live, wanted_w: float, settings: DispatchSettings) -> int:
    last_w = car.setpoint_w
    if last_w and last_w - settings.dead_band_w <= wanted_w < (
        last_w + car.device.step_w + settings.dead_band_w
    ):
        return last_w
    return car.rounded(wanted_w)


def balance_batteries(
    batteries: Sequence[Live],
    cars_w: int,
    unplanned_w: int,
    before: Mapping[str, int],
    now: Balanced,
) -> dict[str, int]:
    """Set the power of ``batteries`` so that the connection meets its target.

    ``cars_w`` is what the balancing cars draw by now, ``unplanned_w`` what
    cars draw that charge without a plan. ``before`` is what this very telegram had
    batteries do already, which is returned: each device that confirms its order
    would else start the sharing anew, and several would chase one another.
    """
    wanted_w = now.settings.balance_target_w - now.unbalanced_w - cars_w
    after = {}
    for battery in batteries:
        battery_id = battery.device.device_id
        if (told_w := before.get(battery_id)) is not None:
            least_w, most_w = _range_w(battery)
            power_w = battery.rounded(min(max(told_w, least_w), most_w))
        else:
            power_w = _eased(battery, _worth_w(battery, wanted_w, unplanned_w), now)
        after[battery_id] = battery.desired_w = power_w
        if battery.cause is not Cause.NO_PLAN and not battery.covers:
            battery.cause = Cause.BALANCE
        # What this one does not deliver (full, empty, stuck) the next one does.
        wanted_w -= power_w + battery.off_course_w
    return after


def _worth_w(battery: Live, wanted_w: float, unplanned_w: int) -> float:
    # Without a plan nobody says that a full car is worth an empty battery and
    # the losses twice: the battery covers the house alone.
    if battery.cause is not Cause.NO_PLAN or wanted_w >= 0:
        return wanted_w
    return min(0.0, wanted_w + unplanned_w)


def _range_w(battery: Live) -> tuple[int, int]:
    least_w = 0 if battery.balance is Balance.STORE else -_discharge_w(battery)
    if battery.covers and battery.desired_w is not None:
        least_w = max(least_w, battery.desired_w)
    return least_w, 0 if battery.balance is Balance.COVER else _charge_w(battery)


def _eased(battery: Live, wanted_w: float, now: Balanced) -> int:
    least_w, most_w = _range_w(battery)
    last_w = battery.now_w if battery.setpoint_w is None else battery.setpoint_w
    last_w = min(max(last_w, least_w), most_w)
    wanted_w = min(max(wanted_w, least_w), most_w)
    if abs(wanted_w - last_w) <= now.settings.dead_band_w:
        return battery.rounded(last_w)
    reach_w = now.settings.balance_ramp_w_per_s * now.elapsed_s
    return battery.rounded(min(max(wanted_w, last_w - reach_w), last_w + reach_w))


def _charge_w(battery: Live) -> int:
    return 0 if battery.full else battery.device.rated_power_w


def _discharge_w(battery: Live) -> int:
    return 0 if battery.empty else battery.device.rated_discharge_w
