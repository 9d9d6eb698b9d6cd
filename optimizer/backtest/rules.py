"""Policies without a plan, to measure one against.

All of them charge a car at full power from its arrival, hold a heat pump at the
lowest wished temperature and start an appliance as early as allowed. They differ
in the battery: ``none`` leaves it alone, ``self_consumption`` stores surplus and
covers load, ``peak_shaving`` does so above a reserve of half its capacity that it
keeps for imports above the highest peak of the month so far.
"""

from optimizer.backtest.carry_out import Player
from optimizer.backtest.levels import Levels
from optimizer.backtest.orders import Orders
from optimizer.backtest.peaks import PeakWatch
from optimizer.backtest.playable import cop_column
from optimizer.backtest.settings import Policy
from optimizer.home import Battery, HeatPump

_RESERVE_SHARE = 0.5


def rule_orders(policy: Policy, player: Player, peaks: PeakWatch, t: int) -> Orders:
    """Return what ``policy`` does in step ``t``."""
    power_kw = {car.id: car.max_power_kw for car in player.cars}
    power_kw |= {pump.id: _thermostat_kw(pump, player, t) for pump in player.pumps}
    begin = player.record.whole.time(t)
    return Orders(
        levels={b.id: _levels(policy, b, peaks, t) for b in player.batteries},
        power_kw=power_kw,
        starts=frozenset(
            d.id for d in player.appliances if d.earliest_start <= begin < d.latest_end
        ),
    )


def _levels(policy: Policy, battery: Battery, peaks: PeakWatch, t: int) -> Levels:
    match policy:
        case Policy.SELF_CONSUMPTION:
            return Levels.balance(battery)
        case Policy.PEAK_SHAVING:
            low, high = battery.min_energy_kwh, battery.capacity_kwh
            reserve = low + _RESERVE_SHARE * (high - low)
            return Levels(
                buy_kwh=reserve,
                store_kwh=high,
                cover_kwh=reserve,
                peaks_kw=(peaks.target_kw(t),),
                shave_kwh=(low,),
            )
        case _:
            return Levels()


def _thermostat_kw(pump: HeatPump, player: Player, t: int) -> float:
    columns, thermal = player.record.columns, pump.thermal
    missing_k = float(columns[pump.comfort.min_series][t]) - player.idle_c(pump, t)
    heat_kw = missing_k * thermal.capacitance_kwh_per_k / player.hours
    return max(heat_kw, 0.0) / float(columns[cop_column(pump)][t])
