/** What the fake Home Assistant answers to the dashboard's questions. */

import type { Budgets, Energy, Health, Log, Opportunities, Savings, SavingsRow } from "../src/data/dashboard";
import type { Preview, Wish } from "../src/data/wish";
import {
  BARE_HOMES,
  type BareHome,
  bareEnergy,
  bareHealth,
  bareOpportunities,
  bareSavings,
} from "./homes";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const iso = (at: number) => new Date(at).toISOString();

function row(days: number, controlled = true): SavingsRow {
  const now = Date.now();
  return {
    start: iso(now - days * DAY_MS),
    end: iso(now),
    measured_share: 0.99,
    controlled,
    bill: 2.31 * days,
    without: 3.12 * days,
    planned: 2.29 * days,
    perfect: 2.08 * days,
    saved: 0.81 * days,
    saved_min: 0.66 * days,
    saved_max: 0.97 * days,
    split: { forecast: 0.17 * days, planning: 0.06 * days },
    peak_kw: 4.2,
    peak_without_kw: 7.9,
    peak_planned_kw: 4.2,
    capacity: days > 1 ? 14.2 : null,
    capacity_without: days > 1 ? 26.7 : null,
    capacity_planned: days > 1 ? 14.2 : null,
    import_kwh: 7.2 * days,
    export_kwh: 2.1 * days,
    produced_kwh: 7.3 * days,
    self_use: 0.71,
    self_use_planned: 0.71,
    co2_kg: 2.9 * days,
    co2_without_kg: 3.6 * days,
    co2_planned_kg: 2.9 * days,
    co2_days: days,
  };
}

function savings(empty: boolean): Savings {
  const days = Array.from({ length: 12 }, (_, n) => ({
    ...row(1),
    saved: n === 4 ? -0.12 : 0.5 + 0.06 * ((n * 7) % 11),
    date: iso(Date.now() - (n + 1) * DAY_MS).slice(0, 10),
  }));
  return {
    currency: "EUR",
    controlled: true,
    co2_known: true,
    days: empty ? [] : days,
    periods: empty
      ? []
      : [
          { ...row(1), period: "today", days: 1 },
          { ...row(12), period: "month", days: 12 },
          { ...row(68), period: "year", days: 68 },
        ],
    doing_nothing: [
      { device_id: "car", name: "Car charger", text: "Car charger charges as soon as the car is plugged in." },
      { device_id: "battery", name: "Home battery", text: "Home battery follows its own rule: store surplus, cover the house." },
    ],
    waiting: empty ? { text: "The first day is over tomorrow at noon." } : null,
  };
}

function energy(period: Energy["period"], empty: boolean): Energy {
  const midnight = Math.floor(Date.now() / DAY_MS) * DAY_MS - HOUR_MS;
  const step = { day: HOUR_MS, month: DAY_MS, year: 30 * DAY_MS }[period];
  const scale = step / HOUR_MS;
  const count = { day: 16, month: 12, year: 3 }[period];
  const rows = Array.from({ length: count }, (_, n) => ({
    start: iso(midnight + n * step),
    import: scale * (0.4 + 0.3 * ((n * 5) % 7) * 0.2),
    export: scale * Math.max(0, 0.9 - Math.abs(n - count * 0.7) * 0.2),
    solar: scale * Math.max(0, 2.6 - Math.abs(n - count * 0.7) * 0.5),
    charge: scale * (n % 4 === 0 ? 0.5 : 0.1),
    discharge: scale * (n % 3 === 0 ? 0.4 : 0),
  }));
  const sum = (kind: "import" | "export" | "solar" | "charge" | "discharge") =>
    rows.reduce((all, each) => all + each[kind], 0);
  const kwh = (kind: Energy["counted"][number]["kind"], value: number, name: string | null = null) => ({
    kind,
    name,
    value,
    unit: "kWh",
  });
  if (empty) return { period, start: iso(midnight), counted: [], rows: [], measured: [], first_at: iso(Date.now() + HOUR_MS), standby_w: null, standby_at: iso(Date.now() + 3 * DAY_MS) };
  return {
    period,
    start: iso(midnight),
    counted: [
      kwh("import", sum("import")),
      kwh("import", sum("import") * 0.6, "1"),
      kwh("import", sum("import") * 0.4, "2"),
      kwh("export", sum("export")),
      kwh("solar", sum("solar")),
      kwh("charge", sum("charge")),
      kwh("discharge", sum("discharge")),
      { kind: "gas", name: "Gas meter", value: 0.31 * scale, unit: "m³" },
      { kind: "water", name: "Water meter", value: 0.12 * scale, unit: "m³" },
      kwh("heat", 3.2 * scale, "Heat meter"),
    ],
    rows,
    measured: [],
    first_at: iso(Date.now() + HOUR_MS),
    standby_w: 187,
    standby_at: null,
  };
}

