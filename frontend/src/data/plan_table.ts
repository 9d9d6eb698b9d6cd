/** The plan as columns over its steps: what chart, table and readout share. */

import type { Action, DeviceKind } from "./live";
import type { PlanDevice, PlanLimit, PlanMessage, PlanReason } from "./plan";

export type Balance = "cover" | "store" | "both" | null;

export interface PlanRow {
  id: string;
  name: string;
  kind: DeviceKind;
  /** kW, consumption and charging positive, production and discharge negative. */
  power: number[];
  action: (Action | undefined)[];
  balance: Balance[];
  /** Share at the end of each step, 0 to 1; undefined: not known for this device. */
  stateOfCharge: number[] | undefined;
  /** °C at the end of each step. */
  indoor: number[] | undefined;
}

export interface PlanTable {
  /** Start of each step and, last, the end of the horizon; epoch milliseconds. */
  edges: number[];
  steps: number;
  currency: string;
  importPrice: number[] | undefined;
  /** Steps whose import price is known; those of later ones are expected. */
  pricesKnown: number;
  exportPrice: number[] | undefined;
  load: number[] | undefined;
  /** kW at the grid connection point, import positive. */
  grid: number[];
  rows: PlanRow[];
}

/** From below upwards in the stack: what runs most steadily lies at the bottom. */
const ORDER: readonly DeviceKind[] = [
  "solar",
  "heat_pump",
  "water_heater",
  "appliance",
  "battery",
  "ev_charger",
];

function kindOf(device: PlanDevice): DeviceKind {
  if (device.kind) return device.kind;
  if (device.charge_kw) return "battery";
  if (device.indoor_temperature_c) return "heat_pump";
  return device.energy_kwh ? "ev_charger" : "appliance";
}

function powerOf(device: PlanDevice, kind: DeviceKind, steps: number): number[] {
  const { power_kw: power, charge_kw: charge, discharge_kw: discharge } = device;
  return Array.from({ length: steps }, (_, i) => {
    if (kind === "solar") return -(power?.[i] ?? 0);
    return power ? (power[i] ?? 0) : (charge?.[i] ?? 0) - (discharge?.[i] ?? 0);
  });
}

function complete(values: (number | null)[] | null | undefined): number[] | undefined {
  return values?.every((value) => value !== null) ? (values as number[]) : undefined;
}

function rowOf(id: string, device: PlanDevice, plan: PlanMessage): PlanRow {
  const steps = plan.times.length;
  const kind = kindOf(device);
  const capacity = plan.battery_capacity_kwh?.[id];
  const energy = complete(device.energy_kwh);
  return {
    id,
    name: plan.names?.[id] ?? id,
    kind,
    power: powerOf(device, kind, steps),
    action: Array.from({ length: steps }, (_, i) => device.action?.[i]),
    balance: Array.from({ length: steps }, (_, i) => device.balance?.[i] ?? null),
    stateOfCharge: capacity && energy ? energy.map((kwh) => kwh / capacity) : undefined,
    indoor: complete(device.indoor_temperature_c),
  };
}

export function planTable(plan: PlanMessage): PlanTable {
  const steps = plan.times.length;
  const starts = plan.times.map((time) => new Date(time).getTime());
  const end = (starts.at(-1) ?? 0) + (plan.minutes.at(-1) ?? 0) * 60_000;
  const knownUntil = plan.prices_known_until ? new Date(plan.prices_known_until).getTime() : Infinity;
  const rows = Object.entries(plan.devices).map(([id, device]) => rowOf(id, device, plan));
  rows.sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
  return {
    edges: [...starts, end],
    steps,
    currency: plan.currency,
    importPrice: plan.prices?.import,
    pricesKnown: starts.filter((start) => start < knownUntil).length,
    exportPrice: plan.prices?.export,
    load: plan.load_kw,
    grid: plan.grid.import_kw.map((kw, i) => kw - (plan.grid.export_kw[i] ?? 0)),
    rows,
  };
}

/** The step that `at` falls in, or undefined outside the plan. */
export function stepAt(table: PlanTable, at: number): number | undefined {
  const { edges, steps } = table;
  if (!steps || at < (edges[0] ?? 0) || at >= (edges[steps] ?? 0)) return undefined;
  const later = edges.findIndex((edge) => edge > at);
  return later - 1;
}

/** The reasons that hold in a step, the costliest to ignore first. */
export function reasonsAt(table: PlanTable, reasons: PlanReason[], step: number): PlanReason[] {
  const start = table.edges[step] ?? 0;
  const end = table.edges[step + 1] ?? 0;
  return reasons
    .filter((r) => new Date(r.start).getTime() < end && new Date(r.end).getTime() > start)
    .sort((a, b) => (b.saving ?? 0) - (a.saving ?? 0));
}

/** Up and down parts of stacked powers, and how far the stacks reach. */
export interface Stacks {
  up: number[][];
  down: number[][];
  highest: number;
  lowest: number;
}

export function stacks(powers: number[][], steps: number): Stacks {
  const up = powers.map((row) => row.map((kw) => Math.max(0, kw)));
  const down = powers.map((row) => row.map((kw) => Math.min(0, kw)));
  let highest = 0;
  let lowest = 0;
  for (let i = 0; i < steps; i++) {
    highest = Math.max(highest, up.reduce((sum, row) => sum + (row[i] ?? 0), 0));
    lowest = Math.min(lowest, down.reduce((sum, row) => sum + (row[i] ?? 0), 0));
  }
  return { up, down, highest, lowest };
}

/** A limit as kW a step, export as negative; null where it is not in force. */
export function limitLine(table: PlanTable, limit: PlanLimit): (number | null)[] {
  const from = limit.start ? new Date(limit.start).getTime() : -Infinity;
  const until = limit.end ? new Date(limit.end).getTime() : Infinity;
  const kw = limit.direction === "import" ? limit.limit_kw : -limit.limit_kw;
  return Array.from({ length: table.steps }, (_, i) => {
    const touches = (table.edges[i] ?? 0) < until && (table.edges[i + 1] ?? 0) > from;
    return touches ? kw : null;
  });
}
