/** What a wish is made of: which device, what of it, from when to when. */

import { clockOf, nextAt } from "../data/clock";
import type { DeviceKind } from "../data/live";
import type { What, Wish } from "../data/wish";
import type { Format } from "../i18n/format";

/** What may be wished of which kind of device, the usual first. */
export const WHAT: Record<DeviceKind, readonly What[]> = {
  ev_charger: ["depart", "start", "force", "forbid"],
  battery: ["force", "forbid", "forbid_charge", "forbid_discharge"],
  heat_pump: ["force", "forbid"],
  water_heater: ["force", "forbid"],
  appliance: ["start", "forbid"],
  solar: ["forbid"],
};

export interface Draft {
  device: string;
  kind: DeviceKind;
  what: What;
  /** Epoch ms; when a run begins or a car leaves, too. */
  start: number;
  end: number;
  powerW: number;
}

const QUARTER_MS = 15 * 60_000;
const HOUR_MS = 3_600_000;

/** A draft about `device`, with the rest as it usually is. */
export function draftFor(
  device: string,
  kind: DeviceKind,
  now: number,
  given: Partial<Draft> = {},
): Draft {
  const start = given.start ?? Math.ceil(now / QUARTER_MS) * QUARTER_MS;
  return {
    device,
    kind,
    what: WHAT[kind][0] ?? "forbid",
    start,
    end: start + HOUR_MS,
    powerW: kind === "ev_charger" ? 3700 : 1000,
    ...given,
  };
}

export function hasEnd({ what }: Draft): boolean {
  return what !== "start" && what !== "depart";
}

/** The draft with a time of day changed: the next one that strikes. */
export function withClock(
  draft: Draft,
  field: "start" | "end",
  clock: string,
  now: number,
  format: Format,
): Draft {
  const after = field === "end" ? draft.start : now - 60_000;
  const at = nextAt(clock, after, format);
  if (at === undefined) return draft;
  if (field === "end") return { ...draft, end: at };
  const length = draft.end - draft.start;
  return { ...draft, start: at, end: at + length };
}

export function clocks(draft: Draft, format: Format): { start: string; end: string } {
  return { start: clockOf(draft.start, format), end: clockOf(draft.end, format) };
}

/** What is sent. */
export function wishOf(draft: Draft): Wish {
  const { device, what, start, end, powerW } = draft;
  const wish: Wish = { device, what, start: new Date(start).toISOString() };
  if (hasEnd(draft)) wish.end = new Date(end).toISOString();
  if (what === "force") wish.power_w = powerW;
  return wish;
}
