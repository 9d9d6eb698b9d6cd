import { expect, test, vi } from "vitest";

import { fakeHass } from "../../dev/fake_hass";
import { atTheTimeOfTheRecording, show, words } from "../../dev/shown_card";

atTheTimeOfTheRecording();

test("what nothing can start is reminded of, and what was taken up can be undone", async () => {
  const hass = fakeHass("calm");
  const { connection } = hass;
  const ask = connection.sendMessagePromise.bind(connection);
  const asked = vi.spyOn(connection, "sendMessagePromise").mockImplementation(async (message) => {
    const answer = await ask<{ opportunities: { reminds: boolean; takes_control: boolean }[] }>(message);
    if (message.type === "cem/opportunities")
      for (const each of answer.opportunities) Object.assign(each, { reminds: true, takes_control: false });
    return answer as never;
  });
  const card = await show("cem-opportunities-card", hass);
  await vi.waitFor(() => expect(words(card)).toContain("Remind me"));
  expect(words(card)).not.toMatch(/Plan it|Do it then/);
  const button = (row: string) => card.shadowRoot?.querySelector<HTMLElement>(`${row} button`);
  button("ul:not(.taken) li:last-of-type")?.click();
  await vi.waitFor(() => expect(asked).toHaveBeenCalledWith(expect.objectContaining({ type: "cem/set_wish", reminds: true })));
  button(".taken li")?.click();
  await vi.waitFor(() => expect(asked).toHaveBeenCalledWith(expect.objectContaining({ type: "cem/end_wish", wish_id: "c" })));
});

test("a car that could wait is shown as one, and charged then for once", async () => {
  const hass = fakeHass("calm");
  const asked = vi.spyOn(hass.connection, "sendMessagePromise");
  const card = await show("cem-opportunities-card", hass);
  await vi.waitFor(() => expect(words(card)).toContain("Charge at Wallbox from"));
  const [dishwasher, car] = [...(card.shadowRoot?.querySelectorAll("ul:not(.taken) li") ?? [])];
  const drawn = (row?: Element) => row?.querySelector("path")?.getAttribute("d");
  expect(drawn(car)).toBeTruthy();
  expect(drawn(car)).not.toEqual(drawn(dishwasher));
  car?.querySelector("button")?.click();
  await vi.waitFor(() =>
    expect(asked).toHaveBeenCalledWith(
      expect.objectContaining({ type: "cem/set_wish", device: "wallbox", what: "force", takes_control: true }),
    ),
  );
  expect(words(card)).not.toContain("is planned for");
});
