/** Answers to what the dashboard asks; units and signs: docs/websocket.md. */

import type { Action, DeviceKind } from "./live";

export type Period = "today" | "month" | "year";

export interface SavingsRow {
  start: string;
  end: string;
  measured_share: number;
  controlled: boolean;
  bill: number;
  without: number;
  planned: number;
  perfect: number | null; // null: nobody could tell
  saved: number;
  saved_min: number;
  saved_max: number;
  split: { forecast: number; planning: number | null } | null;
  peak_kw: number;
  peak_without_kw: number;
  peak_planned_kw: number;
  /** What the peaks cost: of periods only, where they cost anything. */
  capacity: number | null;
  capacity_without: number | null;
  capacity_planned: number | null;
  import_kwh: number;
  export_kwh: number;
  produced_kwh: number;
  self_use: number | null;
  self_use_planned: number | null;
  co2_kg: number | null;
  co2_without_kg: number | null;
  co2_planned_kg: number | null;
  /** Of how many of the row's days the CO2 is known. */
  co2_days: number;
}

export interface Savings {
  currency: string;
  controlled: boolean;
  /** Whether the settings say what tells of the grid's CO2. */
  co2_known: boolean;
  days: (SavingsRow & { date: string })[];
  periods: (SavingsRow & { period: Period; days: number })[];
  doing_nothing: { device_id: string; name: string; text: string }[];
  waiting: { text: string } | null;
}

export type CountedKind =
  | "import"
  | "export"
  | "solar"
  | "charge"
  | "discharge"
  | "gas"
  | "water"
  | "heat";

export interface Energy {
  period: "day" | "month" | "year";
  start: string;
  counted: { kind: CountedKind; name: string | null; value: number; unit: string }[];
  rows: ({ start: string } & Partial<Record<CountedKind, number>>)[];
  /** Kinds that are summed from measured powers, because no counter tells them. */
  measured: CountedKind[];
  /** When the next row is recorded. */
  first_at: string;
  standby_w: number | null;
  /** When enough hours are known; null with a standby. */
  standby_at: string | null;
}

export interface Budget {
  budget_id: string;
  name: string;
  medium: "electricity" | "gas" | "water" | "heat";
  measure: "quantity" | "cost";
  period: "day" | "month";
  amount: number;
  unit: string;
  used: number | null;
  expected: number | null;
  marks?: ("foretold" | "nearly" | "over")[];
}

export interface Budgets {
  budgets: Budget[];
}

export interface Opportunity {
  device: string;
  kind: DeviceKind;
  name: string;
  what: "start" | "force";
  start: string;
  end?: string;
  power_w?: number;
  saving: number;
  currency: string;
  starts_itself: boolean;
  takes_control: boolean;
  reminds: boolean;
  text: string;
}

/** What is done once, or reminded of, because somebody took it up. */
export interface Taken {
  wish_id: string;
  kind: DeviceKind;
  text: string;
}

/** When energy is cheap, dear or left over, and when a new peak is foreseen. */
export interface GoodTime {
  kind: "cheap" | "dear" | "surplus" | "peak";
  start: string;
  end: string;
  text: string;
}

export interface Opportunities {
  opportunities: Opportunity[];
  taken: Taken[];
  times: GoodTime[];
  appliances: number;
}

export interface Link {
  kind: DeviceKind | "meter" | "submeter";
  name: string;
  ok: boolean;
  age_s: number | null;
  reaction_s: number | null;
}

export interface Health {
  time: string;
  links: Link[];
  plan: {
    status: string;
    age_s: number;
    until: string;
    prices_known_until: string | null;
    solve_s: number | null;
    gap: number | null;
  } | null;
  forecasts: {
    kind: "load" | "solar";
    name: string | null;
    error: { days: number; error_share: number; by_lead: Record<string, number> };
  }[];
}

export interface LogEntry {
  time: string;
  about: "limit" | "plan" | "device";
  device: string | null;
  name: string | null;
  action: Action | null;
  text: string;
}

export interface Log {
  since: string;
  entries: LogEntry[];
}
