/** Messages of `cem/subscribe_meter`; units: docs/websocket.md. */

import type { Quality } from "./live";

/** A power or energy that the home uses, as the meter said it unless marked. */
export interface Figure {
  figure: "import_power_w" | "export_power_w" | "import_energy_wh" | "export_energy_wh";
  register: string | null;
  value: number;
  unit: string;
  quality: Quality;
}

/** An object of the last telegram, unmodified. */
export interface Register {
  code: string;
  value: number | string;
  unit: string | null;
  time: string | null;
}

export interface MeterMessage {
  meter_id: string | null;
  format: string | null;
  /** By the meter's clock. */
  measured_at: string | null;
  age_s: number | null;
  silent: boolean;
  source: string | null;
  mid_meter: boolean;
  figures: Figure[];
  registers: Register[];
  line: {
    status: string;
    bytes: number;
    telegrams: number;
    damaged: number;
    data_age_s: number | null;
  } | null;
}
