"""A canonical home as a matrix written by hand, for HiGHS alone.

The same mathematics as the optimiser's, without its components, Pyomo or code: the
baseline of what modelling costs, and a second formulation to check the first by. In
kW, kWh and hours. Only for homes in which importing costs something and exporting
never pays more than importing costs: elsewhere a battery would need binaries.
"""

from collections.abc import Mapping
from typing import Any, Final

import highspy
import numpy as np
from numpy.typing import NDArray

type Numbers = NDArray[np.float64]
type Indices = NDArray[np.int32]
type Canonical = Mapping[str, Any]

FREE: Final = highspy.kHighsInf
_COLDEST_C, _WARMEST_C = -50.0, 80.0
_LEAST_SESSION_H: Final = 6.0  # a shorter one is cut by the horizon and owes nothing


class _Rows:
    """Collects columns, rows and coefficients."""

    def __init__(self) -> None:
        self.column_count = self.row_count = 0
        self.columns: list[tuple[Numbers, Numbers, Numbers]] = []
        self.integers: list[Indices] = []
        self.bounds: list[tuple[Numbers, Numbers]] = []
        self.terms: list[tuple[Indices, Indices, Numbers]] = []

    def add(
        self,
        count: int,
        least: Numbers | float,
        most: Numbers | float,
        cost: Numbers | float = 0.0,
    ) -> Indices:
        """Return the numbers of new columns."""
        first, self.column_count = self.column_count, self.column_count + count
        self.columns.append(
            (_full(count, least), _full(count, most), _full(count, cost))
        )
        return np.arange(first, self.column_count, dtype=np.int32)

    def binary(self, count: int) -> Indices:
        """Return the numbers of new binary columns."""
        columns = self.add(count, 0.0, 1.0)
        self.integers.append(columns)
        return columns

    def keep(
        self,
        count: int,
        least: Numbers | float,
        most: Numbers | float,
        *terms: tuple[Indices, Numbers | float],
    ) -> Indices:
        """Return the numbers of new rows: least <= sum of column x factor <= most."""
        first, self.row_count = self.row_count, self.row_count + count
        self.bounds.append((_full(count, least), _full(count, most)))
        rows = np.arange(first, self.row_count, dtype=np.int32)
        for columns, factor in terms:
            self.term(rows, columns, factor)
        return rows

    def term(self, rows: Indices, columns: Indices, factor: Numbers | float) -> None:
        """Add coefficients, broadcast against each other."""
        parts = np.broadcast_arrays(rows, columns, np.asarray(factor, float))
        self.terms.append((parts[0].ravel(), parts[1].ravel(), parts[2].ravel()))

    def lp(self) -> highspy.HighsLp:
        """Return what was collected, row by row."""
        row, column, factor = (
            np.concatenate(part) for part in zip(*self.terms, strict=True)
        )
        order = np.argsort(row, kind="stable")
        counts = np.bincount(row, minlength=self.row_count)
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = self.column_count, self.row_count
        lower, upper, cost = (
            np.concatenate(part) for part in zip(*self.columns, strict=True)
        )
        lp.col_lower_, lp.col_upper_, lp.col_cost_ = lower, upper, cost
        least, most = (np.concatenate(part) for part in zip(*self.bounds, strict=True))
        lp.row_lower_, lp.row_upper_ = least, most
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.append(0, np.cumsum(counts)).astype(np.int32)
        lp.a_matrix_.index_ = column[order]
        lp.a_matrix_.value_ = factor[order]
        return lp


