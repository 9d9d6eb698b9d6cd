import { expect, test } from "vitest";

import { fakeHass } from "../../dev/fake_hass";
import { atTheTimeOfTheRecording } from "../../dev/shown_card";
import type { Hass } from "../data/hass";

atTheTimeOfTheRecording();

test("the dashboard is offered and its views hold known cards", async () => {
  expect(window.customStrategies).toContainEqual(
    expect.objectContaining({ type: "cem", strategyType: "dashboard" }),
  );
  const strategy = customElements.get("ll-strategy-dashboard-cem") as unknown as {
    generate(config: object, hass: Hass): Promise<{ views: { path: string }[] }>;
  };
  const dashboard = await strategy.generate({ type: "custom:cem" }, fakeHass("calm"));
  expect(dashboard.views.map(({ path }) => path)).toEqual([
    ...["now", "plan", "limits", "savings", "energy", "devices", "health"],
  ]);
  const used = JSON.stringify(dashboard).match(/custom:[\w-]+/g)?.map((type) => type.slice(7));
  const offered = window.customCards?.map(({ type }) => type);
  expect([...new Set(used)].sort()).toEqual([...(offered ?? [])].sort());
  for (const type of used ?? []) expect(customElements.get(type)).toBeDefined();
});

test("a home with only a meter has no empty view of devices", async () => {
  const strategy = customElements.get("ll-strategy-dashboard-cem") as unknown as {
    generate(config: object, hass: Hass): Promise<object>;
  };
  const bare = JSON.stringify(await strategy.generate({ type: "custom:cem" }, fakeHass("meter")));
  expect(bare).not.toContain("cem-devices-card");
  for (const scene of ["plug-in", "none", "refused"] as const) {
    const full = JSON.stringify(await strategy.generate({ type: "custom:cem" }, fakeHass(scene)));
    expect(full).toContain("cem-devices-card");
  }
});
