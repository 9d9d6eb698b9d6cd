/** Why, as a list: each block with its device, its time and what it is worth. */

import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { property } from "lit/decorators.js";

import type { PlanReason } from "../data/plan";
import type { PlanTable } from "../data/plan_table";
import type { Format } from "../i18n/format";
import type { Localize } from "../i18n/localize";
import { kindColor } from "./colors";
import { define } from "./define";
import { base } from "./styles";

export class PlanReasons extends LitElement {
  @property({ attribute: false }) table!: PlanTable;
  @property({ attribute: false }) reasons: PlanReason[] = [];
  @property({ attribute: false }) currency = "EUR";
  @property({ attribute: false }) now = 0;
  @property({ attribute: false }) cursor: number | undefined;
  @property({ attribute: false }) format!: Format;
  @property({ attribute: false }) localize!: Localize;

  static override styles = [
    base,
    css`
      ul {
        list-style: none;
        margin: 0;
        padding: 0;
        display: grid;
        gap: 2px 24px;
        grid-template-columns: repeat(auto-fill, minmax(min(100%, 420px), 1fr));
      }
      li {
        display: grid;
        align-content: start;
        justify-items: start;
      }
      .what-if {
        margin-inline-start: 22px;
        min-height: 28px;
        font-size: 13px;
        font-weight: 500;
        text-decoration: underline;
        text-underline-offset: 3px;
      }
      .block {
        display: grid;
        grid-template-columns: 4px minmax(0, 1fr);
        gap: 0 12px;
        width: 100%;
        padding: 8px;
        border-radius: 8px;
        text-align: start;
      }
      .block:hover,
      .at {
        background: var(--fill);
      }
      .bar {
        grid-row: span 2;
        border-radius: 2px;
        background: var(--mark);
      }
      .top {
        display: flex;
        flex-wrap: wrap;
        gap: 0 8px;
        align-items: baseline;
      }
      .name {
        font-weight: 500;
      }
      .saves {
        margin-inline-start: auto;
        font-weight: 500;
      }
    `,
  ];

  protected override render(): TemplateResult {
    const coming = this.reasons
      .filter((reason) => new Date(reason.end).getTime() > this.now)
      .sort((a, b) => new Date(a.start).getTime() - new Date(b.start).getTime());
    if (!coming.length) {
      return html`<p class="empty">${this.localize("plan.no_reasons")}</p>`;
    }
    return html`<ul>${coming.map((reason) => this.item(reason))}</ul>`;
  }

  private item(reason: PlanReason): TemplateResult {
    const row = this.table.rows.find(({ id }) => id === reason.device);
    const { format } = this;
    const start = new Date(reason.start).getTime();
    const end = new Date(reason.end).getTime();
    return html`<li>
      <button
        class="block ${this.holds(start, end) ? "at" : ""}"
        style="--mark:${row ? kindColor(row.kind) : "var(--soft)"}"
        @click=${() => this.dispatchEvent(new CustomEvent("pick", { detail: start }))}
      >
        <span class="bar"></span>
        <span class="top">
          <span class="name">${row?.name ?? reason.device}</span>
          <span class="soft num">${format.dayTime(start, this.now)}–${format.time(end)}</span>
          ${this.saving(reason.saving)}
        </span>
        <span class="soft">${reason.text}</span>
      </button>
      <button
        class="what-if"
        aria-label=${this.localize("wish.what_if_help", {
          name: row?.name ?? reason.device,
          time: format.dayTime(start, this.now),
        })}
        @click=${() => this.dispatchEvent(new CustomEvent("ask", { detail: reason }))}
      >${this.localize("wish.what_if")}</button>
    </li>`;
  }

  private saving(saving: number | null | undefined): TemplateResult | typeof nothing {
    // Less than half a cent is not worth a word.
    if (saving === null || saving === undefined || saving < 0.005) return nothing;
    const money = this.format.money(saving, this.currency);
    return html`<span class="saves soft num">${this.localize("plan.saves", { money })}</span>`;
  }

  private holds(start: number, end: number): boolean {
    if (this.cursor === undefined) return false;
    const from = this.table.edges[this.cursor] ?? 0;
    const to = this.table.edges[this.cursor + 1] ?? 0;
    return start < to && end > from;
  }
}

define("cem-plan-reasons", PlanReasons);
