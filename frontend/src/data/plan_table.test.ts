import { describe, expect, test } from "vitest";

import recorded from "../../dev/fixtures/plan.json";
import type { PlanMessage } from "./plan";
import { limitLine, planTable, reasonsAt, stacks, stepAt } from "./plan_table";

const PLAN = recorded as unknown as PlanMessage;

function plan(more: Partial<PlanMessage> = {}): PlanMessage {
  return {
    status: "optimal",
    created_at: "2026-03-12T15:00:00+00:00",
    currency: "EUR",
    cost: {},
    minutes: [15, 15],
    times: ["2026-03-12T16:00:00+01:00", "2026-03-12T16:15:00+01:00"],
    grid: { import_kw: [1, 0], export_kw: [0, 2] },
    devices: {},
    reasons: [],
    relaxed: [],
    ...more,
  };
}

describe("columns", () => {
  const table = planTable(
    plan({
      devices: {
        battery: { kind: "battery", charge_kw: [2, 0], discharge_kw: [0, 1.5], energy_kwh: [5, 4] },
        roof: { kind: "solar", power_kw: [3, 0] },
        pump: { power_kw: [1, 1], indoor_temperature_c: [20, 20.5] },
      },
      battery_capacity_kwh: { battery: 10 },
      names: { roof: "Roof" },
    }),
  );
  const row = (id: string) => table.rows.find((one) => one.id === id);

  test("charging is up, discharging and production are down", () => {
    expect(row("battery")?.power).toEqual([2, -1.5]);
    expect(row("roof")?.power).toEqual([-3, -0]);
  });

  test("the grid is positive for import", () => {
    expect(table.grid).toEqual([1, -2]);
  });

  test("state of charge needs a capacity, a name falls back to the id", () => {
    expect(row("battery")?.stateOfCharge).toEqual([0.5, 0.4]);
    expect(row("pump")?.stateOfCharge).toBeUndefined();
    expect([row("roof")?.name, row("battery")?.name]).toEqual(["Roof", "battery"]);
  });

  test("a kind that is not given is read from the columns", () => {
    expect(row("pump")?.kind).toBe("heat_pump");
  });
});

test("a time falls into its step, not into one before or after the plan", () => {
  const table = planTable(plan());
  const [start = 0, second = 0, end = 0] = table.edges;
  expect(stepAt(table, start)).toBe(0);
  expect(stepAt(table, second - 1)).toBe(0);
  expect(stepAt(table, second)).toBe(1);
  expect(stepAt(table, start - 1)).toBeUndefined();
  expect(stepAt(table, end)).toBeUndefined();
});

test("steps of any length, and the prices that are known", () => {
  const table = planTable(
    plan({ minutes: [15, 60], prices: { import: [0.2, 0.3] }, prices_known_until: "2026-03-12T16:15:00+01:00" }),
  );
  const [start = 0, second = 0, end = 0] = table.edges;
  expect([second - start, end - second]).toEqual([900_000, 3_600_000]);
  expect(stepAt(table, end - 1)).toBe(1);
  expect(table.pricesKnown).toBe(1);
  expect(planTable(plan()).pricesKnown).toBe(2);
});

test("ups and downs are stacked apart", () => {
  const found = stacks([[1, -2], [3, -1], [-4, 2]], 2);
  expect(found.up).toEqual([[1, 0], [3, 0], [0, 2]]);
  expect(found.down).toEqual([[0, -2], [0, -1], [-4, 0]]);
  expect([found.highest, found.lowest]).toEqual([4, -4]);
});

test("the recorded plan balances: what is stacked up minus down is the grid", () => {
  const table = planTable(PLAN);
  for (let i = 0; i < table.steps; i++) {
    const sum = table.rows.reduce((kw, row) => kw + (row.power[i] ?? 0), table.load?.[i] ?? 0);
    expect(sum).toBeCloseTo(table.grid[i] ?? NaN, 2);
  }
});

test("a limit that touches part of a step holds for all of it; export points down", () => {
  const table = planTable(plan());
  const base = { id: "l", scope: "connection", limit_kw: 4 } as const;
  const end = "2026-03-12T16:01:00+01:00";
  expect(limitLine(table, { ...base, direction: "import", end })).toEqual([4, null]);
  expect(limitLine(table, { ...base, direction: "export" })).toEqual([-4, -4]);
});

test("reasons of a step, the one worth most first", () => {
  const [start = "", second = ""] = plan().times;
  const reason = (text: string, saving?: number) => ({ device: "d", start, end: second, text, saving: saving ?? null });
  const reasons = [reason("unknown"), reason("small", 0.1), reason("great", 2)];
  const table = planTable(plan());
  expect(reasonsAt(table, reasons, 0).map(({ text }) => text)).toEqual(["great", "small", "unknown"]);
  expect(reasonsAt(table, reasons, 1)).toEqual([]);
});