class HandBuilt:
    """HiGHS with the matrix of one home; ``give`` changes its vectors."""

    def __init__(self, home: Canonical, gap: float, *, relaxed: bool = False) -> None:
        """Build the matrix and pass it on; ``relaxed`` leaves no column whole."""
        assert (home["p_imp"] > np.maximum(home["p_exp"], 0)).all()
        self.home = home
        self._rows = rows = _Rows()
        self._grid()
        consumers = [self._battery(), self._car(), self._heat_pump()]
        self._appliances()
        self._limits([columns for columns in consumers if columns is not None])
        self.integers = np.concatenate([np.zeros(0, np.int32), *rows.integers])
        lp = rows.lp()
        if not relaxed:
            kinds = [highspy.HighsVarType.kContinuous] * rows.column_count
            for column in self.integers:
                kinds[column] = highspy.HighsVarType.kInteger
            lp.integrality_ = kinds
        self.highs = highspy.Highs()
        self.highs.setOptionValue("output_flag", False)
        self.highs.setOptionValue("threads", 1)
        self.highs.setOptionValue("mip_rel_gap", gap)
        if relaxed:
            self.highs.setOptionValue("presolve", "off")
        self.highs.passModel(lp)

    def solve(self) -> float:
        """Run HiGHS and return the objective in EUR."""
        self.highs.run()
        assert self.highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
        return float(self.highs.getInfo().objective_function_value)

    def give(self, home: Canonical) -> None:
        """Take other prices, load, production and energy in the battery."""
        steps, highs = home["n"], self.highs
        self.home = home
        both = np.append(self._imported, self._exported)
        cost = np.append(home["p_imp"], -home["p_exp"]) * home["dt"]
        highs.changeColsCost(2 * steps, both, cost)
        # highspy's stub leaves this one out.
        change_rows: Any = highs.changeRowsBounds  # type: ignore[attr-defined]
        change_rows(steps, self._balance, home["base"], home["base"])
        if "pv" in home["devices"]:
            highs.changeColsBounds(steps, self._solar, np.zeros(steps), home["pv"])
        if "battery" in home["devices"]:
            initial_kwh = home["bat"]["soc0"]
            highs.changeRowBounds(int(self._storage[0]), initial_kwh, initial_kwh)
        if "ev" in home["devices"]:
            most_kw = self._most_car_kw()
            highs.changeColsBounds(
                len(most_kw), self._charging, np.zeros(len(most_kw)), most_kw
            )
            for row, column, kw in zip(self._most, self._on, most_kw, strict=True):
                highs.changeCoeff(int(row), int(column), -float(kw))

    def schedule(self) -> dict[str, Any]:
        """Return the powers in kW and the steps in which appliances start."""
        values = np.array(self.highs.getSolution().col_value)
        home, steps = self.home, self.home["n"]
        found: dict[str, Any] = {"starts": {}}
        if "pv" in home["devices"]:
            found["pv"] = values[self._solar]
        if "battery" in home["devices"]:
            found["ch"], found["dis"] = values[self._charge], values[self._discharge]
        if "ev" in home["devices"]:
            found["ev"] = np.zeros(steps)
            found["ev"][self._plugged] = values[self._charging]
        if "hp" in home["devices"]:
            found["hp"] = values[self._heating]
        for name, (columns, starts) in self._starts.items():
            found["starts"][name] = int(starts[np.argmax(values[columns])])
        return found

    def _grid(self) -> None:
        home, rows, steps = self.home, self._rows, self.home["n"]
        hours = home["dt"]
        self._imported = rows.add(steps, 0.0, home["imp_max"], home["p_imp"] * hours)
        self._exported = rows.add(steps, 0.0, home["exp_max"], -home["p_exp"] * hours)
        into, out = (self._imported, 1.0), (self._exported, -1.0)
        self._balance = rows.keep(steps, home["base"], home["base"], into, out)
        if "pv" in home["devices"]:
            self._solar = rows.add(steps, 0.0, home["pv"])
            rows.term(self._balance, self._solar, 1.0)
        if "peak" in home["devices"]:
            inside = home["q_steps"]
            above = rows.add(1, 0.0, FREE, home["peak_price"])
            quarters = rows.keep(
                steps // inside, -FREE, home["peak_so_far"], (above, -1.0)
            )
            rows.term(quarters.repeat(inside), self._imported, 1 / inside)

    def _battery(self) -> Indices | None:
        home, rows, steps = self.home, self._rows, self.home["n"]
        if "battery" not in home["devices"]:
            return None
        given, hours = home["bat"], home["dt"]
        self._charge = rows.add(steps, 0.0, given["pmax"])
        wear = given["wear"] * hours
        self._discharge = rows.add(steps, 0.0, given["pmax"], wear)
        least = np.full(steps, given["soc_min"])
        least[-1] = max(given["soc_min"], given["soc_end"])
        energy = rows.add(steps, least, given["cap"])
        before = np.zeros(steps)
        before[0] = given["soc0"]
        # E[t] - E[t-1] - dt (eta_c charge - discharge / eta_d) = 0
        self._storage = rows.keep(
            steps,
            before,
            before,
            (energy, 1.0),
            (self._charge, -given["eta_c"] * hours),
            (self._discharge, hours / given["eta_d"]),
        )
        rows.term(self._storage[1:], energy[:-1], -1.0)
        rows.term(self._balance, self._charge, -1.0)
        rows.term(self._balance, self._discharge, 1.0)
        return self._charge

    def _most_car_kw(self) -> Numbers:
        """Return what the connection and the operator leave the car."""
        home, devices = self.home, self.home["devices"]
        most_kw = home["imp_max"] - home["base"]
        if "pv" in devices:
            most_kw = most_kw + home["pv"]
        if "battery" in devices:
            most_kw = most_kw + home["bat"]["pmax"]
        if "dso" in devices:
            most_kw = np.where(
                home["dso_mask"], np.minimum(most_kw, home["dso_limit"]), most_kw
            )
        most: Numbers = np.minimum(most_kw, home["ev"]["pmax"])[self._plugged]
        return most

    def _car(self) -> Indices | None:
        home, rows = self.home, self._rows
        if "ev" not in home["devices"]:
            return None
        given = home["ev"]
        self._plugged = np.flatnonzero(given["plug"])
        most_kw, count = self._most_car_kw(), len(self._plugged)
        self._charging = rows.add(count, 0.0, most_kw)
        self._on = rows.binary(count)
        rows.term(self._balance[self._plugged], self._charging, -1.0)
        # P_min z <= p <= P_max z
        power = (self._charging, 1.0)
        self._most = rows.keep(count, -FREE, 0.0, power, (self._on, -most_kw))
        rows.keep(count, 0.0, FREE, power, (self._on, -given["pmin"]))
        for begin, end in given["sessions"]:
            if (end - begin) * home["dt"] > _LEAST_SESSION_H:
                inside = (self._plugged >= begin) & (self._plugged < end)
                need = rows.keep(1, given["need"], FREE)
                rows.term(need, self._charging[inside], given["eta"] * home["dt"])
        every = np.full(home["n"], -1, np.int32)
        every[self._plugged] = self._charging
        return every

    def _heat_pump(self) -> Indices | None:
        home, rows, steps = self.home, self._rows, self.home["n"]
        if "hp" not in home["devices"]:
            return None
        given, hours = home["hp"], home["dt"]
        per_kwh = hours / given["C"]
        kept = 1 - per_kwh / given["R"]
        self._heating = rows.add(steps, 0.0, given["pmax"])
        indoor = rows.add(steps, _COLDEST_C, _WARMEST_C)
        price = given["slack_price"] * hours
        colder, warmer = (rows.add(steps, 0.0, FREE, price) for _ in range(2))
        rows.term(self._balance, self._heating, -1.0)
        from_outside = per_kwh * (home["tout"] / given["R"] + given["gains"])
        from_outside[0] += given["T0"] * kept
        # T[t] - kept T[t-1] - dt/C cop P = dt/C (T_out / R + gains)
        heat = (self._heating, -per_kwh * given["cop"])
        thermal = rows.keep(steps, from_outside, from_outside, (indoor, 1.0), heat)
        rows.term(thermal[1:], indoor[:-1], -kept)
        rows.keep(steps, given["tmin"], FREE, (indoor, 1.0), (colder, 1.0))
        rows.keep(steps, -FREE, given["tmax"], (indoor, 1.0), (warmer, -1.0))
        return self._heating

    def _appliances(self) -> None:
        self._starts: dict[str, tuple[Indices, Indices]] = {}
        if "appliances" not in self.home["devices"]:
            return
        rows = self._rows
        for job in self.home["jobs"]:
            starts, profile_kw = np.asarray(job["starts"]), np.asarray(job["prof"])
            columns = rows.binary(len(starts))
            self._starts[job["name"]] = columns, starts
            once = rows.keep(1, 1.0, 1.0)
            rows.term(once, columns, 1.0)
            running = starts[:, None] + np.arange(len(profile_kw))
            rows.term(self._balance[running], columns[:, None], -profile_kw)

    def _limits(self, consumers: list[Indices]) -> None:
        if "dso" not in self.home["devices"] or not consumers:
            return
        for t in np.flatnonzero(self.home["dso_mask"]):
            columns = np.array(
                [each[t] for each in consumers if each[t] >= 0], np.int32
            )
            row = self._rows.keep(1, -FREE, self.home["dso_limit"])
            self._rows.term(row, columns, 1.0)


def _full(count: int, values: Numbers | float) -> Numbers:
    return np.broadcast_to(np.asarray(values, float), (count,))
