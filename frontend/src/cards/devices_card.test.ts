import { expect, test, vi } from "vitest";

import { fakeHass } from "../../dev/fake_hass";
import { atTheTimeOfTheRecording, bent, show, words } from "../../dev/shown_card";
import type { Hass } from "../data/hass";

atTheTimeOfTheRecording();

test("a device in a person's hands can be given back", async () => {
  const hass = fakeHass("limit");
  const called = vi.spyOn(hass, "callService");
  const card = await show("cem-devices-card", hass);
  const rows = [...(card.shadowRoot?.querySelectorAll("cem-device-row") ?? [])];
  const resume = rows.flatMap((row) => [...(row.shadowRoot?.querySelectorAll(".resume") ?? [])]);
  expect(resume).toHaveLength(1);
  (resume[0] as HTMLButtonElement).click();
  const target = { entity_id: "button.dishwasher_resume" };
  expect(called).toHaveBeenCalledWith("button", "press", {}, target);
});

test("a device's reason is said in the user's language, not in Home Assistant's", async () => {
  const message = { key: "device_silent", values: { device: "Laadpaal" } };
  const hass = bent("limit", (live) => {
    for (const device of live.devices) Object.assign(device, { reason_message: message });
  });
  const dutch: Hass = {
    ...hass,
    locale: { ...hass.locale, language: "nl" },
    config: { ...hass.config, language: "en" },
    connection: {
      ...hass.connection,
      async sendMessagePromise<Result>(): Promise<Result> {
        return { resources: { "component.cem.common.device_silent": "{device} zwijgt." } } as Result;
      },
    },
  };
  const card = await show("cem-devices-card", dutch);
  await vi.waitFor(() => expect(words(card)).toContain("Laadpaal zwijgt."));
});

test("what a device does is what it is seen to do", async () => {
  const seen = bent("calm", (live) => {
    const [any] = live.devices;
    const of = (changes: Partial<typeof any>) => ({ ...any!, limited_by: null, ...changes });
    live.devices = [
      of({ device_id: "a", kind: "solar", name: "Roof", action: "curtail", power_w: 1160, setpoint_w: 5840 }),
      of({ device_id: "b", kind: "solar", name: "Shed", action: "curtail", power_w: 900, setpoint_w: 900 }),
      of({ device_id: "c", kind: "heat_pump", name: "Warmth", action: "run", power_w: 12, setpoint_w: 1270 }),
      of({ device_id: "d", kind: "ev_charger", name: "Wallbox", action: "discharge", power_w: -4600, connected: true }),
      of({ device_id: "e", kind: "appliance", name: "Dishes", action: "hold", power_w: 2000, connected: false }),
      of({ device_id: "f", kind: "appliance", name: "Laundry", action: "hold", power_w: 1, connected: false }),
    ];
  });
  const said = words(await show("cem-devices-card", seen));
  expect(said).toMatch(/Roof\s+Producing/);
  expect(said).toMatch(/Shed\s+Turned down/);
  expect(said).toMatch(/Warmth\s+Idle/);
  expect(said).toMatch(/Wallbox\s+Gives back/);
  expect(said).toMatch(/Dishes\s+Running/);
  expect(said).toMatch(/Laundry\s+Idle/);
});

test("a device says whether it follows, and what it does next", async () => {
  const said = words(await show("cem-devices-card", fakeHass("limit")));
  expect(said).toContain("followed");
  expect(said).toContain("From 19:52: Running 7.40 kW.");
  const not = bent("limit", (live) => {
    for (const device of live.devices) device.obeyed = false;
  });
  expect(words(await show("cem-devices-card", not))).toContain("not followed");
});
