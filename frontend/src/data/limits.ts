/** How a limit stands: pure, shared by gauge, summary and tests. */

import type { AnnouncedLimit, Limit, Live } from "./live";

export type LimitState = "clear" | "near" | "over" | "unknown";

export function limitState(limit: Limit): LimitState {
  if (limit.power_w === null || limit.distance_w === null) return "unknown";
  if (limit.distance_w < 0) return "over";
  return limit.near ? "near" : "clear";
}

/** The share of the limit that is used, 0 and up; a used limit of 0 W is infinite. */
export function usedShare(limit: Limit): number | null {
  if (limit.power_w === null) return null;
  const used = Math.max(0, limit.power_w);
  if (limit.limit_w === 0) return used > 0 ? Infinity : 0;
  return used / limit.limit_w;
}

/** The share as far as a bar can show it, 0 to 1. */
export function barShare(limit: Limit): number {
  return Math.min(1, usedShare(limit) ?? 0);
}

const URGENCY: Record<LimitState, number> = { over: 0, near: 1, unknown: 2, clear: 2 };
const STANDING: Partial<Record<Limit["source"], number>> = { meter: 1, contract: 2 };

/** Whether somebody ordered it: it comes and goes. */
export const isOrder = (limit: Pick<Limit, "source">): boolean => !STANDING[limit.source];

/** The words for where it comes from. */
export function originKey({ source, issuer }: Pick<Limit, "source" | "issuer">) {
  if (source === "meter") return "limit.meter" as const;
  if (source !== "contract") return "limit.order" as const;
  return issuer === "capacity_tariff" ? ("limit.peak" as const) : ("limit.contract" as const);
}

export interface PhaseUse {
  phase: number;
  /** In the direction that flows; null: unknown. */
  power_w: number | null;
  limit_w: number;
}

/** Each phase with the limit on the direction in which power flows there. */
export function phaseUse({ phases, phase_limits }: Pick<Live, "phases" | "phase_limits">): PhaseUse[] {
  const strictest = new Map<number, PhaseUse>();
  for (const { phase, direction, limit_w } of phase_limits ?? []) {
    if (!phase) continue;
    const flow = phases.find((each) => each.phase === phase)?.power_w ?? null;
    if (direction !== ((flow ?? 0) < 0 ? "export" : "import")) continue;
    const before = strictest.get(phase);
    if (before && before.limit_w <= limit_w) continue;
    strictest.set(phase, { phase, power_w: flow === null ? null : Math.abs(flow), limit_w });
  }
  return [...strictest.values()].sort((a, b) => a.phase - b.phase);
}

export const isImbalance = ({ limit_id, source }: Pick<Limit, "limit_id" | "source">): boolean =>
  source === "contract" && limit_id === "imbalance";

/** By how many W devices may load one phase more than another, where that is bounded. */
export const imbalanceW = (limits: readonly AnnouncedLimit[] = []): number | undefined =>
  limits.find(isImbalance)?.limit_w;

/**
 * The most pressing first, then what was ordered, import before export. Not by
 * how full they are: rows that change places every second cannot be read.
 */
export function byUrgency(limits: readonly Limit[]): Limit[] {
  return [...limits].sort(
    (a, b) =>
      URGENCY[limitState(a)] - URGENCY[limitState(b)] ||
      (STANDING[a.source] ?? 0) - (STANDING[b.source] ?? 0) ||
      b.direction.localeCompare(a.direction) ||
      a.limit_id.localeCompare(b.limit_id),
  );
}
