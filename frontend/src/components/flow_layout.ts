/** Where the nodes of the power flow stand: pure geometry in a 360-wide box. */

import type { DeviceKind, Live, LiveDevice } from "../data/live";

export type NodeKind = "grid" | "house" | DeviceKind;
export type Word =
  | "importing"
  | "exporting"
  | "producing"
  | "charging"
  | "discharging"
  | "running"
  | "using"
  | "idle"
  | "unknown"
  | "unplugged";

export interface FlowNode {
  id: string;
  kind: NodeKind;
  /** Undefined: the kind's own name; a number: that many of the kind. */
  name: string | number | undefined;
  /** W as its device reports it; null: not measured. */
  powerW: number | null;
  /** W that flow into the house through this node: positive feeds the house. */
  inflowW: number;
  word: Word;
  stateOfCharge: number | null;
  x: number;
  y: number;
  radius: number;
}

export interface FlowLayout {
  width: number;
  top: number;
  height: number;
  house: FlowNode;
  nodes: FlowNode[];
}

/** Below this a device is idle: what stands by draws a few watts. */
export const IDLE_W = 20;

const WIDTH = 360;
const CENTER = { x: 180, y: 160 };
const SIDE_X = { left: 54, right: 306 };
const SOLAR_Y = 44;
const ROW_Y = 286;
const ROW_X: Record<number, number[]> = {
  1: [180],
  2: [112, 248],
  3: [62, 180, 298],
  4: [46, 135, 225, 314],
};

type Draft = Omit<FlowNode, "x" | "y" | "radius">;

function known(powers: (number | null)[]): number | null {
  const measured = powers.filter((power) => power !== null);
  return measured.length ? measured.reduce((sum, power) => sum + power, 0) : null;
}

function word(kind: NodeKind, powerW: number | null, connected: boolean | null): Word {
  if (kind === "ev_charger" && connected === false) return "unplugged";
  if (powerW === null) return "unknown";
  if (Math.abs(powerW) < IDLE_W) return "idle";
  if (kind === "grid") return powerW > 0 ? "importing" : "exporting";
  if (kind === "solar") return "producing";
  if (kind === "house") return "using";
  if (kind === "battery" || kind === "ev_charger") {
    return powerW > 0 ? "charging" : "discharging";
  }
  return "running";
}

function draft(
  id: string,
  kind: NodeKind,
  name: Draft["name"],
  powerW: number | null,
  more: { stateOfCharge?: number | null; connected?: boolean | null } = {},
): Draft {
  const intoHouse = kind === "grid" || kind === "solar" ? 1 : -1;
  return {
    id,
    kind,
    name,
    powerW,
    inflowW: powerW === null || Math.abs(powerW) < IDLE_W ? 0 : intoHouse * powerW,
    word: word(kind, powerW, more.connected ?? null),
    stateOfCharge: more.stateOfCharge ?? null,
  };
}

function ofDevice(device: LiveDevice): Draft {
  return draft(device.device_id, device.kind, device.name, device.power_w, {
    stateOfCharge: device.state_of_charge,
    connected: device.connected,
  });
}

function batteries(devices: LiveDevice[]): Draft | undefined {
  const [only, ...more] = devices;
  if (!only) return undefined;
  if (!more.length) return ofDevice(only);
  return draft("batteries", "battery", devices.length, known(devices.map((d) => d.power_w)));
}

/** At most four in the row: the fourth stands for all that are left. */
function row(devices: LiveDevice[]): Draft[] {
  if (devices.length <= 4) return devices.map(ofDevice);
  const others = devices.slice(3);
  const power = known(others.map((d) => d.power_w));
  return [
    ...devices.slice(0, 3).map(ofDevice),
    draft("others", "appliance", others.length, power),
  ];
}

