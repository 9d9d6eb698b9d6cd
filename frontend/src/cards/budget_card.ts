import { css, html, nothing, type TemplateResult } from "lit";

import type { Budget, Budgets } from "../data/dashboard";
import type { Hass } from "../data/hass";
import { askedOf } from "../data/shared";
import type { Source } from "../data/subscription";
import { define } from "../components/define";
import { icon } from "../components/icons";
import { CemCard } from "./card";

const EVERY_MS = 5 * 60_000;

/** What of each budget is used, and how it is expected to end. */
export class BudgetCard extends CemCard<Budgets> {
  protected override readonly size = 5;

  static override styles = [
    ...CemCard.styles,
    css`
      ul {
        list-style: none;
        margin: 0;
        padding: 0;
        display: grid;
        gap: 14px;
      }
      .line {
        display: flex;
        flex-wrap: wrap;
        justify-content: space-between;
        gap: 2px 12px;
      }
      .track {
        position: relative;
        height: 8px;
        margin: 6px 0;
        border-radius: 4px;
        background: var(--line);
        overflow: hidden;
      }
      .track span {
        position: absolute;
        inset-block: 0;
        inset-inline-start: 0;
        border-radius: 4px;
        background: var(--accent);
      }
      .track .expected {
        opacity: 0.35;
      }
      .over .track span {
        background: var(--bad);
      }
      .warns {
        display: flex;
        gap: 6px;
        align-items: center;
        margin: 0;
        color: color-mix(in srgb, var(--bad) 80%, var(--text));
      }
    `,
  ];

  protected subscribe(hass: Hass, entryId: string): Source<Budgets> {
    return askedOf(hass.connection, { type: "cem/budgets", entry_id: entryId }, EVERY_MS);
  }

  protected body({ budgets }: Budgets): TemplateResult {
    return html`<div class="head"><h2>${this.localize("budget.title")}</h2></div>
      ${budgets.length
        ? html`<ul>${budgets.map((budget) => this.budget(budget))}</ul>`
        : html`<p class="empty">${this.localize("budget.none")}</p>`}`;
  }

  private budget(budget: Budget): TemplateResult {
    const { amount, used, expected, marks = [] } = budget;
    const over = marks.includes("over") || marks.includes("foretold");
    const wide = (value: number | null) => `${Math.min(100, ((value ?? 0) / amount) * 100)}%`;
    return html`<li class=${over ? "over" : ""}>
      <div class="line">
        <b>${budget.name}</b>
        <span class="num">${this.used(budget)}</span>
      </div>
      <div class="track" aria-hidden="true">
        <span class="expected" style="inline-size:${wide(expected)}"></span>
        <span style="inline-size:${wide(used)}"></span>
      </div>
      ${expected === null
        ? nothing
        : html`<span class="soft num">${this.localize("budget.expected", {
            expected: this.quantity(expected, budget),
          })}</span>`}
      ${over
        ? html`<p class="warns">${icon("warning", 16)}${this.localize(
            marks.includes("over") ? "budget.over" : "budget.foretold",
          )}</p>`
        : nothing}
    </li>`;
  }

  private used(budget: Budget): string {
    if (budget.used === null) return this.localize("budget.unknown");
    return this.localize(`budget.used_${budget.period}`, {
      used: this.quantity(budget.used, budget),
      amount: this.quantity(budget.amount, budget),
    });
  }

  private quantity(value: number, { measure, unit }: Budget): string {
    return measure === "cost"
      ? this.format.money(value, unit)
      : `${this.format.number(value, 1)} ${unit}`;
  }
}

define("cem-budget-card", BudgetCard);
