import { css, html, nothing, type TemplateResult } from "lit";
import { state } from "lit/decorators.js";

import type { Period, Savings, SavingsRow } from "../data/dashboard";
import type { Hass } from "../data/hass";
import { askedOf } from "../data/shared";
import type { Source } from "../data/subscription";
import { type Bar } from "../components/bars";
import "../components/bars";
import { COLOR } from "../components/colors";
import "../components/columns";
import { define } from "../components/define";
import { periodChoice } from "../components/period";
import { CemCard } from "./card";

const PERIODS = ["today", "month", "year"] as const;
const EVERY_MS = 10 * 60_000;
const DAYS_SHOWN = 31;

/** The bill as it is, as it would have been, and what could have been. */
export class SavingsCard extends CemCard<Savings> {
  protected override readonly size = 14;

  static override styles = [
    ...CemCard.styles,
    css`
      .figure {
        display: grid;
        gap: 2px;
      }
      .figure b {
        font-size: 32px;
        line-height: 40px;
        font-weight: 500;
      }
      .loss b {
        color: var(--bad);
      }
      ul {
        margin: 0;
        padding-inline-start: 18px;
      }
      dl.facts {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(100%, 170px), 1fr));
        gap: 12px;
        margin: 0;
      }
      .facts dt {
        color: var(--soft);
        font-size: 13px;
      }
      .facts dd {
        margin: 0;
        font-weight: 500;
      }
      summary {
        cursor: pointer;
        padding: 4px 0;
      }
    `,
  ];

  @state() private period: Period = "month";

  protected subscribe(hass: Hass, entryId: string): Source<Savings> {
    return askedOf(hass.connection, { type: "cem/savings", entry_id: entryId }, EVERY_MS);
  }

  protected body(savings: Savings): TemplateResult {
    const { localize } = this;
    const known = PERIODS.filter((each) => savings.periods.some(({ period }) => period === each));
    const chosen = known.includes(this.period) ? this.period : known.at(-1);
    const row = savings.periods.find(({ period }) => period === chosen);
    return html`<div class="head">
        <h2>${localize("savings.title")}</h2>
        ${chosen && known.length > 1
          ? periodChoice(known, chosen, localize, (value) => (this.period = value))
          : nothing}
      </div>
      ${row
        ? html`${this.figure(row, savings)} ${this.bill(row, savings.currency)}
            ${this.facts(row)} ${this.missed(row, savings.currency)} ${this.days(savings)}`
        : html`<p class="empty">${savings.waiting?.text ?? localize("savings.none")}</p>`}
      ${row && savings.waiting ? html`<p class="soft">${savings.waiting.text}</p>` : nothing}
      ${this.doingNothing(savings)}
      ${row ? html`<span class="soft">${localize("savings.not_for_billing")}</span>` : nothing}`;
  }

  private figure(row: SavingsRow & { days: number }, savings: Savings): TemplateResult {
    const { format, localize } = this;
    const money = (amount: number) => format.money(amount, savings.currency);
    const loss = row.saved < 0;
    const key = row.controlled
      ? loss
        ? "savings.lost"
        : "savings.saved"
      : loss
        ? "savings.would_lose"
        : "savings.would_save";
    return html`<div class="figure ${loss ? "loss" : ""}">
      <span>${localize(key)}</span>
      <b class="num">${money(Math.abs(row.saved))}</b>
      <span class="soft">${localize("savings.range", {
        least: money(row.saved_min),
        most: money(row.saved_max),
      })} · ${localize(row.days === 1 ? "savings.one_day" : "savings.days", { n: row.days })}</span>
    </div>`;
  }

  private bill(row: SavingsRow, currency: string): TemplateResult {
    const { localize } = this;
    const bar = (name: string, value: number, color: string): Bar => ({
      name,
      value,
      color,
      text: this.format.money(value, currency),
    });
    const bars = [
      bar(localize("savings.without"), row.without, COLOR.house),
      bar(localize("savings.bill"), row.bill, COLOR.grid),
      ...(row.controlled
        ? []
        : [bar(localize("savings.planned"), row.planned, COLOR.battery)]),
      ...(row.perfect === null
        ? []
        : [bar(localize("savings.perfect"), row.perfect, COLOR.solar)]),
    ];
    return html`<cem-bars .bars=${bars}></cem-bars>`;
  }

  private facts(row: SavingsRow): TemplateResult {
    const { format, localize } = this;
    const facts: [string, string][] = [];
    if (row.peak_kw !== null) {
      const before = row.peak_without_kw;
      facts.push([
        localize("savings.peak"),
        before === null
          ? format.power(row.peak_kw * 1000)
          : localize("savings.instead_of", {
              value: format.power(row.peak_kw * 1000),
              other: format.power(before * 1000),
            }),
      ]);
    }
    if (row.self_use !== null) {
      facts.push([localize("savings.self_use"), format.percent(row.self_use)]);
    }
    if (row.co2_kg !== null) {
      const kg = (value: number) => `${format.number(value, 1)}\u00a0kg`;
      facts.push([
        localize("savings.co2"),
        row.co2_without_kg === null
          ? kg(row.co2_kg)
          : localize("savings.instead_of", {
              value: kg(row.co2_kg),
              other: kg(row.co2_without_kg),
            }),
      ]);
    }
    return html`<dl class="facts">
      ${facts.map(
        ([name, text]) => html`<div><dt>${name}</dt><dd class="num">${text}</dd></div>`,
      )}
    </dl>`;
  }

  private missed({ split }: SavingsRow, currency: string): TemplateResult | typeof nothing {
    if (split === null) return nothing;
    const money = (amount: number) => this.format.money(amount, currency);
    return html`<p class="empty">${this.localize("savings.split", {
      forecast: money(split.forecast),
      planning: money(split.planning),
    })}</p>`;
  }

  private days({ days, currency }: Savings): TemplateResult | typeof nothing {
    if (days.length < 2) return nothing;
    const columns = days
      .slice(0, DAYS_SHOWN)
      .reverse()
      .map(({ date, saved }) => ({
        name: this.format.date(`${date}T12:00`),
        parts: [
          {
            value: saved,
            color: saved < 0 ? "var(--bad)" : "var(--good)",
            text: this.format.money(saved, currency),
          },
        ],
      }));
    return html`<cem-columns
      .columns=${columns}
      .label=${this.localize("savings.by_day")}
      .tableLabel=${this.localize("savings.by_day_table")}
    ></cem-columns>`;
  }

  private doingNothing({ doing_nothing: devices }: Savings): TemplateResult | typeof nothing {
    if (!devices.length) return nothing;
    return html`<details>
      <summary>${this.localize("savings.doing_nothing")}</summary>
      <ul>${devices.map(({ text }) => html`<li>${text}</li>`)}</ul>
    </details>`;
  }
}

define("cem-savings-card", SavingsCard);
