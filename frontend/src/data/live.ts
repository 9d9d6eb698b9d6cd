/** Messages of `cem/subscribe_live`; units and signs: docs/websocket.md. */

export type Mode = "observe" | "advise" | "control";
export type Direction = "import" | "export";
export type Scope = "connection" | "controllable";
export type DeviceKind =
  | "solar"
  | "battery"
  | "ev_charger"
  | "heat_pump"
  | "water_heater"
  | "appliance";
export type Charging = "plan" | "now" | "not_tonight";
export type Owner = "plan" | "person" | "device";
export type Action =
  | "balance"
  | "hold"
  | "charge"
  | "discharge"
  | "run"
  | "curtail"
  | "off";
export type PlanStatus = "optimal" | "feasible" | "relaxed" | "infeasible" | "rule";

export type Quality = "metered" | "calculated" | "estimated";

export type Role = "guest" | "resident" | "installer";

export interface Home {
  entry_id: string;
  title: string;
  /** Who the user is in this home; absent in what older versions say. */
  role?: Role;
}

export interface Limit {
  limit_id: string;
  source: "contract" | "meter" | "order" | "control_box" | "relay" | "mqtt" | "openadr";
  issuer: string;
  direction: Direction;
  scope: Scope;
  limit_w: number;
  start?: string | null;
  end: string | null;
  /** 1 to 3; null or absent: the total. */
  phase?: number | null;
  /** What counts against the limit now, in the limit's direction; null: unknown. */
  power_w: number | null;
  /** What is left; negative above the limit. */
  distance_w: number | null;
  near: boolean;
  level?: "clear" | "caution" | "warning";
  /** Until the supply may be cut at this power; null: it is not. */
  seconds_to_trip?: number | null;
  /** Why it is there, where there is more to say than who. */
  reason?: string | null;
}

/** An order that starts later, or a limit on a phase. */
export type AnnouncedLimit = Omit<Limit, "power_w" | "distance_w" | "near">;

/** What the ordered limits of these ids cost together. */
export interface LimitCost {
  limit_ids: string[];
  cost: number;
  currency: string;
  missed: { text: string }[];
}

export interface QuarterHour {
  mean_w: number;
  projected_w: number | null;
  remaining_s: number;
  month_peak_w: number | null;
}

export interface LiveDevice {
  device_id: string;
  subentry_id: string;
  name: string;
  kind: DeviceKind;
  power_w: number | null;
  setpoint_w: number | null;
  action: Action | null;
  cause: string | null;
  reason: string | null;
  limited_by: string | null;
  available: boolean;
  enabled: boolean;
  owner: Owner;
  state_of_charge: number | null;
  connected: boolean | null;
  indoor_temperature_c: number | null;
  charging: Charging | null;
  /** When the car that is plugged in will be charged. */
  ready_at?: string | null;
  /** It does what it is ordered; null: no order, or too early to tell. */
  obeyed?: boolean | null;
  reaction_s?: number | null;
  /** What the plan has it do next, and why. */
  next?: { start: string; action: Action; power_w: number | null; text: string | null } | null;
  entities?: { control?: string | null; resume?: string | null; charging?: string | null };
}

export interface Live {
  time: string;
  mode: Mode;
  meter: { connected: boolean; age_s: number | null; source: string | null; mid_meter?: boolean };
  /** How the figures came about; null: not known. */
  quality?: { grid_power_w: Quality | null; load_power_w: Quality | null };
  grid_power_w: number | null;
  load_power_w: number | null;
  solar_power_w: number | null;
  phases: {
    phase: number;
    voltage_v: number | null;
    current_a: number | null;
    power_w: number | null;
  }[];
  limits: Limit[];
  /** One without a phase is on their imbalance. */
  phase_limits?: AnnouncedLimit[];
  announced_limits?: AnnouncedLimit[];
  limit_cost?: LimitCost | null;
  quarter_hour: QuarterHour | null;
  devices: LiveDevice[];
  plan: { status: PlanStatus | null; age_s: number | null } | null;
  problems: { code: string; text: string }[];
  entities?: { mode?: string | null };
}
