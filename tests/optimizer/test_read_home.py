from datetime import datetime
from itertools import pairwise

import pytest

from cem_core.model import Direction, Scope
from optimizer.document import InputError
from optimizer.home import Battery, EvCharger
from optimizer.read_home import home_from_json, home_from_tree
from optimizer.yaml_document import parse
from tests.optimizer.homes import BATTERY, CAR, Json, at, home

TEXT = """\
schema: 1
name: no
time_zone: Europe/Brussels
step_minutes: 15
start: 2026-01-15T12:00:00+01:00
steps: 96
grid: {import_limit_kw: 9.0, export_limit_kw: 6.0}
tariff:
  currency: EUR
  capacity: {integration_minutes: 15, price_per_kw: 4.0, peak_so_far_kw: 4.0}
limits:
  - {id: dso, direction: import, scope: controllable, limit_kw: 4.2,
     start: 2026-01-15T17:30:00+01:00, end: 2026-01-15T19:30:00+01:00}
devices:
  - {id: roof, kind: solar, curtailable: true, series: pv_kw}
  - {id: battery, kind: battery, capacity_kwh: 10, min_energy_kwh: 1,
     initial_energy_kwh: 5, final_energy_kwh: 5, charge_limit_kw: 5,
     discharge_limit_kw: 5, charge_efficiency: 0.95, discharge_efficiency: 0.95,
     wear_per_kwh: 0.02}
  - {id: car, kind: ev_charger, min_power_kw: 1.4, max_power_kw: 11, efficiency: 0.9,
     sessions: [{arrive: 2026-01-15T18:00:00+01:00,
     depart: 2026-01-16T07:00:00+01:00, energy_kwh: 30}]}
  - {id: heat_pump, kind: heat_pump, max_power_kw: 2.5, cop_series: cop,
     thermal: {resistance_k_per_kw: 5, capacitance_kwh_per_k: 8, initial_c: 20.5,
     gains_series: gains_kw}, comfort: {min_series: t_min_c, max_series: t_max_c,
     violation_per_kelvin_hour: 2.0}}
  - {id: dishwasher, kind: appliance, profile_kw: [2.0, 0.3, 0.1, 2.0, 0.4, 0.1],
     profile_step_minutes: 15, earliest_start: 2026-01-15T20:00:00+01:00,
     latest_end: 2026-01-16T06:30:00+01:00}
"""


def test_every_field_of_the_contract_s_example_is_read() -> None:
    found = home_from_tree(parse(TEXT))
    assert found.name == "no"  # YAML 1.2: text, not false
    assert found.start == datetime.fromisoformat("2026-01-15T12:00:00+01:00")
    assert found.limits[0].direction is Direction.IMPORT
    assert found.limits[0].scope is Scope.CONTROLLABLE
    assert [d.kind for d in found.devices] == [
        "solar",
        "battery",
        "ev_charger",
        "heat_pump",
        "appliance",
    ]
    battery, car = found.devices[1:3]
    assert isinstance(battery, Battery)
    assert battery.wear_per_kwh == 0.02
    assert battery.end_value_per_kwh == 0
    assert isinstance(car, EvCharger)
    assert car.sessions[0].energy_kwh == 30


