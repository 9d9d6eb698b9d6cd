/** Wishes: asked what one costs, kept, and taken back; docs/websocket.md. */

import type { Connection } from "./hass";

export type What =
  | "force"
  | "forbid"
  | "forbid_charge"
  | "forbid_discharge"
  | "start"
  | "depart";

export interface Wish {
  device: string;
  what: What;
  start?: string;
  end?: string;
  power_w?: number;
  takes_control?: boolean;
  reminds?: boolean;
}

/** One that is kept, as the plan shows it. */
export interface KeptWish {
  wish_id: string;
  device_id: string;
  what: What;
  start: string;
  end: string | null;
  power_w: number | null;
  until: string;
  kept: boolean;
  text: string;
}

export interface Preview {
  more_cost: number;
  at_least: number;
  at_most: number;
  currency: string;
  status: string;
  text: string;
  moved: { text: string }[];
  relaxed: { text: string }[];
  replaces: string[];
  took_s: number;
}

export function previewWish(
  connection: Connection,
  entryId: string,
  wish: Wish,
): Promise<Preview> {
  return connection.sendMessagePromise({ type: "cem/preview_wish", entry_id: entryId, ...wish });
}

export function setWish(
  connection: Connection,
  entryId: string,
  wish: Wish,
): Promise<{ wish_id: string }> {
  return connection.sendMessagePromise({ type: "cem/set_wish", entry_id: entryId, ...wish });
}

export function endWish(connection: Connection, entryId: string, wishId: string): Promise<null> {
  return connection.sendMessagePromise({
    type: "cem/end_wish",
    entry_id: entryId,
    wish_id: wishId,
  });
}
