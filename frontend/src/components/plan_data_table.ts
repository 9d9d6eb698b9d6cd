/** The whole plan as a table: for screen readers, and for whoever wants numbers. */

import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";

import type { PlanTable } from "../data/plan_table";
import type { Format } from "../i18n/format";
import type { Localize } from "../i18n/localize";
import { define } from "./define";
import { base } from "./styles";

interface Column {
  head: string;
  cell: (step: number) => string;
}

export class PlanDataTable extends LitElement {
  @property({ attribute: false }) table!: PlanTable;
  @property({ attribute: false }) format!: Format;
  @property({ attribute: false }) localize!: Localize;
  @state() private open = false;

  static override styles = [
    base,
    css`
      summary {
        cursor: pointer;
        padding: 4px 0;
        font-weight: 500;
        border-radius: 4px;
      }
      .scroll {
        max-height: 420px;
        overflow: auto;
        margin-top: 8px;
      }
      table {
        border-collapse: collapse;
        font-size: 13px;
      }
      th,
      td {
        padding: 4px 12px 4px 0;
        text-align: right;
        font-variant-numeric: tabular-nums;
        white-space: nowrap;
        border-bottom: 1px solid var(--line);
      }
      thead th {
        position: sticky;
        top: 0;
        background: var(--surface);
        font-weight: 500;
        white-space: normal;
        vertical-align: bottom;
      }
      th:first-child {
        text-align: left;
        font-weight: 400;
      }
      caption {
        caption-side: bottom;
        text-align: left;
        padding-top: 8px;
        color: var(--soft);
      }
    `,
  ];

  protected override render(): TemplateResult {
    return html`<details
      @toggle=${(event: Event) => (this.open = (event.target as HTMLDetailsElement).open)}
    >
      <summary>${this.localize("plan.table")}</summary>
      ${this.open ? this.rows() : nothing}
    </details>`;
  }

  private columns(): Column[] {
    const { table, format, localize } = this;
    const kw = (value: number | undefined) => (value === undefined ? "–" : format.number(value, 2));
    const columns: Column[] = [];
    const price = table.importPrice;
    if (price) {
      const unit = `${format.symbol(table.currency)}/kWh`;
      columns.push({
        head: localize("plan.table.price", { unit }),
        cell: (i) => format.number(price[i] ?? 0, 3),
      });
    }
    columns.push({ head: localize("plan.table.grid"), cell: (i) => kw(table.grid[i]) });
    const load = table.load;
    if (load) columns.push({ head: localize("plan.table.load"), cell: (i) => kw(load[i]) });
    for (const row of table.rows) {
      const { name, stateOfCharge, indoor } = row;
      const sign = row.kind === "solar" ? -1 : 1;
      columns.push({
        head: localize("plan.table.power", { name }),
        cell: (i) => kw(sign * (row.power[i] ?? 0)),
      });
      if (stateOfCharge) {
        columns.push({
          head: localize("plan.table.charge", { name }),
          cell: (i) => format.number((stateOfCharge[i] ?? 0) * 100, 0),
        });
      }
      if (indoor) {
        columns.push({
          head: localize("plan.table.indoor"),
          cell: (i) => format.number(indoor[i] ?? 0, 1),
        });
      }
    }
    return columns;
  }

  private rows(): TemplateResult {
    const { table, format, localize } = this;
    const columns = this.columns();
    const steps = Array.from({ length: table.steps }, (_, i) => i);
    return html`<div class="scroll" tabindex="0">
      <table>
        <caption>${localize("plan.table.note")}</caption>
        <thead>
          <tr>
            <th scope="col">${localize("plan.table.time")}</th>
            ${columns.map(({ head }) => html`<th scope="col">${head}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${steps.map(
            (i) => html`<tr>
              <th scope="row">${format.day(table.edges[i] ?? 0)} ${format.time(table.edges[i] ?? 0)}</th>
              ${columns.map(({ cell }) => html`<td>${cell(i)}</td>`)}
            </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
  }
}

define("cem-plan-data-table", PlanDataTable);
