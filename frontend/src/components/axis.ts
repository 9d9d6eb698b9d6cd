/** Ticks of the chart's axes: round numbers, and round hours of the home's clock. */

import type { Format } from "../i18n/format";

export interface Axis {
  min: number;
  max: number;
  /** Round values within [min, max]: labels and grid lines. */
  ticks: number[];
  decimals: number;
}

const STEPS = [1, 2, 2.5, 5, 10];
/** Air above and below what is drawn, as a share of its span. */
const AIR = 0.06;

/** An axis for [low, high] with about `count` intervals; an end at 0 stays there. */
export function niceAxis(low: number, high: number, count: number): Axis {
  const span = high - low || Math.abs(high) || 1;
  const rough = span / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = STEPS.find((step) => step * power >= rough * 0.999) ?? 10;
  const interval = factor * power;
  const min = low === 0 ? 0 : low - span * AIR;
  const max = high === 0 && low < 0 ? 0 : Math.max(high, low + span) + span * AIR;
  const ticks: number[] = [];
  for (let i = Math.ceil(min / interval); i * interval <= max; i++) ticks.push(tidy(i * interval));
  const places = Math.round(-Math.log10(factor === 10 ? interval : power));
  const decimals = Math.max(0, places + (factor === 2.5 ? 1 : 0));
  return { min, max, ticks, decimals };
}

function tidy(value: number): number {
  return Number(value.toPrecision(12));
}

const QUARTER_MS = 900_000;

/** Times within [start, end] at which the home's clock shows a multiple of `hours`. */
export function hourTicks(start: number, end: number, hours: number, format: Format): number[] {
  const ticks: number[] = [];
  const first = Math.ceil(start / QUARTER_MS) * QUARTER_MS;
  for (let at = first; at <= end; at += QUARTER_MS) {
    if (format.minuteOfDay(at) % (hours * 60) === 0) ticks.push(at);
  }
  return ticks;
}
