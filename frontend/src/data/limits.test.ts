import { expect, test } from "vitest";

import { barShare, byUrgency, imbalanceW, limitState, phaseUse, usedShare } from "./limits";
import type { Limit } from "./live";

function limit(more: Partial<Limit>): Limit {
  return {
    limit_id: "a",
    source: "contract",
    issuer: "contract",
    direction: "import",
    scope: "connection",
    limit_w: 4000,
    end: null,
    power_w: 1000,
    distance_w: 3000,
    near: false,
    ...more,
  };
}

test.each([
  [{}, "clear"],
  [{ near: true }, "near"],
  [{ distance_w: 0, near: true }, "near"],
  [{ distance_w: -1, near: true }, "over"],
  [{ power_w: null, distance_w: null }, "unknown"],
] as const)("%o is %s", (more, state) => {
  expect(limitState(limit(more))).toBe(state);
});

test("the share of a limit; what flows the other way uses none of it", () => {
  expect(usedShare(limit({}))).toBe(0.25);
  expect(usedShare(limit({ power_w: -800 }))).toBe(0);
  expect(usedShare(limit({ power_w: null }))).toBeNull();
});

test("a limit of 0 W is a limit", () => {
  expect(usedShare(limit({ limit_w: 0, power_w: 0 }))).toBe(0);
  expect(usedShare(limit({ limit_w: 0, power_w: 1 }))).toBe(Infinity);
  expect(barShare(limit({ limit_w: 0, power_w: 1 }))).toBe(1);
});

test("what presses comes first, then orders; how full a limit is moves no row", () => {
  const order = byUrgency([
    limit({ limit_id: "export", direction: "export", power_w: 3900 }),
    limit({ limit_id: "import", power_w: null, distance_w: null }),
    limit({ limit_id: "meter", source: "meter" }),
    limit({ limit_id: "order", source: "order", direction: "export" }),
    limit({ limit_id: "near", near: true }),
    limit({ limit_id: "over", distance_w: -5, direction: "export" }),
  ]);
  const ids = order.map(({ limit_id }) => limit_id);
  expect(ids).toEqual(["over", "near", "order", "meter", "import", "export"]);
});

test("each phase has the strictest limit on the direction in which power flows there", () => {
  const on = (phase: number, direction: "import" | "export", limit_w: number) => limit({ phase, direction, limit_w });
  const phase = (phase: number, power_w: number | null) => ({ phase, power_w, voltage_v: null, current_a: null });
  const live = {
    phases: [phase(1, 900), phase(2, -400), phase(3, null)],
    phase_limits: [
      on(3, "import", 3680),
      on(1, "import", 3680),
      on(1, "import", 3000),
      on(1, "export", 100),
      on(2, "import", 3680),
      on(2, "export", 0),
      limit({ limit_id: "imbalance", limit_w: 4600 }),
    ],
  };
  expect(phaseUse(live)).toEqual([
    { phase: 1, power_w: 900, limit_w: 3000 },
    { phase: 2, power_w: 400, limit_w: 0 },
    { phase: 3, power_w: null, limit_w: 3680 },
  ]);
  expect(imbalanceW(live.phase_limits)).toBe(4600);
  expect(phaseUse({ phases: [] })).toEqual([]);
  expect(imbalanceW()).toBeUndefined();
});