def test_the_simulator_s_section_is_left_to_it() -> None:
    found = home_from_json(home(simulate={"seed": 3, "p1": {"port": 1}}))
    assert found.simulate == {"seed": 3, "p1": {"port": 1}}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("steps: 96", "stepz: 96", "line 6: stepz: unknown field; allowed are schema,"),
        ("steps: 96", "steps: 9.5", "line 6: steps: must be a whole number, not 9.5"),
        ("steps: 96", "steps: 0", "line 6: steps: must be at least 1, not 0"),
        ("steps: 96", "steps: yes", "line 6: steps: must be a number, not 'yes'"),
        ("steps: 96", "steps: true", "line 6: steps: must be a number, not True"),
        ("steps: 96", "name: x", "line 6: name: a second time; it stands on line 2"),
        ("schema: 1", "schema: 2", "line 1: schema: must be 1, not 2"),
        ("schema: 1", "a: [", "no YAML"),
        (
            "12:00:00+01:00",
            "12:00:00",
            "line 5: start: '2026-01-15T12:00:00' has no off",
        ),
        ("2026-01-15T12:00:00+01:00", "22:00", "line 5: start: '22:00' is no time"),
        (
            "2026-01-15T12:00:00+01:00",
            "0001-01-01T00:00:00+01:00",
            "line 5: start: '0001-01-01T00:00:00+01:00' is no time",
        ),
        ("Europe/Brussels", "Mars/Base", "line 3: time_zone: 'Mars/Base' is no IANA"),
        ("Europe/Brussels", "12", "line 3: time_zone: must be text, not 12"),
        (
            "import_limit_kw: 9.0",
            "import_limit_kw: -1",
            "line 7: grid.import_limit_kw:",
        ),
        ("import_limit_kw: 9.0", "import_limit_kw: .nan", "must be a finite number"),
        (
            "direction: import",
            "direction: in",
            "'in' is not allowed; allowed are import",
        ),
        ("curtailable: true", "curtailable: yes", "must be true or false, not 'yes'"),
        ("kind: solar", "kind: pv", "line 15: devices[0].kind: 'pv' is no kind of dev"),
        ("initial_energy_kwh: 5", "initial_energy_kwh: 15", "15 is more than capacity"),
        ("capacity_kwh: 10,", "capacity_kwh: -10,", "must be above 0, not -10"),
        ("capacity_kwh: 10,", "", "line 16: devices[1].capacity_kwh: missing: most it"),
        ("id: car", "id: battery", "'battery' names another device already"),
        ("min_power_kw: 1.4", "min_power_kw: 14", "is more than max_power_kw, 11"),
        ("depart: 2026-01-16", "depart: 2026-01-14", "must be after arrive"),
        ("2026-01-16T06:30", "2026-01-15T19:00", "must be after earliest_start"),
        (
            "profile_kw: [2.0, 0.3",
            "profile_kw: [2.0, x",
            "devices[4].profile_kw[1]: must",
        ),
        ("step_minutes: 15\nst", "step_minutes: 7\nst", "7 does not divide a day"),
        ("devices:", "devices: 3\nx:", "devices: must be a list"),
        ("profile_step_minutes: 15", "profile_step_minutes: 1e12", "at most 1440"),
        (
            "capacitance_kwh_per_k: 8",
            "capacitance_kwh_per_k: 0.01",
            "within 0.05 h, less",
        ),
    ],
)
def test_each_mistake_is_named_with_its_place(
    old: str, new: str, expected: str
) -> None:
    assert old in TEXT
    with pytest.raises(InputError) as refused:
        home_from_tree(parse(TEXT.replace(old, new, 1)))
    assert any(expected in str(problem) for problem in refused.value.problems), [
        str(problem) for problem in refused.value.problems
    ]


@pytest.mark.parametrize("text", ["", "# nothing", "[1, 2]", "just text", "a: &b [*b]"])
def test_what_is_no_home_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        home_from_tree(parse(text))


ALIASES = "\n".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]"
    for before, name in pairwise("abcdefgh")
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: &a [1]\n" + ALIASES, "aliases unfolded"),
        ("limits: &l [*l, *l, *l]", "line 1: nested deeper than 30 levels"),
        ("a: " + "[" * 40 + "]" * 40, "nested deeper than 30 levels"),
    ],
)
def test_aliases_cannot_unfold_without_end(text: str, expected: str) -> None:
    with pytest.raises(InputError, match=expected):
        home_from_tree(parse(text))


def test_an_anchor_may_be_named_anew(recwarn: pytest.WarningsRecorder) -> None:
    text = TEXT.replace("integration_minutes: 15", "integration_minutes: &a 15")
    found = home_from_tree(
        parse(text.replace("max_power_kw: 2.5", "max_power_kw: &a 2.5"))
    )
    assert found.steps == 96
    assert not recwarn


def test_an_empty_field_stands_on_its_own_line() -> None:
    with pytest.raises(InputError, match="line 7: grid: must be a mapping of fields"):
        home_from_tree(
            parse(TEXT.replace("{import_limit_kw: 9.0, export_limit_kw: 6.0}", ""))
        )


