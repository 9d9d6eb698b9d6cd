/** One button a series: shows or hides it in the chart. */

import { css, html, LitElement, type TemplateResult } from "lit";
import { property } from "lit/decorators.js";

import type { Localize } from "../i18n/localize";
import { define } from "./define";
import type { PlanSeries } from "./plan_series";
import { base } from "./styles";

export class PlanLegend extends LitElement {
  @property({ attribute: false }) series: PlanSeries[] = [];
  @property({ attribute: false }) hiddenIds: ReadonlySet<string> = new Set();
  @property({ attribute: false }) localize!: Localize;

  static override styles = [
    base,
    css`
      div {
        display: flex;
        flex-wrap: wrap;
        gap: 4px;
        margin-inline-start: -10px;
      }
      button {
        display: inline-flex;
        align-items: center;
        gap: 7px;
        min-height: 32px;
        padding: 0 10px;
        border-radius: 16px;
        font-size: 13px;
      }
      button:hover {
        background: var(--fill);
      }
      button[aria-pressed="false"] {
        color: var(--soft);
        text-decoration: line-through;
      }
      button[aria-pressed="false"] i {
        opacity: 0.35;
      }
      i {
        flex: none;
        width: 14px;
        color: var(--mark);
        border-top: 2px solid;
      }
      .area {
        height: 11px;
        width: 11px;
        border: 0;
        border-radius: 3px;
        background: var(--mark);
      }
      .dashed,
      .limit {
        border-top-style: dashed;
      }
      .dotted {
        border-top: 3px dotted;
      }
    `,
  ];

  protected override render(): TemplateResult {
    return html`<div role="group" aria-label=${this.localize("plan.legend")}>
      ${this.groups().map(
        ({ ids, one }) => html`<button
          aria-pressed=${!ids.every((id) => this.hiddenIds.has(id))}
          style="--mark:${one.color}"
          @click=${() => this.dispatchEvent(new CustomEvent("pick", { detail: ids }))}
        ><i class=${one.style}></i>${one.name}</button>`,
      )}
    </div>`;
  }

  /** Limits of one name come and go over the day but have one button. */
  private groups(): { ids: string[]; one: PlanSeries }[] {
    const groups = new Map<string, { ids: string[]; one: PlanSeries }>();
    for (const one of this.series) {
      const key = one.style === "limit" ? one.name : one.id;
      const group = groups.get(key) ?? { ids: [], one };
      group.ids.push(one.id);
      groups.set(key, group);
    }
    return [...groups.values()];
  }
}

define("cem-plan-legend", PlanLegend);
