import { expect, test } from "vitest";

import recorded from "../../dev/fixtures/live.json";
import type { Live, LiveDevice } from "../data/live";
import { flowLayout, flowPath, type FlowNode } from "./flow_layout";

const LIVE = (recorded as Live[])[20] as Live;

function live(more: Partial<Live> = {}): Live {
  return { ...structuredClone(LIVE), ...more };
}

function device(kind: LiveDevice["kind"], more: Partial<LiveDevice> = {}): LiveDevice {
  const base = LIVE.devices[0] as LiveDevice;
  return { ...base, device_id: `${kind}-${Math.random()}`, kind, state_of_charge: null, ...more };
}

function node(nodes: FlowNode[], id: string): FlowNode {
  const found = nodes.find((one) => one.id === id);
  if (!found) throw new Error(`no ${id}`);
  return found;
}

test("what feeds the house flows in, what it feeds flows out", () => {
  const { nodes } = flowLayout(live());
  expect(node(nodes, "grid").inflowW).toBe(LIVE.grid_power_w);
  expect(node(nodes, "solar").inflowW).toBe(LIVE.solar_power_w);
  expect(node(nodes, "battery").inflowW).toBe(-(LIVE.devices[0]?.power_w ?? 0));
  expect(node(nodes, "car").inflowW).toBe(-(LIVE.devices[1]?.power_w ?? 0));
  expect(node(nodes, "battery").word).toBe("discharging");
});

test.each([
  ["grid", { grid_power_w: -500 }, "exporting"],
  ["grid", { grid_power_w: 4 }, "idle"],
  ["grid", { grid_power_w: null }, "unknown"],
  ["solar", { solar_power_w: 0 }, "idle"],
] as const)("%s with %o is %s", (id, more, word) => {
  expect(node(flowLayout(live(more)).nodes, id).word).toBe(word);
});

test("a car that is not there is not idle but unplugged", () => {
  const devices = [device("ev_charger", { device_id: "car", connected: false, power_w: 0 })];
  expect(node(flowLayout(live({ devices })).nodes, "car").word).toBe("unplugged");
});

test("batteries are summed, and a fifth consumer joins the others", () => {
  const appliances = Array.from({ length: 6 }, () => device("appliance", { power_w: 100 }));
  const batteries = [device("battery", { power_w: 300 }), device("battery", { power_w: -100 })];
  const { nodes } = flowLayout(live({ devices: [...batteries, ...appliances] }));
  expect(node(nodes, "batteries").powerW).toBe(200);
  expect(node(nodes, "others")).toMatchObject({ powerW: 300, name: 3 });
  expect(nodes).toHaveLength(7);
});

test("nodes stay in the box and apart, however many there are", () => {
  for (let count = 0; count < 9; count++) {
    const devices = Array.from({ length: count }, () => device("appliance"));
    const { nodes, house, width, top, height } = flowLayout(live({ devices }));
    const all = [...nodes, house];
    for (const one of all) {
      expect(one.x - one.radius).toBeGreaterThanOrEqual(0);
      expect(one.x + one.radius).toBeLessThanOrEqual(width);
      expect(one.y - one.radius).toBeGreaterThanOrEqual(top);
      expect(one.y + one.radius).toBeLessThanOrEqual(top + height);
      for (const other of all.filter((candidate) => candidate !== one)) {
        const apart = Math.hypot(one.x - other.x, one.y - other.y);
        expect(apart).toBeGreaterThan(one.radius + other.radius);
      }
    }
  }
});

test("a line runs from rim to rim and heads for the house", () => {
  const { nodes, house } = flowLayout(live());
  const { d, middle } = flowPath(node(nodes, "grid"), house);
  expect(d).toBe("M90.0 160.0L138.0 160.0");
  expect(middle).toEqual({ x: 114, y: 160, angle: 0 });
  expect(flowPath(node(nodes, "heat_pump"), house).middle.angle).toBe(-90);
});
