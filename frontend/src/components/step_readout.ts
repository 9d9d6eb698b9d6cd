/** What the plan does in one step, in words and numbers. */

import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { property } from "lit/decorators.js";

import type { PlanReason } from "../data/plan";
import { type PlanRow, type PlanTable, reasonsAt } from "../data/plan_table";
import type { Format } from "../i18n/format";
import type { Localize } from "../i18n/localize";
import { COLOR, kindColor } from "./colors";
import { define } from "./define";
import { base } from "./styles";

const IDLE_KW = 0.01;

/** What a device does in a step: its action, and how it balances. */
export function doing(row: PlanRow, step: number, localize: Localize): string {
  const action = row.action[step];
  const kw = row.power[step] ?? 0;
  if (action === "balance") return localize(`action.balance.${row.balance[step] ?? "both"}`);
  if (row.kind === "solar" && action !== "curtail") {
    return localize(Math.abs(kw) < IDLE_KW ? "action.idle" : "action.produce");
  }
  if (action) return localize(`action.${action}`);
  if (Math.abs(kw) < IDLE_KW) return localize("action.idle");
  const stores = row.kind === "battery" || row.kind === "ev_charger";
  if (!stores) return localize("action.run");
  return localize(kw > 0 ? "action.charge" : "action.discharge");
}

/** The step in one sentence, for a screen reader. */
export function stepSentence(
  table: PlanTable,
  step: number,
  format: Format,
  localize: Localize,
): string {
  const parts = [format.range(table.edges[step] ?? 0, table.edges[step + 1] ?? 0)];
  const price = table.importPrice?.[step];
  if (price !== undefined) {
    parts.push(localize("plan.step.price", { price: format.price(price, table.currency) }));
  }
  const grid = table.grid[step] ?? 0;
  parts.push(
    localize(grid < 0 ? "plan.step.export" : "plan.step.import", {
      power: format.power(Math.abs(grid) * 1000),
    }),
  );
  for (const row of table.rows) {
    const kw = row.power[step] ?? 0;
    if (Math.abs(kw) < IDLE_KW) continue;
    parts.push(`${row.name}: ${doing(row, step, localize)}, ${format.power(Math.abs(kw) * 1000)}`);
  }
  return parts.join(". ");
}

export class StepReadout extends LitElement {
  @property({ attribute: false }) table!: PlanTable;
  @property({ attribute: false }) reasons: PlanReason[] = [];
  @property({ attribute: false }) step = 0;
  @property({ attribute: false }) format!: Format;
  @property({ attribute: false }) localize!: Localize;

  static override styles = [
    base,
    css`
      :host {
        font-size: 13px;
      }
      .top {
        display: flex;
        justify-content: space-between;
        gap: 16px;
        font-weight: 500;
      }
      dl {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        gap: 2px 12px;
        margin: 6px 0 0;
      }
      dt {
        display: flex;
        align-items: baseline;
        gap: 6px;
        min-width: 0;
      }
      dt span {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      dd {
        margin: 0;
        text-align: right;
      }
      i {
        flex: none;
        width: 9px;
        height: 9px;
        border-radius: 2px;
        background: var(--mark);
      }
      .idle {
        color: var(--soft);
      }
      p {
        margin: 8px 0 0;
        padding-top: 8px;
        border-top: 1px solid var(--line);
        color: var(--soft);
      }
    `,
  ];

  protected override render(): TemplateResult {
    const { table, step, format, localize } = this;
    const price = table.importPrice?.[step];
    const grid = table.grid[step] ?? 0;
    const reasons = reasonsAt(table, this.reasons, step).slice(0, 2);
    return html`<div class="top num">
        <span>${format.day(table.edges[step] ?? 0)} ${format.range(table.edges[step] ?? 0, table.edges[step + 1] ?? 0)}</span>
        ${price === undefined ? nothing : html`<span>${format.price(price, table.currency)}</span>`}
      </div>
      <dl>
        ${this.line(
          "var(--text)",
          `${localize("plan.grid")} · ${localize(Math.abs(grid) < IDLE_KW ? "word.idle" : grid < 0 ? "word.exporting" : "word.importing")}`,
          grid,
        )}
        ${table.load ? this.line(COLOR.house, localize("plan.load"), table.load[step] ?? 0) : nothing}
        ${table.rows.map((row) =>
          this.line(kindColor(row.kind), `${row.name} · ${this.more(row)}`, row.power[step] ?? 0),
        )}
      </dl>
      ${reasons.map((reason) => html`<p>${reason.text}</p>`)}`;
  }

  private more(row: PlanRow): string {
    const { step, format } = this;
    const share = row.stateOfCharge?.[step];
    const indoor = row.indoor?.[step];
    const words = [doing(row, step, this.localize)];
    if (share !== undefined) words.push(format.percent(share));
    if (indoor !== undefined) words.push(format.temperature(indoor));
    return words.join(" · ");
  }

  private line(mark: string, name: string, kw: number): TemplateResult {
    const idle = Math.abs(kw) < IDLE_KW ? "idle" : "";
    return html`<dt class=${idle} style="--mark:${mark}"><i></i><span>${name}</span></dt>
      <dd class="num ${idle}">${this.format.power(Math.abs(kw) * 1000)}</dd>`;
  }
}

define("cem-step-readout", StepReadout);