function opportunities(empty: boolean): Opportunities {
  return {
    appliances: 1,
    times: [],
    taken: empty
      ? []
      : [
          {
            wish_id: "c",
            kind: "battery",
            text: "Home battery is controlled from 01:00 to 04:00, this once.",
          },
        ],
    opportunities: empty
      ? []
      : [
          {
            device: "dishwasher",
            kind: "appliance",
            name: "Dishwasher",
            start: iso(Date.now() + 20 * HOUR_MS),
            saving: 0.42,
            currency: "EUR",
            what: "start",
            starts_itself: true,
            takes_control: false,
            reminds: false,
            text: "Start Dishwasher at 13:00: €0.121/kWh instead of €0.398/kWh now, saves €0.42.",
          },
          {
            device: "wallbox",
            kind: "ev_charger",
            name: "Wallbox",
            start: iso(Date.now() + 15 * HOUR_MS),
            saving: 0.31,
            currency: "EUR",
            what: "force",
            end: iso(Date.now() + 19 * HOUR_MS),
            power_w: 11_000,
            starts_itself: false,
            takes_control: true,
            reminds: false,
            text: "Charge at Wallbox from 08:00: €0.131/kWh instead of €0.398/kWh now, saves €0.31.",
          },
        ],
  };
}

function health(empty: boolean): Health {
  const link = (kind: Health["links"][number]["kind"], name: string, ok: boolean, age: number | null, reaction: number | null = null) => ({
    kind,
    name,
    ok,
    age_s: age,
    reaction_s: reaction,
  });
  return {
    time: iso(Date.now()),
    links: empty
      ? []
      : [
          link("meter", "P1 at 192.168.1.20", true, 0.8),
          link("submeter", "Gas meter", true, 2900),
          link("battery", "Home battery", true, 3, 2.4),
          link("ev_charger", "Car charger", true, 9, 6.1),
          link("heat_pump", "Heat pump", false, 540, 41),
          link("solar", "Roof", true, 5),
        ],
    plan: empty
      ? null
      : {
          status: "optimal",
          age_s: 130,
          until: iso(Date.now() + 30 * HOUR_MS),
          prices_known_until: iso(Date.now() + 7 * HOUR_MS),
          solve_s: 0.21,
          gap: 0.0004,
        },
    forecasts: empty
      ? []
      : [
          { kind: "load", name: null, error: { days: 14, error_share: 0.24, by_lead: {} } },
          { kind: "solar", name: "Roof", error: { days: 14, error_share: 0.18, by_lead: {} } },
        ],
  };
}

function log(empty: boolean): Log {
  const entries: Log["entries"] = [
    { time: iso(Date.now() - 120_000), about: "limit", device: null, name: null, action: null, text: "grid operator ordered a limit of 4200 W." },
    { time: iso(Date.now() - 118_000), about: "device", device: "car", name: "Car charger", action: "run", text: "Turned down to keep the limit of 4.2 kW ordered by grid operator." },
    { time: iso(Date.now() - 900_000), about: "plan", device: null, name: null, action: null, text: "New plan. Car charger: 6.2 kWh from 17:00 to 02:00." },
  ];
  return { since: iso(Date.now() - DAY_MS), entries: empty ? [] : entries };
}

function preview(wish: Wish): Preview {
  const costs = wish.what === "depart" ? 0.37 : 0.84;
  return {
    more_cost: costs,
    at_least: costs - 0.01,
    at_most: costs,
    currency: "EUR",
    status: "optimal",
    text: `${wish.device} ${wish.what}: €${costs.toFixed(2)} more than the plan.`,
    moved: [{ text: "Home battery: 1.4 kWh from 19:00 to 21:00." }],
    relaxed: [],
    replaces: [],
    took_s: 0.4,
  };
}

function bent<Answer>(answer: Answer, scene: string, bend: (answer: Answer, home: BareHome) => void): Answer {
  const home = BARE_HOMES.find((each) => each === scene);
  if (home) bend(answer, home);
  return answer;
}

/** The answer to `message`; `none` is a home that is new. */
function budgets(empty: boolean): Budgets {
  if (empty) return { budgets: [] };
  const month = { measure: "quantity", period: "month" } as const;
  return {
    budgets: [
      { ...month, budget_id: "a", name: "Power", medium: "electricity", amount: 300, unit: "kWh", used: 186, expected: 360, marks: ["foretold"] },
      { budget_id: "b", name: "Heating", medium: "gas", measure: "cost", period: "month", amount: 80, unit: "EUR", used: 21.4, expected: 44.2, marks: [] },
      { ...month, budget_id: "c", name: "Water", medium: "water", amount: 9, unit: "m³", used: null, expected: null },
    ],
  };
}

export function answerTo(message: { type: string } & Record<string, unknown>, scene: string): unknown {
  const empty = scene === "none";
  const bare = BARE_HOMES.find((each) => each === scene);
  switch (message.type) {
    case "cem/savings":
      return bent(savings(empty), scene, bareSavings);
    case "cem/energy":
      return bent(energy(message["period"] as Energy["period"], empty), scene, bareEnergy);
    case "cem/budgets":
      return budgets(empty);
    case "cem/opportunities":
      return bare ? bareOpportunities(bare) : opportunities(empty);
    case "cem/health":
      return bent(health(empty), scene, bareHealth);
    case "cem/log":
      return log(empty || bare !== undefined);
    case "cem/preview_wish":
      return preview(message as unknown as Wish);
    case "cem/set_wish":
      return { wish_id: "wish-1" };
    case "cem/end_wish":
      return null;
    default:
      return [{ entry_id: "demo", title: "Home" }];
  }
}
