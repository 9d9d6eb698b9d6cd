import { expect, test } from "vitest";

import recorded from "../../dev/fixtures/plan.json";
import type { PlanMessage } from "../data/plan";
import { planTable } from "../data/plan_table";
import { localizer } from "../i18n/localize";
import { chartLayout, xShare, yOf } from "./chart_layout";
import { planSeries } from "./plan_series";

const PLAN = recorded as unknown as PlanMessage;
const TABLE = planTable(PLAN);
const SERIES = planSeries(PLAN, TABLE, localizer("en"));

test("a series for each price, device, limit and store", () => {
  expect(SERIES.map(({ id }) => id)).toEqual([
    "import_price", "export_price", "load", "roof", "heat_pump", "dishwasher", "battery", "car",
    "grid", "limit contract import connection", "limit dso import controllable",
    "indoor heat_pump", "charge battery",
  ]);
});

test("three lanes, one below the other", () => {
  const { boxes, height } = chartLayout(SERIES, SERIES, TABLE, false);
  expect(boxes.map(({ lanes }) => lanes)).toEqual([["price"], ["power"], ["charge", "temperature"]]);
  boxes.reduce((bottom, box) => {
    expect(box.top).toBeGreaterThan(bottom);
    return box.top + box.height;
  }, 0);
  expect(height).toBeGreaterThan((boxes.at(-1)?.top ?? 0) + (boxes.at(-1)?.height ?? 0));
});

test("lanes stay where they are when a series is hidden", () => {
  const shown = SERIES.filter(({ lane }) => lane !== "price");
  const before = chartLayout(SERIES, SERIES, TABLE, false).boxes.map(({ top }) => top);
  expect(chartLayout(SERIES, shown, TABLE, false).boxes.map(({ top }) => top)).toEqual(before);
});

test("everything drawn in the power lane fits; a far limit does not flatten it", () => {
  const axis = chartLayout(SERIES, SERIES, TABLE, false).boxes[1]?.axes[0];
  expect(axis?.max).toBeGreaterThan(9.2);
  const far = planSeries(
    { ...PLAN, limits: [{ id: "far", direction: "import", scope: "connection", limit_kw: 40 }] },
    TABLE,
    localizer("en"),
  );
  expect(chartLayout(far, far, TABLE, false).boxes[1]?.axes[0]?.max).toBeLessThan(12);
});

test("time and value become places", () => {
  expect(xShare(TABLE, TABLE.edges[0] ?? 0)).toBe(0);
  expect(xShare(TABLE, TABLE.edges[TABLE.steps] ?? 0)).toBe(1);
  const box = chartLayout(SERIES, SERIES, TABLE, false).boxes[1];
  const axis = box?.axes[0];
  if (!box || !axis) throw new Error("no power lane");
  expect(yOf(box, axis.max)).toBe(box.top);
  expect(yOf(box, axis.min)).toBe(box.top + box.height);
});

test("beside the plot there is room for half of the last hour's label", () => {
  for (const narrow of [false, true]) expect(chartLayout(SERIES.slice(0, 1), SERIES, TABLE, narrow).right).toBeGreaterThanOrEqual(20);
});
