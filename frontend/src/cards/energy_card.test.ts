import { expect, test, vi } from "vitest";

import { fakeHass } from "../../dev/fake_hass";
import { atTheTimeOfTheRecording, show, words } from "../../dev/shown_card";
import type { Energy } from "../data/dashboard";

atTheTimeOfTheRecording();

test("nobody knows what was used where the grid's share is not counted", async () => {
  const hass = fakeHass("calm");
  const counted = [{ kind: "solar", name: null, value: 616, unit: "kWh" }];
  const answer = { period: "day", start: "2026-03-12T00:00:00+01:00", counted, rows: [], measured: [] };
  vi.spyOn(hass.connection, "sendMessagePromise").mockResolvedValue({ ...answer, standby_w: null, standby_at: null });
  const card = await show("cem-energy-card", hass);
  const bars = () => card.shadowRoot?.querySelector("cem-bars")?.shadowRoot?.textContent ?? "";
  await vi.waitFor(() => expect(bars()).toContain("616.0"));
  expect(bars()).not.toContain("Used at home");
});

test("another period of energy is another question", async () => {
  const hass = fakeHass("calm");
  const sent = vi.spyOn(hass.connection, "sendMessagePromise");
  const card = await show("cem-energy-card", hass);
  await vi.waitFor(() => expect(words(card)).toContain("From the grid"));
  card.shadowRoot?.querySelector("cem-segments")?.dispatchEvent(new CustomEvent("pick", { detail: "year" }));
  await vi.waitFor(() =>
    expect(sent).toHaveBeenCalledWith({ type: "cem/energy", entry_id: "demo", period: "year" }),
  );
});

test("without the grid's share nobody says what the home used", async () => {
  const whole = await show("cem-energy-card", fakeHass("calm"));
  await vi.waitFor(() => expect(words(whole)).toContain("Used at home"));
  const hass = fakeHass("calm");
  const ask = hass.connection.sendMessagePromise.bind(hass.connection);
  const question = { type: "cem/energy", entry_id: "demo", period: "day" };
  vi.spyOn(hass.connection, "sendMessagePromise").mockImplementation(async <Result>() => {
    const energy = await ask<Energy>(question);
    const counted = energy.counted.filter(({ kind }) => kind !== "import");
    return { ...energy, counted } as Result;
  });
  const card = await show("cem-energy-card", hass);
  await vi.waitFor(() => expect(words(card)).toContain("Solar"));
  expect(words(card)).not.toContain("Used at home");
});
