/** Where the lanes of the plan chart lie and what their axes span. */

import type { PlanTable } from "../data/plan_table";
import { stacks } from "../data/plan_table";
import { type Axis, niceAxis } from "./axis";
import { LIMIT_REACH, type Lane, type PlanSeries } from "./plan_series";

export interface LaneBox {
  /** The lanes that share this box; the second has its axis on the right. */
  lanes: Lane[];
  top: number;
  height: number;
  axes: Axis[];
}

export interface ChartLayout {
  left: number;
  right: number;
  height: number;
  boxes: LaneBox[];
}

const TITLE = 26;
const FOOT = 26;
const HEIGHTS: Record<"price" | "power" | "charge", number> = { price: 84, power: 216, charge: 84 };

function numbers(series: PlanSeries[]): number[] {
  return series.flatMap((one) => one.values.filter((value) => value !== null));
}

function powerAxis(shown: PlanSeries[], table: PlanTable): Axis {
  const areas = shown.filter((one) => one.style === "area");
  const stacked = stacks(areas.map((one) => one.values.map((v) => v ?? 0)), table.steps);
  const lines = numbers(shown.filter((one) => one.style === "line"));
  let high = Math.max(1, stacked.highest, ...lines);
  let low = Math.min(0, stacked.lowest, ...lines);
  const bounds = numbers(shown.filter((one) => one.style === "limit"));
  for (const bound of new Set(bounds)) {
    if (bound > high && bound <= high * LIMIT_REACH) high = bound;
    if (bound < low && bound >= low * LIMIT_REACH) low = bound;
  }
  return niceAxis(low, high, 7);
}

function axisOf(lane: Lane, shown: PlanSeries[], table: PlanTable): Axis {
  const mine = shown.filter((one) => one.lane === lane);
  if (lane === "power") return powerAxis(mine, table);
  if (lane === "charge") return { min: 0, max: 100, ticks: [0, 50, 100], decimals: 0 };
  const values = numbers(mine);
  if (!values.length) return niceAxis(0, 1, 2);
  const low = Math.min(...values);
  const high = Math.max(...values);
  if (lane === "price") return niceAxis(Math.min(0, low), high, 4);
  return twoIntervals(low, high);
}

/** Indoor temperature shares a lane with 0/50/100 %: two intervals, so grid lines agree. */
function twoIntervals(low: number, high: number): Axis {
  const middle = Math.round((low + high) / 2);
  const half = Math.max(1, Math.ceil(Math.max(high - middle, middle - low)));
  const ticks = [middle - half, middle, middle + half];
  return { min: middle - half, max: middle + half, ticks, decimals: 0 };
}

export function chartLayout(
  all: PlanSeries[],
  shown: PlanSeries[],
  table: PlanTable,
  narrow: boolean,
): ChartLayout {
  const has = (lane: Lane) => all.some((one) => one.lane === lane);
  const groups: Lane[][] = [];
  if (has("price")) groups.push(["price"]);
  groups.push(["power"]);
  const stores = (["charge", "temperature"] as const).filter(has);
  if (stores.length) groups.push(stores);

  let top = 0;
  const boxes = groups.map((lanes): LaneBox => {
    const key = lanes[0] === "temperature" ? "charge" : (lanes[0] as "price" | "power" | "charge");
    const box = {
      lanes,
      top: top + TITLE,
      height: HEIGHTS[key],
      axes: lanes.map((lane) => axisOf(lane, shown, table)),
    };
    top = box.top + box.height + 8;
    return box;
  });
  const twoSided = stores.length === 2;
  return {
    left: narrow ? 36 : 44,
    // Half of the last hour's label stands beside the plot.
    right: twoSided ? (narrow ? 28 : 36) : 24,
    height: top + FOOT - 8,
    boxes,
  };
}

/** The share of the plot's width at which `at` lies. */
export function xShare(table: PlanTable, at: number): number {
  const start = table.edges[0] ?? 0;
  const end = table.edges[table.steps] ?? start + 1;
  return (at - start) / (end - start);
}

/** Pixels from the chart's top to a value of the first axis of `box`. */
export function yOf(box: LaneBox, value: number): number {
  const axis = box.axes[0];
  if (!axis) return box.top;
  return box.top + ((axis.max - value) / (axis.max - axis.min)) * box.height;
}
