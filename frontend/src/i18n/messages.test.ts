import { expect, test } from "vitest";

import { fakeHass } from "../../dev/fake_hass";
import type { Hass } from "../data/hass";
import { Format } from "./format";
import { sentencesFor, translated } from "./messages";

const NBSP = "\u00a0";
const DUTCH = {
  "component.cem.common.limit_holds_until": "Tot {end_time} houdt limiet {limit} het op {limit_kw} kW.",
  "component.cem.common.ordered_by": "van {issuer}",
  "component.cem.common.battery_keeps":
    "Bewaart {energy_kwh} kWh voor {worth_per_kwh} {currency}/kWh.",
  "component.cem.common.peak_stays": "Gemiddelde over {integration_minutes} minuten: {mean_kw} kW.",
};
const HOLDS = {
  key: "limit_holds_until",
  values: {
    limit: { key: "ordered_by", values: { issuer: "{limit_kw}" } },
    limit_kw: 4.2,
    end_time: "2026-03-12T19:00:00+01:00",
  },
};
const KEEPS = {
  key: "battery_keeps",
  values: { energy_kwh: 1000, worth_per_kwh: 0.24, currency: "EUR" },
};

function hass(language: string, asked: object[] = []): Hass {
  const fake = fakeHass("calm", { language, number_format: "decimal_comma", time_format: "24" });
  return {
    ...fake,
    config: { ...fake.config, language: "en" },
    connection: {
      ...fake.connection,
      async sendMessagePromise<Result>(message: object): Promise<Result> {
        asked.push(message);
        return { resources: DUTCH } as Result;
      },
    },
  };
}

const format = new Format(hass("nl"));
const today = new Date("2026-03-12T12:00:00+01:00").getTime();

test("a message is said with the numbers and times of the user", ({ onTestFinished }) => {
  const now = Date.now;
  Date.now = () => today;
  onTestFinished(() => void (Date.now = now));
  const peak = { key: "peak_stays", values: { integration_minutes: 15, mean_kw: 3.5, price_per_kw: 4 } };
  const reason = { ...KEEPS, text: "Keeps 1000 kWh.", also: [HOLDS, peak], saving: 1 };
  const plan = { reasons: [reason], times: ["x"], limits: null };
  expect(translated(plan, DUTCH, format)).toEqual({
    ...plan,
    reasons: [
      {
        ...reason,
        text:
          "Bewaart 1.000,00 kWh voor 0,240\u00a0€/kWh. Tot 19:00 houdt limiet van {limit_kw} het op 4,2 kW. " +
          "Gemiddelde over 15 minuten: 3,50 kW.",
      },
    ],
  });
});

test("a device's reason comes from the message beside it", () => {
  const live = { devices: [{ reason: "Keeps.", reason_message: KEEPS }, { reason: "Old." }] };
  const [device, old] = translated(live, DUTCH, format).devices;
  expect(device?.reason).toBe("Bewaart 1.000,00 kWh voor 0,240\u00a0€/kWh.");
  expect(old?.reason).toBe("Old.");
});

test("what has no sentence keeps its text", () => {
  const problems = [
    { code: "a", text: "A.", key: "unknown", values: {} },
    { code: "b", text: "B.", ...KEEPS, also: [{ key: "unknown", values: {} }] },
    { code: "c", text: `C${NBSP}.` },
  ];
  expect(translated({ problems }, DUTCH, format)).toEqual({ problems });
});

test("a text in the user's own language is by the user's clock too", ({ onTestFinished }) => {
  const now = Date.now;
  Date.now = () => today;
  onTestFinished(() => void (Date.now = now));
  const sentences = { "component.cem.common.time_dear": "From {start_time} to {end_time}." };
  const values = { start_time: "2026-03-12T18:00:00+01:00", end_time: "2026-03-12T21:30:00+01:00" };
  const time = { key: "time_dear", values, text: "From 18:00 to 21:30." };
  const by = (time_format: string) => {
    const locale = { language: "en", number_format: "language", time_format };
    return translated(time, sentences, new Format({ ...hass("en"), locale })).text;
  };
  expect(by("12")).toMatch(/^From 6:00\sPM to 9:30\sPM\.$/);
  expect(by("24")).toBe("From 18:00 to 21:30.");
});

test("sentences are asked for once, in Home Assistant's own language too", async () => {
  const asked: object[] = [];
  const dutch = hass("nl", asked);
  expect(await sentencesFor(dutch)).toEqual(DUTCH);
  expect(await sentencesFor(dutch)).toEqual(DUTCH);
  const question = { type: "frontend/get_translations", category: "common", integration: ["cem"] };
  expect(asked).toEqual([{ ...question, language: "nl" }]);
  expect(await sentencesFor(hass("en", asked))).toEqual(DUTCH);
  expect(asked).toEqual([{ ...question, language: "nl" }, { ...question, language: "en" }]);
});
