import { expect, test, vi } from "vitest";

import { fakeHass } from "../../dev/fake_hass";
import { answering, atTheTimeOfTheRecording, show, words } from "../../dev/shown_card";
import savingsDocuments from "../../../tests/custom_components/saving/__snapshots__/test_view/test_the_documents.json";
import type { Hass } from "../data/hass";
import type { Savings } from "../data/dashboard";

atTheTimeOfTheRecording();

function saved(name: keyof typeof savingsDocuments, bend = (document: Savings) => document): Promise<HTMLElement> {
  const document = bend(structuredClone(savingsDocuments[name]) as Savings);
  return show("cem-savings-card", answering((type) => (type === "cem/savings" ? document : undefined)));
}

test("a loss is called a loss", async () => {
  const hass = fakeHass("calm");
  const { connection } = hass;
  const losing: Hass = {
    ...hass,
    connection: {
      ...connection,
      async sendMessagePromise<Result>(message: { type: string }): Promise<Result> {
        const answer = await connection.sendMessagePromise<{ periods: { saved: number }[] }>(message);
        for (const period of answer.periods) period.saved = -0.4;
        return answer as Result;
      },
    },
  };
  const card = await show("cem-savings-card", losing);
  await vi.waitFor(() => expect(words(card)).toContain("Lost €0.40"));
});

// What the integration's own test makes: tests/custom_components/saving/test_view.py.
test.each([
  ["new", ["the first one is still to come", "What it is compared with"]],
  ["not_measured", ["was not measured for nine tenths"]],
  ["observed", ["Would have saved €2.20", "between ", "2 days", "With the energy manager in control", "4.20 kW instead of 7.60 kW"]],
  ["mixed", ["Saved €3.20", "3 days", "On one of these days it only observed"]],
  ["loss", ["Saved €0.70", "not known for nine tenths"]],
] as const)("the document of a home that is %s", async (name, said) => {
  const card = await saved(name);
  for (const text of said) await vi.waitFor(() => expect(words(card)).toContain(text));
});

test("a loss is between a smaller and a larger loss", async () => {
  const card = await saved("loss", (document) => ({
    ...document,
    periods: document.periods.filter(({ period }) => period === "today"),
  }));
  await vi.waitFor(() => expect(words(card)).toContain("Lost €0.40 between €"));
  const [, least = "", most = ""] = /between €([\d.]+) and €([\d.]+)/.exec(words(card)) ?? [];
  expect(Number(least)).toBeLessThan(0.4);
  expect(Number(most)).toBeGreaterThan(0.4);
});

test("what peaks cost is told where they cost something", async () => {
  const priced = (document: Savings) => {
    for (const row of document.periods) Object.assign(row, { capacity: 17.6, capacity_without: 31.6 });
    return document;
  };
  await vi.waitFor(async () =>
    expect(words(await saved("mixed", priced))).toContain("Cost of peaks €17.60 instead of €31.60"),
  );
  expect(words(await saved("mixed"))).not.toContain("Cost of peaks");
});

test("what nothing tells of CO₂ is said, and what is known is told", async () => {
  const none = await saved("observed");
  await vi.waitFor(() => expect(words(none)).toContain("CO₂ of imports Not known: set a source"));
  const known = await saved("observed", (document) => {
    for (const row of document.periods) {
      Object.assign(row, { co2_kg: 3.1, co2_without_kg: 3.3, co2_planned_kg: 2.4, co2_days: 2 });
    }
    return { ...document, co2_known: true };
  });
  await vi.waitFor(() => expect(words(known)).toMatch(/CO₂ of imports 2\.4\skg instead of 3\.1\skg/));
  expect(words(known)).not.toContain("set a source");
});

test("each device is told with what it is compared with", async () => {
  const card = await saved("observed");
  await vi.waitFor(() => expect(words(card)).toContain("Roof, against: Produces all that it can"));
});

test.each(["meter", "plug-in"] as const)("a %s home without a choice is told its bill", async (scene) => {
  const card = await show("cem-savings-card", fakeHass(scene));
  await vi.waitFor(() => expect(words(card)).toContain("Paid for energy €27.72"));
  expect(words(card)).not.toMatch(/saved|instead of|Without energy manager|compared/);
});

test("what planning missed is said to be unknown where nobody could tell", async () => {
  const hass = fakeHass("calm");
  const ask = hass.connection.sendMessagePromise.bind(hass.connection);
  const question = { type: "cem/savings", entry_id: "demo" };
  vi.spyOn(hass.connection, "sendMessagePromise").mockImplementation(async <Result>() => {
    const savings = await ask<Savings>(question);
    const unknown = <Row extends object>(row: Row) => ({
      ...row,
      perfect: null,
      split: { forecast: 0.17, planning: null },
    });
    return { ...savings, days: savings.days.map(unknown), periods: savings.periods.map(unknown) } as Result;
  });
  const card = await show("cem-savings-card", hass);
  await vi.waitFor(() => expect(words(card)).toContain("What planning missed is not known"));
  expect(words(card)).not.toContain("With perfect foresight");
});
