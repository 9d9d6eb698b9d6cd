/** Messages of `cem/subscribe_plan`; units and signs: docs/websocket.md. */

import type { KeptWish } from "./wish";
import type { Action, DeviceKind, Direction, PlanStatus, Scope } from "./live";

export interface PlanDevice {
  kind?: DeviceKind;
  power_kw?: number[];
  charge_kw?: number[];
  discharge_kw?: number[];
  energy_kwh?: (number | null)[] | null;
  indoor_temperature_c?: (number | null)[] | null;
  action?: Action[];
  balance?: ("cover" | "store" | "both" | null)[] | null;
  start?: string | null;
}

export interface PlanReason {
  device: string;
  start: string;
  end: string;
  text: string;
  saving?: number | null;
}

export interface PlanLimit {
  id: string;
  direction: Direction;
  scope: Scope;
  limit_kw: number;
  start?: string | null;
  end?: string | null;
}

export interface Relaxation {
  constraint: string;
  by: number;
  unit: string;
  text: string;
}

export interface PlanMessage {
  status: PlanStatus;
  created_at: string;
  currency: string;
  cost: Partial<Record<string, number>>;
  /** The length of each step; not all need be equal. */
  minutes: number[];
  times: string[];
  grid: { import_kw: number[]; export_kw: number[] };
  load_kw?: number[];
  prices?: { import?: number[]; export?: number[] };
  limits?: PlanLimit[];
  devices: Record<string, PlanDevice>;
  reasons: PlanReason[];
  relaxed: Relaxation[];
  /** What the limits that are ordered cost; absent until it is known, or without any. */
  limit_cost?: { text: string };
  /** Import prices after this are expected ones; absent: all are known. */
  prices_known_until?: string | null;
  /** What people wish, as far as this plan knows it. */
  wishes?: KeptWish[];
  wishes_cost?: number;
  /** When cars leave, by device. */
  departures?: Record<string, string>;
  names?: Record<string, string>;
  battery_capacity_kwh?: Record<string, number>;
}
