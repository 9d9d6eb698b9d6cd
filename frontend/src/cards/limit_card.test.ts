import { expect, test } from "vitest";

import { fakeHass } from "../../dev/fake_hass";
import { atTheTimeOfTheRecording, bent, show, words } from "../../dev/shown_card";

atTheTimeOfTheRecording();

test("near and above a limit are words, not only colours", async () => {
  const near = await show("cem-limit-card", fakeHass("near"));
  expect(words(near)).toContain("Near the limit");
  expect(words(near)).toContain("170 W left");
  expect(words(near)).toContain("ordered by grid operator, until 19:00");
  const very = await show(
    "cem-limit-card",
    bent("near", (live) => {
      for (const limit of live.limits) {
        if (limit.near) Object.assign(limit, { level: "warning", seconds_to_trip: 119 });
      }
    }),
  );
  expect(words(very)).toContain("Very near the limit");
  expect(words(very)).toContain("The supply may be cut in 2 min");
  expect(words(near)).not.toContain("cut");
  const over = await show("cem-limit-card", fakeHass("over"));
  expect(words(over)).toContain("Above the limit");
  expect(words(over)).toContain("190 W too much");
});

test("an order says what it costs, and what is left out for it", async () => {
  const cost = (limit_ids: string[], cost: number, ...missed: string[]) =>
    bent("limit", (live) => {
      const said = missed.map((text) => ({ text }));
      live.limit_cost = { limit_ids, cost, currency: "EUR", missed: said };
    });
  const alone = words(await show("cem-limit-card", cost(["dso-1"], 0.32)));
  expect(alone.split("Costs you")).toHaveLength(2); // the order's row, no other
  expect(alone).toMatch(/Costs you €0.32(?!,)/);
  expect(alone).toContain("Not for billing");
  expect(words(await show("cem-limit-card", cost(["dso-1", "x"], 0.32)))).toContain("with the other orders");
  const short = words(await show("cem-limit-card", cost(["dso-1"], -1.2, "The car leaves 3 kWh short.")));
  expect(short).toContain("The car leaves 3 kWh short.");
  expect(short).not.toContain("Costs");
  expect(words(await show("cem-limit-card", cost(["gone"], 5)))).not.toContain("Costs");
  expect(words(await show("cem-limit-card", fakeHass("limit")))).not.toContain("Costs");
});

test("limits on phases are one line, and so is that on their imbalance", async () => {
  const phased = bent("limit", (live) => {
    const [contract] = live.limits;
    live.phases = [1, 2, 3].map((phase) => ({ phase, power_w: 4000 * (phase - 1), voltage_v: null, current_a: null }));
    live.phase_limits = [
      ...[1, 2, 3].map((phase) => ({ ...contract!, phase, limit_w: 5750 })),
      { ...contract!, limit_id: "imbalance", limit_w: 4600 },
    ];
  });
  const said = words(await show("cem-limit-card", phased));
  expect(said).toContain("Each phase: L1 0 W of 5.75 kW · L2 4.00 kW of 5.75 kW · L3 8.00 kW of 5.75 kW (Above the limit)");
  expect(said).toContain("Imbalance of phases: at most 4.6 kVA");
  const unbound = bent("limit", (live) => {
    live.phases = [1, 2].map((phase) => ({ phase, power_w: 1200 * phase, voltage_v: null, current_a: null }));
  });
  expect(words(await show("cem-limit-card", unbound))).toContain("Each phase: L1 1.20 kW · L2 2.40 kW");
  const silent = bent("limit", (live) => {
    live.phases = [1, 2].map((phase) => ({ phase, power_w: 1200, voltage_v: null, current_a: null }));
    live.grid_power_w = null;
  });
  expect(words(await show("cem-limit-card", silent))).not.toContain("Each phase");
  const single = bent("limit", (live) => void (live.phases = []));
  expect(words(await show("cem-limit-card", single))).not.toContain("phase");
  const held = bent("limit", (live) => {
    live.phase_limits = [{ ...live.limits[0]!, limit_id: "imbalance" }];
    for (const device of live.devices) device.limited_by = "imbalance";
  });
  expect(words(await show("cem-devices-card", held))).toContain("Limited: Imbalance of phases");
});
