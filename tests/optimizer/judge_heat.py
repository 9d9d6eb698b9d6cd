"""What heat pumps and water heaters are asked for, with what they heat."""

from datetime import datetime, timedelta

import numpy as np
import pytest

from tests.optimizer.judged import CLOSE, Json, Judged, Numbers


class HeatJudge(Judged):
    """Follows the temperatures of rooms, buffers and tanks."""

    def heat_pump(self, d: Json) -> None:
        planned = self.plan["devices"][d["id"]]
        zero = np.zeros(self.steps)
        total, backup, cooling, water = (
            np.array(planned.get(name, zero))
            for name in ("power_kw", "backup_kw", "cooling_kw", "hot_water_kw")
        )
        electric = total - backup
        self.in_ranges(d, electric)
        self.runs(d, electric > CLOSE)
        self.starts(d, electric)
        assert -CLOSE <= backup.min() <= backup.max()
        assert backup.max() <= d.get("backup_heater_kw", 0) + CLOSE
        heating = electric - water - cooling
        assert min(heating.min(), water.min(), cooling.min()) >= -CLOSE
        assert (np.minimum(heating, cooling) <= CLOSE).all()
        only_cools = "cop_series" not in d
        assert not only_cools or heating.max() <= CLOSE
        heat = (0 if only_cools else self.rows[d["cop_series"]] * heating) + backup
        if "cooling_series" in d:
            heat -= self.rows[d["cooling_series"]] * cooling
        self.building(d, self.given_on(d, heat))
        if "hot_water" in d:
            cop = self.rows[d.get("water_cop_series") or d["cop_series"]]
            self.tank(d["id"], d["hot_water"], cop * water)
        self.drawn[d["id"]] = total

    def given_on(self, d: Json, heat: Numbers) -> Numbers:
        """Return what a buffer lets through of ``heat``, all of it without one."""
        buffer = d["thermal"].get("buffer")
        if not buffer:
            return heat
        emitted = self.column(d["id"], "heating_kw")
        assert -CLOSE <= emitted.min() <= emitted.max()
        assert emitted.max() <= buffer["most_given_on_kw"] + CLOSE
        found, water = self.column(d["id"], "buffer_temperature_c"), buffer["initial_c"]
        capacity = buffer["volume_l"] * 4.186 / 3600
        for t in range(self.steps):
            lost = buffer.get("loss_kw_per_k", 0) * (
                water - buffer.get("ambient_c", 20)
            )
            water += self.hours[t] * (heat[t] - emitted[t] - lost) / capacity
            assert water == pytest.approx(found[t], abs=1e-3)
            assert water <= max(buffer.get("max_c", 55), buffer["initial_c"]) + 1e-3
            assert emitted[t] <= CLOSE or water >= buffer.get("min_c", 25) - 1e-3
        return emitted

    def building(self, d: Json, heat: Numbers) -> None:
        thermal, comfort, rows = d["thermal"], d["comfort"], self.rows
        floor, zero = thermal.get("floor"), np.zeros(self.steps)
        gains = rows[thermal["gains_series"]] if "gains_series" in thermal else zero
        indoor, warm_floor = thermal["initial_c"], floor and floor["initial_c"]
        for t in range(self.steps):
            into = heat[t]
            if floor:
                into = (warm_floor - indoor) / floor["resistance_k_per_kw"]
                change = (
                    self.hours[t] * (heat[t] - into) / floor["capacitance_kwh_per_k"]
                )
                warm_floor = warm_floor + change
                found = self.column(d["id"], "floor_temperature_c")[t]
                assert warm_floor == pytest.approx(found, abs=CLOSE)
            lost = indoor - rows["outdoor_temperature_c"][t]
            lost /= thermal["resistance_k_per_kw"]
            per_kw = self.hours[t] / thermal["capacitance_kwh_per_k"]
            indoor = indoor + per_kw * (into + gains[t] - lost)
            found = self.column(d["id"], "indoor_temperature_c")[t]
            assert indoor == pytest.approx(found, abs=CLOSE)
            cold = max(rows[comfort["min_series"]][t] - indoor, 0)
            warm = max(indoor - rows[comfort["max_series"]][t], 0)
            price = comfort["violation_per_kelvin_hour"]
            self.money["comfort"] += price * self.hours[t] * (cold + warm)

    def tank(self, device: str, tank: Json, heat: Numbers) -> None:
        capacity = tank["volume_l"] * 4.186 / 3600
        drawn = np.zeros(self.steps)
        if "draw_series" in tank:
            drawn = self.rows[tank["draw_series"]]
        water, found = tank["initial_c"], self.column(device, "hot_water_temperature_c")
        for t in range(self.steps):
            lost = tank.get("loss_kw_per_k", 0) * (water - tank.get("ambient_c", 20))
            water += self.hours[t] * (heat[t] - drawn[t] - lost) / capacity
            assert water == pytest.approx(found[t], abs=1e-3)
            assert water <= max(tank.get("max_c", 60), tank["initial_c"]) + 1e-3
            cold = max(tank.get("min_c", 45) - water, 0)
            price = tank.get("violation_per_kelvin_hour", 1)
            self.money["comfort"] += price * self.hours[t] * cold
        cycle = tank.get("legionella")
        end = self.ends[-1]
        if cycle and self.times[0] < datetime.fromisoformat(cycle["by"]) <= end:
            by = datetime.fromisoformat(cycle["by"])
            hold = timedelta(minutes=cycle.get("hold_minutes", 30))
            hot = found >= cycle.get("temperature_c", 60) - 1e-3
            # From the end of a step on, and at every end until it was held.
            assert any(
                all(
                    hot[s] and stop <= by
                    for s, stop in enumerate(self.ends)
                    if s == t or (s > t and self.times[s] < begun + hold)
                )
                and begun + hold <= end
                for t, begun in enumerate(self.ends)
            )

    def water_heater(self, d: Json) -> None:
        power = self.column(d["id"], "power_kw")
        self.in_ranges(d, power)
        self.runs(d, power > CLOSE)
        self.starts(d, power)
        cop = self.rows[d["cop_series"]] if "cop_series" in d else np.ones(self.steps)
        self.tank(d["id"], d["tank"], cop * power)
        self.drawn[d["id"]] = power
