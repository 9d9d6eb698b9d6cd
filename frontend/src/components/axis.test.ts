import { expect, test } from "vitest";

import { Format } from "../i18n/format";
import { hourTicks, niceAxis } from "./axis";

const FORMAT = new Format({
  locale: { language: "en-GB", number_format: "language", time_format: "24" },
  config: { time_zone: "Europe/Brussels", currency: "EUR" },
});

test.each([
  [0, 0.42, 3, [0, 0.2, 0.4], 1],
  [-3.7, 7.8, 7, [-4, -2, 0, 2, 4, 6, 8], 0],
  [-0.01, 0.31, 4, [0, 0.1, 0.2, 0.3], 1],
  [0, 1, 5, [0, 0.2, 0.4, 0.6, 0.8, 1], 1],
  [0.1, 0.12, 2, [0.1, 0.11, 0.12], 2],
] as const)("%d to %d in about %d", (low, high, count, ticks, decimals) => {
  const axis = niceAxis(low, high, count);
  expect(axis.ticks).toEqual(ticks);
  expect(axis.decimals).toBe(decimals);
  expect(axis.min).toBeLessThanOrEqual(low);
  expect(axis.max).toBeGreaterThan(high);
});

test("a flat line still has an axis", () => {
  const axis = niceAxis(0.25, 0.25, 3);
  expect(axis.max).toBeGreaterThan(axis.min);
  expect(axis.ticks.length).toBeGreaterThan(1);
});

test("ticks stand on round hours of the home's clock, also over the change of time", () => {
  const start = Date.UTC(2026, 2, 28, 22, 20);
  const end = Date.UTC(2026, 2, 29, 7, 0);
  const ticks = hourTicks(start, end, 3, FORMAT).map((at) => FORMAT.time(at));
  expect(ticks).toEqual(["00:00", "03:00", "06:00", "09:00"]);
});
