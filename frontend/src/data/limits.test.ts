import { expect, test } from "vitest";

import { barShare, byUrgency, limitState, usedShare } from "./limits";
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
