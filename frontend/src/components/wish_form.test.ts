import { expect, test } from "vitest";

import { Format } from "../i18n/format";
import { draftFor, hasEnd, WHAT, wishOf, withClock } from "./wish_form";

const format = new Format({
  locale: { language: "en-GB", number_format: "language", time_format: "24" },
  config: { time_zone: "Europe/Brussels", currency: "EUR" },
});
const NOW = Date.UTC(2026, 2, 12, 15, 52); // 16:52

test("a draft begins at the next quarter hour with what is usual for its kind", () => {
  const draft = draftFor("battery", "battery", NOW);
  expect(wishOf(draft)).toEqual({
    device: "battery",
    what: "force",
    start: "2026-03-12T16:00:00.000Z",
    end: "2026-03-12T17:00:00.000Z",
    power_w: 1000,
  });
});

test("a departure and a start have no end, and no power", () => {
  const leaves = draftFor("car", "ev_charger", NOW);
  expect(leaves.what).toBe("depart");
  expect(Object.keys(wishOf(leaves))).toEqual(["device", "what", "start"]);
  expect(hasEnd(draftFor("dishwasher", "appliance", NOW))).toBe(false);
});

test("an end is after its start, over midnight too; a start takes the end along", () => {
  const draft = draftFor("battery", "battery", NOW);
  const night = withClock(draft, "end", "02:00", NOW, format);
  expect(night.end - night.start).toBe(9 * 3_600_000);
  const later = withClock(night, "start", "20:00", NOW, format);
  expect(new Date(later.start).toISOString()).toBe("2026-03-12T19:00:00.000Z");
  expect(later.end - later.start).toBe(9 * 3_600_000);
  expect(withClock(draft, "start", "", NOW, format)).toBe(draft);
});

test("every kind of device has something that can be wished of it", () => {
  for (const [kind, possible] of Object.entries(WHAT)) expect(possible.length, kind).toBeGreaterThan(0);
});
