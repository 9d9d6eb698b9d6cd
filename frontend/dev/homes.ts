/** Homes in which nothing can be controlled: their events, plan and answers. */

import type { Energy, Health, Opportunities, Savings, SavingsRow } from "../src/data/dashboard";
import type { LiveDevice as Device, Live } from "../src/data/live";
import type { PlanMessage } from "../src/data/plan";

/** Only a meter and prices; 800 W plug-in solar; an inverter that nobody can write to. */
export const BARE_HOMES = ["meter", "plug-in", "read-only"] as const;
export type BareHome = (typeof BARE_HOMES)[number];

const HOUR_MS = 3_600_000;
const KINDS: Record<BareHome, Device["kind"][]> = {
  meter: [],
  "plug-in": ["solar"],
  "read-only": ["solar", "battery"],
};
const NAMES: Record<BareHome, Partial<Record<Device["kind"], string>>> = {
  meter: {},
  "plug-in": { solar: "Balcony" },
  "read-only": { solar: "Inverter", battery: "Inverter's battery" },
};

export function bareLive(live: Live, home: BareHome): void {
  live.mode = "observe";
  live.devices = live.devices.filter(({ kind }) => KINDS[home].includes(kind));
  for (const device of live.devices) {
    device.name = NAMES[home][device.kind] ?? device.name;
    if (device.kind === "battery") device.power_w = -610;
    if (device.kind === "solar") device.power_w = home === "plug-in" ? 430 : 1428;
    Object.assign(device, {
      setpoint_w: null,
      action: null,
      cause: null,
      reason: null,
      enabled: false,
      owner: "device",
      obeyed: null,
      next: null,
      entities: {},
    });
  }
  const of = (kind: Device["kind"]) => live.devices.find((each) => each.kind === kind)?.power_w;
  live.solar_power_w = of("solar") ?? null;
  live.load_power_w = 890;
  live.grid_power_w = 890 - (of("solar") ?? 0) + (of("battery") ?? 0);
  live.limits = live.limits.filter(({ source }) => source === "contract");
  for (const limit of live.limits) {
    limit.power_w = limit.direction === "import" ? live.grid_power_w : -live.grid_power_w;
    limit.distance_w = limit.limit_w - limit.power_w;
    limit.near = false;
  }
  live.quarter_hour = { mean_w: 810, projected_w: 860, remaining_s: 470, month_peak_w: 3400 };
}

export function barePlan(plan: PlanMessage, home: BareHome): void {
  const solar = Object.entries(plan.devices).filter(([, { kind }]) => kind === "solar");
  plan.devices = home === "meter" ? {} : Object.fromEntries(solar);
  const produced = home === "meter" ? [] : (solar[0]?.[1].power_kw ?? []);
  const size = home === "plug-in" ? 0.1 : 1;
  for (const [, device] of solar) device.power_kw = produced.map((kw) => kw * size);
  const net = (plan.load_kw ?? []).map((kw, n) => kw - size * (produced[n] ?? 0));
  plan.grid = { import_kw: net.map((kw) => Math.max(0, kw)), export_kw: net.map((kw) => Math.max(0, -kw)) };
  plan.reasons = [];
  plan.wishes = [];
  plan.departures = {};
}

export function bareOpportunities(home: BareHome): Opportunities {
  const time = (kind: "cheap" | "dear" | "surplus" | "peak", hours: number, text: string) => ({
    kind,
    start: new Date(Date.now() + hours * HOUR_MS).toISOString(),
    end: new Date(Date.now() + (hours + 3) * HOUR_MS).toISOString(),
    text,
  });
  return {
    opportunities: [],
    taken: [],
    appliances: 0,
    times: [
      time("dear", 1, "Dear from 17:45 to 21:00: €0.391/kWh on average."),
      time("cheap", 9, "Cheap from 01:00 to 05:30: €0.182/kWh on average."),
      ...(home === "meter"
        ? [time("peak", 3, "3600 W is foreseen at 19:15: more than the month's peak of 3400 W. Run less at once then.")]
        : [time("surplus", 19, "More sun than the home needs from 11:15 to 15:00, up to 420 W.")]),
    ],
  };
}

export function bareEnergy(energy: Energy, home: BareHome): void {
  const none: string[] = { meter: ["export", "solar", "charge", "discharge"], "plug-in": ["charge", "discharge"], "read-only": [] }[home];
  energy.counted = energy.counted.filter(({ kind }) => !none.includes(kind) && kind !== "heat");
  for (const row of energy.rows) for (const kind of none) delete row[kind as keyof typeof row];
}

export function bareSavings(savings: Savings, home: BareHome): void {
  const observed = (row: SavingsRow) => {
    row.controlled = false;
    if (home !== "read-only") {
      Object.assign(row, { planned: row.bill, without: row.bill, perfect: row.bill, saved: 0, split: { forecast: 0, planning: 0 } });
    }
    if (home === "meter") row.self_use = row.self_use_planned = null;
  };
  savings.controlled = false;
  [...savings.days, ...savings.periods].forEach(observed);
  savings.doing_nothing = {
    meter: [],
    "plug-in": [{ device_id: "roof", name: "Balcony", text: "Balcony produces all it can." }],
    "read-only": [
      { device_id: "roof", name: "Inverter", text: "Inverter produces all it can." },
      { device_id: "battery", name: "Inverter's battery", text: "Inverter's battery follows its own rule: store surplus, cover the house." },
    ],
  }[home];
}

export function bareHealth(health: Health, home: BareHome): void {
  health.links = health.links
    .filter(({ kind }) => kind === "meter" || KINDS[home].includes(kind as Device["kind"]))
    .map((link) => ({ ...link, reaction_s: null }));
  health.forecasts = health.forecasts.filter(({ kind }) => kind === "load" || home !== "meter");
}
