import { expect, test } from "vitest";

import { Format } from "../i18n/format";
import { clockOf, nextAt } from "./clock";

const format = new Format({
  locale: { language: "en-GB", number_format: "language", time_format: "24" },
  config: { time_zone: "Europe/Brussels", currency: "EUR" },
});
const NOON = Date.UTC(2026, 2, 12, 11);

test("a time of day is its next one in the home's time zone", () => {
  expect(clockOf(NOON, format)).toBe("12:00");
  expect(nextAt("13:30", NOON, format)).toBe(NOON + 90 * 60_000);
  expect(nextAt("07:00", NOON, format)).toBe(NOON + 19 * 3_600_000);
  expect(nextAt("12:00", NOON, format)).toBe(NOON + 24 * 3_600_000);
});

test("the night in which clocks change has its hour less", () => {
  const evening = Date.UTC(2026, 2, 28, 21); // 22:00, before summer time
  const morning = nextAt("07:00", evening, format);
  expect(clockOf(morning ?? 0, format)).toBe("07:00");
  expect(morning).toBe(evening + 8 * 3_600_000);
});

test("what is no time of day is none", () => {
  for (const clock of ["", "25:00", "noon"]) expect(nextAt(clock, NOON, format)).toBeUndefined();
});
