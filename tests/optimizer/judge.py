"""A second reading of the contract: a plan played back from its set-points alone.

`judge` takes HOME and SERIES as they are written and PLAN as it comes out, and
shares no code with the optimiser: it follows every store and temperature by its
equation, checks every bound to 1e-4 and counts the money anew.
"""

from datetime import date, datetime, timedelta

import numpy as np
import pytest

from tests.optimizer.judge_heat import HeatJudge
from tests.optimizer.judged import CLOSE, Json, Numbers, ranges_of, through, time_of


class Judge(HeatJudge):
    """What every device is asked for, step by step."""

    def judge(self) -> None:
        """Fail on whatever the plan does not keep."""
        assert (np.minimum(self.imported, self.exported) == 0).all()
        for device in self.home["devices"]:
            getattr(self, device["kind"])(device)
        for inverter in self.home.get("inverters", []):
            self.inverter(inverter)
        load = self.rows["load_kw"] + self.standby
        power = load + sum(self.drawn.values()) - sum(self.given.values())
        assert self.net == pytest.approx(power, abs=CLOSE)
        grid = self.home.get("grid", {})
        for name, flow in (("import", self.imported), ("export", self.exported)):
            limit = grid.get(f"{name}_limit_kw")
            assert limit is None or flow.max() <= limit + CLOSE
        for limit in self.home.get("limits", []):
            self.limit(limit)
        self.surplus_charging()
        if "phases" in grid:
            self.phases(grid["phases"])

    def inverter(self, d: Json) -> None:
        """Follow the energy through an inverter; the home sees what passes it."""
        planned = self.plan["inverters"][d["id"]]
        given, taken = (
            np.array(planned[name]) for name in ("to_home_kw", "from_home_kw")
        )
        assert (np.minimum(given, taken) == 0).all()
        assert min(given.min(), taken.min()) >= 0
        assert given.max() <= d["limit_kw"] + CLOSE
        most = d["draw_limit_kw"] if "draw_limit_kw" in d else d["limit_kw"]
        assert taken.max() <= most + CLOSE
        zero = np.zeros(self.steps)
        direct = sum((self.net_of(name) for name in d["devices"]), zero)
        passed: Numbers = taken * d.get("to_dc_efficiency", 1)
        passed -= given / d.get("to_ac_efficiency", 1)
        assert direct == pytest.approx(passed, abs=CLOSE)
        behind = [e for e in self.home["devices"] if e["id"] in d["devices"]]
        for place, device in enumerate(sorted(behind, key=lambda e: e["kind"])):
            name = device["id"]  # the battery first, which all of it counts as
            self.drawn[name] = zero if place else taken
            self.given[name] = zero if place else given

    def phases(self, phases: Json) -> None:
        carried = np.zeros((3, self.steps))
        apart = np.zeros((3, self.steps))
        for place, column in enumerate(phases.get("load_series") or [None] * 3):
            carried[place] = self.rows[column] if column else self.rows["load_kw"] / 3
        for d in self.home["devices"]:
            on = [p - 1 for p in d.get("phases") or (1, 2, 3)]
            carried[on] += self.net_of(d["id"]) / len(on)
            if d["kind"] in {"solar", "battery", "ev_charger", "generator"}:
                apart[on] += self.net_of(d["id"]) / len(on)
        assert np.abs(carried).max() <= phases.get("limit_kw", np.inf) + CLOSE
        between = apart.max(axis=0) - apart.min(axis=0)
        assert between.max() <= phases.get("imbalance_limit_kw", np.inf) + CLOSE

    def cost(self) -> None:
        paid = self.rows["import_price"] * self.imported
        earned = self.rows["export_price"] * self.exported
        total = float(self.hours @ (paid - earned)) + sum(self.money.values())
        expected = self.plan["objective"] - self.plan["cost"]["capacity"]
        assert total == pytest.approx(expected, abs=1e-4 * self.steps)

    def solar(self, d: Json) -> None:
        made = self.column(d["id"], "power_kw")
        sun = self.rows[d["series"]]
        assert (made <= sun + CLOSE).all()
        assert (made >= (0.0 if d.get("curtailable") else sun) - CLOSE).all()
        self.given[d["id"]] = made

    def battery(self, d: Json) -> None:
        charge = self.column(d["id"], "charge_kw")
        discharge = self.column(d["id"], "discharge_kw")
        assert (np.minimum(charge, discharge) == 0).all()
        assert -CLOSE <= charge.min() <= charge.max() <= d["charge_limit_kw"] + CLOSE
        assert discharge.max() <= d["discharge_limit_kw"] + CLOSE
        energy, kept = (
            d["initial_energy_kwh"],
            1 - self.hours * d.get("self_discharge_per_hour", 0),
        )
        least = max(d.get("min_energy_kwh", 0), d.get("reserve_kwh", 0))
        for t in range(self.steps):
            energy = kept[t] * energy + self.hours[t] * (
                through(d, "charge", charge[t]) - through(d, "discharge", discharge[t])
            )
            assert least - CLOSE <= energy <= d["capacity_kwh"] + CLOSE
            assert energy == pytest.approx(
                self.column(d["id"], "energy_kwh")[t], abs=CLOSE
            )
        assert energy >= d.get("final_energy_kwh", 0) - CLOSE
        if "max_cycles_per_day" in d:
            days: dict[date, float] = {}
            for time, given in zip(self.times, self.hours * discharge, strict=True):
                days[time.date()] = days.get(time.date(), 0.0) + given
            most = d["max_cycles_per_day"] * d["capacity_kwh"]
            assert max(days.values()) <= most + CLOSE
        self.drawn[d["id"]], self.given[d["id"]] = charge, discharge
        self.standby += d.get("standby_kw", 0)
        self.money["wear"] += d.get("wear_per_kwh", 0) * float(self.hours @ discharge)
        kept = energy - d.get("min_energy_kwh", 0)
        self.money["comfort"] -= d.get("end_value_per_kwh", 0) * kept

    def surplus_charging(self) -> None:
        for d in self.home["devices"]:
            if d["kind"] == "battery" and not d.get("grid_charge", True):
                both = (self.drawn[d["id"]] > CLOSE) & (self.imported > CLOSE)
                assert not both.any()

    def ev_charger(self, d: Json) -> None:
        power = self.column(d["id"], "power_kw")
        charge, discharge = np.maximum(power, 0), np.maximum(-power, 0)
        if not d.get("bidirectional"):
            assert discharge.max() == 0
        ranges = ranges_of(d, "max_power_kw")
        self.within(charge, ranges)
        for kw in discharge[discharge > CLOSE]:
            name = "discharge_limit_kw" if "discharge_limit_kw" in d else "max_power_kw"
            most = d[name]
            assert min(ranges[0]["min_kw"], most) - CLOSE <= kw <= most + CLOSE
        eta = d.get("efficiency", 1)
        given_eta = d.get("discharge_efficiency", eta)
        self.starts(d, charge)
        away = np.ones(self.steps, bool)
        vehicle = d.get("vehicle", {})
        level = vehicle.get("initial_energy_kwh", 0.0)
        for session in d["sessions"]:
            arrive, depart = time_of(session, "arrive"), time_of(session, "depart")
            assert arrive is not None
            assert depart is not None
            stay = [
                t
                for t, time in enumerate(self.times)
                if arrive <= time and self.ends[t] <= depart
            ]
            away[stay] = False
            energy = 0.0
            for t in stay:
                energy += self.hours[t] * (eta * charge[t] - discharge[t] / given_eta)
                assert energy >= session.get("min_energy_kwh", 0) - CLOSE
                assert energy <= session.get("max_energy_kwh", np.inf) + CLOSE
                found = self.column(d["id"], "energy_kwh")[t]
                assert energy == pytest.approx(found, abs=CLOSE)
                if vehicle:
                    least = vehicle.get("min_energy_kwh", 0) - CLOSE
                    assert least <= level + energy <= vehicle["capacity_kwh"] + CLOSE
                assert charge[t] <= session.get("max_power_kw", np.inf) + CLOSE
                wished = time_of(session, "ready_by") or depart
                if t == self.done(stay, wished) and "late_price_per_kwh" in session:
                    name = "preferred_energy_kwh"
                    asked = session[name if name in session else "energy_kwh"]
                    late = max(asked - energy, 0)
                    self.money["comfort"] += late * session["late_price_per_kwh"]
            level += energy - session.get("trip_kwh", 0)
            end = self.ends[-1]
            later = max((depart - end) / timedelta(hours=1), 0.0)
            if depart > self.times[0] and arrive < end:
                most = min(d["max_power_kw"], session.get("max_power_kw", np.inf))
                owed = session["energy_kwh"] - eta * most * later
                missing = max(owed - energy, 0)
                assert missing <= CLOSE or "missing_price_per_kwh" in session
                price = session.get("missing_price_per_kwh", 0)
                self.money["comfort"] += missing * price
        assert (power[away] == 0).all()
        assert (self.column(d["id"], "energy_kwh")[away] == 0).all()
        self.drawn[d["id"]], self.given[d["id"]] = charge, discharge
        self.money["wear"] += d.get("wear_per_kwh", 0) * float(self.hours @ discharge)

    def storage(self, d: Json) -> None:
        power, unmet = (self.column(d["id"], n) for n in ("power_kw", "unmet_kw"))
        self.in_ranges(d, power)
        self.starts(d, power)
        demand, energy = self.rows[d["demand_series"]], d["initial_energy_kwh"]
        assert (unmet >= -CLOSE).all()
        assert (unmet <= demand + CLOSE).all()
        for t in range(self.steps):
            energy *= 1 - self.hours[t] * d.get("loss_per_hour", 0)
            energy += self.hours[t] * (
                d["efficiency"] * power[t] - demand[t] + unmet[t]
            )
            assert -CLOSE <= energy <= d["capacity_kwh"] + CLOSE
            below = max(d.get("min_energy_kwh", 0) - energy, 0)
            missed = self.hours[t] * (unmet[t] + below)
            self.money["comfort"] += d["missing_price_per_kwh"] * missed
        self.drawn[d["id"]] = power

    def flexible_load(self, d: Json) -> None:
        power = self.column(d["id"], "power_kw")
        self.in_ranges(d, power)
        self.runs(d, power > CLOSE)
        self.starts(d, power)
        inside, better = (
            np.array([self.covered(t, d.get(name, [])) for t in range(self.steps)])
            for name in ("windows", "preferred")
        )
        assert (power[~inside] == 0).all()
        drawn = float(self.hours @ power)
        outside = float(self.hours[~better] @ power[~better])
        self.money["comfort"] += d.get("outside_price_per_kwh", 0) * outside
        self.money["comfort"] -= d.get("value_per_kwh", 0) * drawn
        if "value_per_kwh" in d:
            assert drawn <= d["energy_kwh"] + CLOSE
        elif all(self.ends_by(w["end"]) for w in d["windows"]):
            assert drawn >= d["energy_kwh"] - CLOSE
        self.drawn[d["id"]] = power

    def generator(self, d: Json) -> None:
        power = self.column(d["id"], "power_kw")
        self.in_ranges(d, power)
        self.runs(d, power > CLOSE)
        made = float(self.hours @ power)
        assert made <= d.get("max_energy_kwh", np.inf) + CLOSE
        self.starts(d, power)
        self.money["comfort"] += d["fuel_cost_per_kwh"] * made
        self.given[d["id"]] = power

    def programme(self, d: Json) -> None:
        planned, power = (
            self.plan["devices"][d["id"]],
            self.column(d["id"], "power_kw"),
        )
        drawn = 0.0
        for section, found in zip(d["sections"], planned["sections"], strict=False):
            assert found["id"] == section["id"]
            [chosen] = [o for o in section["options"] if o["id"] == found["option"]]
            drawn += sum(chosen["profile_kw"]) * d.get("profile_step_minutes", 15) / 60
        assert len(planned["sections"]) in (0, len(d["sections"]))
        assert self.hours @ power == pytest.approx(drawn, abs=CLOSE)
        latest = datetime.fromisoformat(d["latest_end"])
        earliest = datetime.fromisoformat(d["earliest_start"])
        for t, (time, end) in enumerate(zip(self.times, self.ends, strict=True)):
            before = end <= earliest and not d.get("begun")
            paused = planned["order_kw"][t] == 0
            if before or time >= latest or paused:
                assert power[t] <= CLOSE
        self.drawn[d["id"]] = power

    def appliance(self, d: Json) -> None:
        power = self.column(d["id"], "power_kw")
        found = self.plan["devices"][d["id"]]["start"]
        length = timedelta(minutes=d.get("profile_step_minutes", 15))
        expected = np.zeros(self.steps)
        if found is not None:
            start = datetime.fromisoformat(found)
            assert start >= datetime.fromisoformat(d["earliest_start"])
            end = start + len(d["profile_kw"]) * length
            assert end <= datetime.fromisoformat(d["latest_end"])
            for t, time in enumerate(self.times):
                for place, kw in enumerate(d["profile_kw"]):
                    begin = max(time, start + place * length)
                    stop = min(self.ends[t], start + (place + 1) * length)
                    share = (stop - begin) / (self.ends[t] - time)
                    expected[t] += kw * max(share, 0.0)
        assert power == pytest.approx(expected, abs=CLOSE)
        self.drawn[d["id"]] = power
        self.money["comfort"] -= d.get("value", 0) * (found is not None)
        better = np.array(
            [self.covered(t, d.get("preferred", [])) for t in range(self.steps)]
        )
        outside = float(self.hours[~better] @ power[~better])
        self.money["comfort"] += d.get("outside_price_per_kwh", 0) * outside

    def limit(self, limit: Json) -> None:
        drawing = limit.get("direction", "import") == "import"
        if limit.get("scope", "controllable") == "connection":
            flow = self.imported if drawing else self.exported
        else:
            counted = [
                d["id"]
                for d in self.home["devices"]
                if d.get("controllable", d["kind"] != "appliance")
                and d["id"] in limit.get("counted", [d["id"]])
            ]
            flows = self.drawn if drawing else self.given
            zero = np.zeros(self.steps)
            flow = sum((flows.get(name, zero) for name in counted), zero)
            if limit.get("basis") == "grid_draw":
                # Production and discharge that no other load uses are free.
                produced = sum(self.given.values(), zero)
                used = self.rows["load_kw"] + sum(
                    (p for name, p in self.drawn.items() if name not in counted), zero
                )
                flow = flow - np.maximum(produced - used, 0)
        for t, time in enumerate(self.times):
            start, end = limit.get("start"), limit.get("end")
            if start and self.ends[t] <= datetime.fromisoformat(start):
                continue
            if end and time >= datetime.fromisoformat(end):
                continue
            assert flow[t] <= limit["limit_kw"] + CLOSE


def judge(home: Json, rows: Json, plan: Json, *, money: bool = True) -> None:
    """Fail where PLAN does not keep HOME with SERIES, or miscounts its cost.

    Without ``money`` the tariff is more than the columns say.
    """
    found = Judge(home, rows, plan)
    found.judge()
    if money:
        found.cost()
