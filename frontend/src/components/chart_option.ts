/** What ECharts is told to draw: lanes above one another on one time axis. */

import type { PlanTable } from "../data/plan_table";
import type { Format } from "../i18n/format";
import { hourTicks } from "./axis";
import type { ChartLayout, LaneBox } from "./chart_layout";
import type { PlanSeries } from "./plan_series";

export interface ChartLook {
  color: (color: string) => string;
  text: string;
  soft: string;
  line: string;
  font: string;
  hours: number;
  /** No tick label this near to the now-line's own, both in milliseconds. */
  now: number;
  nowClearance: number;
}

type Point = [number, number | null];

/** Values that hold over a step; the last one up to the end of the horizon. */
function held(table: PlanTable, values: (number | null)[]): Point[] {
  const points = values.map((value, i): Point => [table.edges[i] ?? 0, value]);
  // What ends within the horizon holds to the end of its last step.
  const last = values.findLastIndex((value) => value !== null);
  if (last >= 0 && last < values.length - 1) points[last + 1] = [table.edges[last + 1] ?? 0, values[last] ?? null];
  points.push([table.edges[table.steps] ?? 0, values.at(-1) ?? null]);
  return points;
}

/** Values reached at the end of a step. */
function reached(table: PlanTable, values: (number | null)[]): Point[] {
  return values.map((value, i) => [table.edges[i + 1] ?? 0, value]);
}

function line(one: PlanSeries, table: PlanTable, axis: number, look: ChartLook) {
  const stepped = one.lane === "price" || one.lane === "power";
  const type = { dashed: "dashed", dotted: [1, 4], limit: [7, 4] }[one.style as "dashed"] ?? "solid";
  return {
    id: one.id,
    type: "line",
    xAxisIndex: axis,
    yAxisIndex: axis,
    data: stepped ? held(table, one.values) : reached(table, one.values),
    step: stepped ? "end" : false,
    showSymbol: false,
    silent: true,
    z: one.style === "limit" ? 5 : 4,
    lineStyle: {
      color: look.color(one.color),
      width: one.style === "dashed" ? 1.25 : one.style === "dotted" ? 2.5 : 1.75,
      type,
      cap: one.style === "dotted" ? "round" : "butt",
    },
  };
}

function areas(one: PlanSeries, table: PlanTable, axis: number, look: ChartLook) {
  const part = (side: "up" | "down") => {
    const clip = side === "up" ? Math.max : Math.min;
    const values = one.values.map((value) => clip(0, value ?? 0));
    if (values.every((value) => value === 0)) return [];
    return [
      {
        id: `${one.id} ${side}`,
        type: "line",
        xAxisIndex: axis,
        yAxisIndex: axis,
        data: held(table, values),
        step: "end",
        stack: side,
        showSymbol: false,
        silent: true,
        lineStyle: { width: 0 },
        areaStyle: { color: look.color(one.color), opacity: 0.85 },
      },
    ];
  };
  return [...part("up"), ...part("down")];
}

function yAxes(box: LaneBox, index: number, look: ChartLook, format: Format) {
  return box.axes.map((axis, side) => ({
    gridIndex: index,
    type: "value",
    position: side === 0 ? "left" : "right",
    min: axis.min,
    max: axis.max,
    axisLine: { show: false },
    // Grid lines stand where the ticks would: these are never drawn themselves.
    axisTick: { show: true, length: 0, customValues: axis.ticks },
    axisLabel: {
      customValues: axis.ticks,
      color: look.soft,
      fontSize: 11,
      margin: 8,
      formatter: (value: number) => format.number(value, axis.decimals),
    },
    splitLine: { show: side === 0, lineStyle: { color: look.line, width: 1 } },
  }));
}

function xAxis(index: number, axis: number, count: number, table: PlanTable, look: ChartLook, format: Format) {
  const start = table.edges[0] ?? 0;
  const end = table.edges[table.steps] ?? 0;
  const ticks = hourTicks(start, end, look.hours, format).filter(
    (at) => Math.abs(at - look.now) > look.nowClearance,
  );
  const last = index === count - 1;
  return {
    gridIndex: index,
    type: "value",
    min: start,
    max: end,
    axisLine: { onZero: true, onZeroAxisIndex: axis, lineStyle: { color: look.soft, width: 1 } },
    axisTick: { show: last, customValues: ticks, lineStyle: { color: look.line } },
    axisLabel: {
      show: last,
      customValues: ticks,
      hideOverlap: true,
      color: look.soft,
      fontSize: 11,
      formatter: (at: number) =>
        format.minuteOfDay(at) === 0 ? `{day|${format.day(at)}}` : format.hour(at),
      rich: { day: { color: look.text, fontWeight: 600, fontSize: 11 } },
    },
    splitLine: { show: false },
  };
}

export function chartOption(
  table: PlanTable,
  shown: PlanSeries[],
  layout: ChartLayout,
  look: ChartLook,
  format: Format,
) {
  const lanes = layout.boxes.flatMap((box) => box.lanes);
  const axes = layout.boxes.flatMap((box, index) => yAxes(box, index, look, format));
  // One x axis for each y axis, so that both carry the same number.
  const x = layout.boxes.flatMap((box, index) =>
    box.axes.map((_, side) => ({
      ...xAxis(index, lanes.indexOf(box.lanes[side] ?? "power"), layout.boxes.length, table, look, format),
      ...(side === 0 ? {} : { show: false }),
    })),
  );
  return {
    animation: false,
    textStyle: { fontFamily: look.font },
    grid: layout.boxes.map((box) => ({
      left: layout.left,
      right: layout.right,
      top: box.top,
      height: box.height,
      outerBoundsMode: "none",
    })),
    xAxis: x,
    yAxis: axes,
    series: shown.flatMap((one): object[] => {
      const axis = lanes.indexOf(one.lane);
      return one.style === "area" ? areas(one, table, axis, look) : [line(one, table, axis, look)];
    }),
  };
}
