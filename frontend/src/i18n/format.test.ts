import { describe, expect, test } from "vitest";

import { age, Format } from "./format";
import { localizer, lookup } from "./localize";

const NBSP = "\u00a0";

function format(locale: object = {}, zone = "Europe/Brussels"): Format {
  return new Format({
    locale: { language: "en-GB", number_format: "language", time_format: "24", ...locale },
    config: { time_zone: zone, currency: "EUR" },
  });
}

describe("power", () => {
  test.each([
    [0, "0 W"],
    [-0.3, "0 W"],
    [840, "840 W"],
    [999.6, "1.00 kW"],
    [3421, "3.42 kW"],
    [9994, "9.99 kW"],
    [9996, "10.0 kW"],
    [11_000, "11.0 kW"],
    [-2480, "-2.48 kW"],
  ])("%d W reads %s", (powerW, text) => {
    expect(format().power(powerW)).toBe(text.replace(" ", NBSP));
  });

  test.each([
    ["comma_decimal", "1,234.5"],
    ["decimal_comma", "1.234,5"],
    ["none", "1234.5"],
  ])("a number in %s", (number_format, text) => {
    expect(format({ number_format }).number(1234.5, 1)).toBe(text);
  });
});

test("times are those of the home's zone, not of the browser", () => {
  const at = Date.UTC(2026, 2, 12, 15, 45);
  expect(format().time(at)).toBe("16:45");
  expect(format({}, "America/New_York").time(at)).toBe("11:45");
});

test("midnight is 00:00, and 12 hours are shown to who wants them", () => {
  const midnight = Date.UTC(2026, 2, 12, 23, 0);
  expect(format().time(midnight)).toBe("00:00");
  const twelve = format({ time_format: "12" });
  expect(twelve.time(midnight)).toMatch(/^12:00\s?am$/i);
  expect(twelve.hour(midnight + 18 * 3_600_000)).toMatch(/^6\s?pm$/i);
  expect(format().hour(midnight)).toBe("00:00");
});

test("a time of another day carries its weekday", () => {
  const now = Date.UTC(2026, 2, 12, 12, 0);
  expect(format().dayTime(now + 3_600_000, now)).toBe("14:00");
  expect(format().dayTime(now + 86_400_000, now)).toBe("Fri 13:00");
  expect(format().dayTime(now - 30 * 86_400_000, now)).toBe("10 Feb 13:00");
  expect(format().dayTime(now - 365 * 86_400_000, now)).toBe("12 Mar 2025 13:00");
});

test("minutes of the day across the change to summer time", () => {
  const before = Date.UTC(2026, 2, 29, 0, 45);
  expect(format().minuteOfDay(before)).toBe(105);
  expect(format().minuteOfDay(before + 900_000)).toBe(180);
});

test("money and price name their currency", () => {
  expect(format().money(-1.234, "EUR")).toBe("-€1.23");
  expect(format().price(0.2734, "EUR")).toBe("€0.273/kWh");
});

test("a countdown never goes below zero", () => {
  expect(format().countdown(245)).toBe("4:05");
  expect(format().countdown(-3)).toBe("0:00");
});

test("ages in the unit that fits", () => {
  const localize = localizer("en");
  expect(age(0.4, localize)).toBe("0 s");
  expect(age(89, localize)).toBe("89 s");
  expect(age(90, localize)).toBe("2 min");
  expect(age(7200, localize)).toBe("2 h");
});

test("a language that is not there falls back to English, unknown words to themselves", () => {
  const localize = localizer("xx-YY");
  expect(localize("view.now")).toBe("Now");
  expect(localize("limit.of", { power: "1 W", limit: "2 W" })).toBe("1 W of 2 W");
  expect(lookup(localize, "action.run", "?")).toBe("Running");
  expect(lookup(localize, "action.dance", "dance")).toBe("dance");
});
