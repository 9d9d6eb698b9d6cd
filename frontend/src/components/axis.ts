/** Ticks of the chart's axes: round numbers, and round hours of the home's clock. */

import type { Format } from "../i18n/format";

export interface Axis {
  min: number;
  max: number;
  interval: number;
  decimals: number;
}

const STEPS = [1, 2, 2.5, 5, 10];

/** A range of whole intervals around [low, high], about `count` of them. */
export function niceAxis(low: number, high: number, count: number): Axis {
  const span = high - low || Math.abs(high) || 1;
  const rough = span / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = STEPS.find((step) => step * power >= rough * 0.999) ?? 10;
  const interval = factor * power;
  const min = Math.floor(low / interval + 1e-6) * interval;
  const max = Math.ceil(high / interval - 1e-6) * interval;
  const decimals = Math.max(0, -Math.floor(Math.log10(interval) + 1e-9)) + (factor === 2.5 ? 1 : 0);
  return { min: tidy(min), max: tidy(max === min ? min + interval : max), interval: tidy(interval), decimals };
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