export function flowLayout(live: Live): FlowLayout {
  const of = (kind: DeviceKind) => live.devices.filter((d) => d.kind === kind);
  const hasSolar = live.solar_power_w !== null || of("solar").length > 0;
  const consumers = live.devices.filter((d) => d.kind !== "solar" && d.kind !== "battery");

  const battery = batteries(of("battery"));
  // Nothing is stored here: the first consumer takes the free side.
  const first = battery ? undefined : consumers.shift();
  const right = battery ?? (first && ofDevice(first));
  const below = row(consumers);

  const nodes: FlowNode[] = [];
  if (hasSolar) {
    const solar = draft("solar", "solar", undefined, live.solar_power_w);
    nodes.push({ ...solar, x: CENTER.x, y: SOLAR_Y, radius: 34 });
  }
  const grid = draft("grid", "grid", undefined, live.grid_power_w);
  nodes.push({ ...grid, x: SIDE_X.left, y: CENTER.y, radius: 36 });
  if (right) nodes.push({ ...right, x: SIDE_X.right, y: CENTER.y, radius: 36 });
  below.forEach((consumer, index) => {
    const x = ROW_X[below.length]?.[index] ?? CENTER.x;
    nodes.push({ ...consumer, x, y: ROW_Y, radius: 34 });
  });

  const top = hasSolar ? 0 : CENTER.y - 82;
  const bottom = below.length ? ROW_Y + 74 : CENTER.y + 48;
  const house = draft("house", "house", undefined, live.load_power_w);
  return {
    width: WIDTH,
    top,
    height: bottom - top,
    house: { ...house, x: CENTER.x, y: CENTER.y, radius: 42 },
    nodes,
  };
}

export interface FlowPath {
  d: string;
  /** A point near the middle and the heading there, in degrees, away from the node. */
  middle: { x: number; y: number; angle: number };
}

/** A path from the node's rim to the house's; straight beside, curved below. */
export function flowPath(node: FlowNode, house: FlowNode): FlowPath {
  if (Math.abs(node.y - house.y) < 1 || Math.abs(node.x - house.x) < 1) {
    const length = Math.hypot(house.x - node.x, house.y - node.y);
    const unit = { x: (house.x - node.x) / length, y: (house.y - node.y) / length };
    const from = along(node, unit, node.radius);
    const to = along(house, unit, -house.radius);
    return {
      d: `M${point(from)}L${point(to)}`,
      middle: { ...mix(from, to, 0.5), angle: degrees(unit) },
    };
  }
  const side = Math.sign(node.x - house.x);
  const far = Math.abs(node.x - house.x) > 90;
  const from = { x: node.x, y: node.y - node.radius };
  const angle = far ? 0.55 : 1.1;
  const rim = { x: side * Math.cos(angle), y: Math.sin(angle) };
  const to = along(house, rim, house.radius);
  const control1 = { x: from.x, y: from.y - 30 };
  const control2 = along(to, rim, far ? 30 : 22);
  return {
    d: `M${point(from)}C${point(control1)} ${point(control2)} ${point(to)}`,
    middle: curveMiddle(from, control1, control2, to),
  };
}

interface Point {
  x: number;
  y: number;
}

function along(start: Point, unit: Point, distance: number): Point {
  return { x: start.x + unit.x * distance, y: start.y + unit.y * distance };
}

function mix(a: Point, b: Point, share: number): Point {
  return { x: a.x + (b.x - a.x) * share, y: a.y + (b.y - a.y) * share };
}

function point({ x, y }: Point): string {
  return `${x.toFixed(1)} ${y.toFixed(1)}`;
}

function degrees({ x, y }: Point): number {
  return (Math.atan2(y, x) * 180) / Math.PI;
}

/** A cubic Bezier at one half, and its heading there. */
function curveMiddle(a: Point, b: Point, c: Point, d: Point): FlowPath["middle"] {
  const left = mix(mix(a, b, 0.5), mix(b, c, 0.5), 0.5);
  const right = mix(mix(b, c, 0.5), mix(c, d, 0.5), 0.5);
  return {
    ...mix(left, right, 0.5),
    angle: degrees({ x: right.x - left.x, y: right.y - left.y }),
  };
}
