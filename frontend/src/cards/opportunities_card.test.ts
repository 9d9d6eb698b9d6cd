import { expect, test, vi } from "vitest";

import { fakeHass } from "../../dev/fake_hass";
import { atTheTimeOfTheRecording, show, words } from "../../dev/shown_card";

atTheTimeOfTheRecording();

test("who takes an opportunity that nothing starts is told to start it", async () => {
  const card = await show("cem-opportunities-card", fakeHass("calm"));
  await vi.waitFor(() => expect(words(card)).toContain("saves 0.31 EUR"));
  card.shadowRoot?.querySelector<HTMLElement>("li:last-of-type button")?.click();
  await vi.waitFor(() => expect(words(card)).toContain("Start it then"));
  expect(words(card)).not.toContain("is planned for");
});

test("a car that could wait is shown as one, and its start is wished", async () => {
  const hass = fakeHass("calm");
  const asked = vi.spyOn(hass.connection, "sendMessagePromise");
  const card = await show("cem-opportunities-card", hass);
  await vi.waitFor(() => expect(words(card)).toContain("Charge at Wallbox from"));
  const [dishwasher, car] = [...(card.shadowRoot?.querySelectorAll("li") ?? [])];
  const drawn = (row?: Element) => row?.querySelector("path")?.getAttribute("d");
  expect(drawn(car)).toBeTruthy();
  expect(drawn(car)).not.toEqual(drawn(dishwasher));
  car?.querySelector("button")?.click();
  await vi.waitFor(() => expect(words(card)).toContain("Noted: Wallbox"));
  expect(asked).toHaveBeenCalledWith(
    expect.objectContaining({ type: "cem/set_wish", device: "wallbox", what: "start" }),
  );
});
