/** The series of the plan chart: one list for chart and legend. */

import type { PlanMessage } from "../data/plan";
import { limitLine, type PlanTable } from "../data/plan_table";
import type { Localize } from "../i18n/localize";
import { COLOR, kindColor } from "./colors";

export type Lane = "price" | "power" | "charge" | "temperature";
export type SeriesStyle = "area" | "line" | "dashed" | "dotted" | "limit";

export interface PlanSeries {
  id: string;
  name: string;
  lane: Lane;
  style: SeriesStyle;
  color: string;
  /** One value a step; of "charge" and "temperature" it is that at the step's end. */
  values: (number | null)[];
}

const INK = "var(--primary-text-color, #141414)";

export function planSeries(
  plan: PlanMessage,
  table: PlanTable,
  localize: Localize,
): PlanSeries[] {
  return [
    ...prices(table, localize),
    ...powers(table, localize),
    ...limits(plan, table, localize),
    ...stores(table, localize),
  ];
}

function prices(table: PlanTable, localize: Localize): PlanSeries[] {
  const found: PlanSeries[] = [];
  const known = table.pricesKnown;
  const add = (
    id: "import_price" | "expected_price" | "export_price",
    style: SeriesStyle,
    values?: (number | null)[],
  ) => {
    if (!values?.some((value) => value !== null)) return;
    const color = id === "export_price" ? COLOR.export : COLOR.grid;
    found.push({ id, name: localize(`plan.${id}`), lane: "price", style, color, values });
  };
  add("import_price", "line", table.importPrice?.map((price, i) => (i < known ? price : null)));
  add("expected_price", "dotted", table.importPrice?.map((price, i) => (i < known ? null : price)));
  add("export_price", "dashed", table.exportPrice);
  return found;
}

function powers(table: PlanTable, localize: Localize): PlanSeries[] {
  const area = (id: string, name: string, color: string, values: number[]): PlanSeries => ({
    id,
    name,
    lane: "power",
    style: "area",
    color,
    values,
  });
  const load = table.load ? [area("load", localize("plan.load"), COLOR.house, table.load)] : [];
  const devices = table.rows.map((row) => area(row.id, row.name, kindColor(row.kind), row.power));
  const grid: PlanSeries = { ...area("grid", localize("plan.grid"), INK, table.grid), style: "line" };
  return [...load, ...devices, grid];
}

function limits(plan: PlanMessage, table: PlanTable, localize: Localize): PlanSeries[] {
  return (plan.limits ?? []).map((limit) => ({
    id: `limit ${limit.id} ${limit.direction} ${limit.scope}`,
    name: localize(`plan.limit.${limit.direction}.${limit.scope}`),
    lane: "power",
    style: "limit",
    color: "var(--error-color, #db4437)",
    values: limitLine(table, limit),
  }));
}

function stores(table: PlanTable, localize: Localize): PlanSeries[] {
  return table.rows.flatMap((row) => {
    const found: PlanSeries[] = [];
    if (row.stateOfCharge) {
      found.push({
        id: `charge ${row.id}`,
        name: localize("plan.charge_of", { name: row.name }),
        lane: "charge",
        style: "line",
        color: kindColor(row.kind),
        values: row.stateOfCharge.map((share) => share * 100),
      });
    }
    if (row.indoor) {
      found.push({
        id: `indoor ${row.id}`,
        name: localize("plan.indoor"),
        lane: "temperature",
        style: "dotted",
        color: kindColor(row.kind),
        values: row.indoor,
      });
    }
    return found;
  });
}

/** A limit far above all power would flatten the rest: it is left out of the scale. */
export const LIMIT_REACH = 1.6;
