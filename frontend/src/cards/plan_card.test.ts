import { expect, test, vi } from "vitest";

import { fakeHass } from "../../dev/fake_hass";
import { atTheTimeOfTheRecording, show, words } from "../../dev/shown_card";

atTheTimeOfTheRecording();

test.each([
  ["none", "No plan yet"],
  ["rule", "simple rules decide"],
  ["relaxed", "3.2 kWh less than wanted"],
  ["infeasible", "Cannot be met"],
  ["calm", "Cheapest plan"],
  ["limit", "What is ordered costs €0.32."],
  ["refused", "The home is not set up"],
] as const)("plan scene %s says: %s", async (scene, text) => {
  const said = words(await show("cem-plan-card", fakeHass(scene)));
  expect(said).toContain(text);
  // What is forecast is no bill, whatever the meter is.
  const hasCost = !["none", "infeasible", "refused"].includes(scene);
  expect(said.includes("Not for billing")).toBe(hasCost);
});

test("a wish that is not kept says so, and each can be taken back", async () => {
  const hass = fakeHass("calm");
  const sent = vi.spyOn(hass.connection, "sendMessagePromise");
  const card = await show("cem-plan-card", hass);
  expect(words(card)).toContain("not possible (limits or other wishes leave no room)");
  const list = card.shadowRoot?.querySelector("cem-wish-list");
  list?.shadowRoot?.querySelector("button")?.click();
  expect(sent).toHaveBeenCalledWith({ type: "cem/end_wish", entry_id: "demo", wish_id: "a" });
});