def test_a_long_value_is_cut_in_the_message() -> None:
    with pytest.raises(InputError) as refused:
        home_from_tree(parse(TEXT.replace("steps: 96", f"steps: {'x' * 5000}")))
    assert len(str(refused.value)) < 200


def test_all_problems_are_named_at_once_in_order_of_lines() -> None:
    text = TEXT.replace("steps: 96", "steps: x").replace("kind: solar", "kind: pv")
    with pytest.raises(InputError) as refused:
        home_from_tree(parse(text))
    assert [problem.line for problem in refused.value.problems] == [6, 15]


def test_without_a_preset_a_limit_says_everything() -> None:
    with pytest.raises(InputError) as refused:
        home_from_json(home(limits=[{"id": "a"}]))
    assert [str(p) for p in refused.value.problems] == [
        f"limits[0].{name}: missing; without a preset it is needed"
        for name in ("direction", "scope", "limit_kw")
    ]


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"preset": "de_14a", "scope": "connection"}, "preset"),
        ({"preset": "de_14a", "direction": "export"}, "preset"),
        (
            {
                "basis": "grid_draw",
                "direction": "import",
                "scope": "connection",
                "limit_kw": 1,
            },
            "basis",
        ),
    ],
)
def test_grid_draw_is_about_the_import_of_devices(fields: Json, where: str) -> None:
    with pytest.raises(InputError) as refused:
        home_from_json(home(limits=[{"id": "a", **fields}]))
    (problem,) = refused.value.problems
    assert problem.where == f"limits[0].{where}"
    assert "is about the import of controllable devices" in problem.text


@pytest.mark.parametrize(
    ("device", "where", "text"),
    [
        ({**BATTERY, "reserve_kwh": 11}, "reserve_kwh", "is more than capacity_kwh"),
        ({**BATTERY, "grid_charge": 1}, "grid_charge", "must be true or false"),
        (
            {**BATTERY, "commissioning_date": "2024"},
            "commissioning_date",
            "is no date; write it as 2026-12-25",
        ),
        ({**BATTERY, "group": "sauna"}, "group", "allowed are charge_point, storage"),
        ({**CAR, "discharge_limit_kw": 3}, "discharge_limit_kw", "bidirectional"),
        (
            {**CAR, "power_ranges": [{"min_kw": 1, "max_kw": 3}]},
            "power_ranges[0]",
            "is not within min_power_kw, 1.5, and max_power_kw, 11",
        ),
        (
            {
                **CAR,
                "power_ranges": [
                    {"min_kw": 4, "max_kw": 11},
                    {"min_kw": 2, "max_kw": 3},
                ],
            },
            "power_ranges[1].min_kw",
            "is below the range above it",
        ),
    ],
)
def test_what_does_not_fit_a_device_is_named(
    device: Json, where: str, text: str
) -> None:
    with pytest.raises(InputError) as refused:
        home_from_json(home(device))
    (problem,) = refused.value.problems
    assert problem.where == f"devices[0].{where}"
    assert text in problem.text


def test_a_session_that_does_not_fit_is_named() -> None:
    session = {"arrive": at(0), "depart": at(4), "energy_kwh": 9}
    session |= {"max_energy_kwh": 8, "min_energy_kwh": -2}
    with pytest.raises(InputError) as refused:
        home_from_json(home({**CAR, "sessions": [session]}))
    assert [str(p) for p in refused.value.problems] == [
        "devices[0].sessions[0].energy_kwh: is more than max_energy_kwh, 8",
        "devices[0].sessions[0].min_energy_kwh: below 0 needs a bidirectional charger",
    ]


def test_a_limit_without_an_end_is_valid_until_changed() -> None:
    limit = {"id": "a", "direction": "import", "scope": "connection", "limit_kw": 0}
    found = home_from_json(home(limits=[{**limit, "end": None}]))
    assert found.limits[0].end is None
    assert found.limits[0].limit_kw == 0


def test_what_was_left_out_is_named_with_the_line_of_its_device() -> None:
    text = TEXT.replace("cop_series: cop,", "")
    with pytest.raises(InputError) as refused:
        home_from_tree(parse(text))
    (problem,) = refused.value.problems
    assert str(problem) == (
        "line 23: devices[3].cop_series: give either this or cop_curve"
    )
