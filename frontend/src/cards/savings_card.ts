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
const LEAST_TOLD = 0.005; // currency

/** Whether nothing can go otherwise: then the bill is what there is to tell. */
function isAlone({ doing_nothing, periods }: Savings): boolean {
  const told = (row: SavingsRow) => row.controlled || Math.abs(row.saved) >= LEAST_TOLD;
  return !doing_nothing.length || (periods.length > 0 && !periods.some(told));
}

/** How many days of a row were only observed. */
function observedIn(row: SavingsRow, { days }: Savings): number {
  return days.filter((day) => !day.controlled && day.start >= row.start && day.end <= row.end)
    .length;
}

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
        ? html`${isAlone(savings)
            ? this.paid(row, savings.currency)
            : html`${this.figure(row, savings)} ${this.bill(row, savings.currency)}`}
            ${this.facts(row, savings)} ${this.missed(row, savings.currency)} ${this.days(savings)}`
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
    const bounds = loss ? [-row.saved_max, -row.saved_min] : [row.saved_min, row.saved_max];
    const [least = 0, most = 0] = bounds;
    const watched = row.controlled ? observedIn(row, savings) : 0;
    return html`<div class="figure ${loss ? "loss" : ""}">
      <span>${localize(key)}</span>
      <b class="num">${money(Math.abs(row.saved))}</b>
      <span class="soft">${localize("savings.range", {
        least: money(least),
        most: money(most),
      })} · ${this.span(row)}</span>
      ${watched
        ? html`<span class="soft">${localize(
            watched === 1 ? "savings.watched_one" : "savings.watched",
            { n: watched },
          )}</span>`
        : nothing}
    </div>`;
  }

  /** Of a home in which nothing could have gone otherwise. */
  private paid(row: SavingsRow & { days: number }, currency: string): TemplateResult {
    const { format, localize } = this;
    return html`<div class="figure">
      <span>${localize("savings.paid")}</span>
      <b class="num">${format.money(row.bill, currency)}</b>
      <span class="soft">${this.span(row)}</span>
    </div>`;
  }

  private span({ days, end }: SavingsRow & { days: number }): string {
    const { localize } = this;
    const long = localize(days === 1 ? "savings.one_day" : "savings.days", { n: days });
    return `${long} · ${localize("savings.until", { time: this.format.dayTime(end) })}`;
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
      ...(row.perfect === null ? [] : [bar(localize("savings.perfect"), row.perfect, COLOR.solar)]),
    ];
    return html`<cem-bars .bars=${bars}></cem-bars>`;
  }

  private facts(row: SavingsRow, savings: Savings): TemplateResult {
    const { format, localize } = this;
    const { currency } = savings;
    const alone = isAlone(savings);
    const kw = (value: number) => format.power(value * 1000);
    const kg = (value: number) => `${format.number(value, 1)}\u00a0kg`;
    const money = (value: number) => format.money(value, currency);
    // Where it was only observed, what was is what control would have changed.
    const pair = row.controlled || alone
      ? {
          peak: [row.peak_kw, row.peak_without_kw],
          capacity: [row.capacity, row.capacity_without],
          self_use: [row.self_use, null],
          co2: [row.co2_kg, row.co2_without_kg],
        }
      : {
          peak: [row.peak_planned_kw, row.peak_kw],
          capacity: [row.capacity_planned, row.capacity],
          self_use: [row.self_use_planned, row.self_use],
          co2: [row.co2_planned_kg, row.co2_kg],
        };
    const shown = { peak: kw, capacity: money, self_use: (v: number) => format.percent(v), co2: kg };
    const facts = (["peak", "capacity", "self_use", "co2"] as const).flatMap((name) => {
      const [value = null, other = null] = pair[name];
      if (value === null) return [];
      const show = shown[name];
      const text =
        other === null || alone || show(other) === show(value)
          ? show(value)
          : localize("savings.instead_of", { value: show(value), other: show(other) });
      return [[localize(`savings.${name}`), text] as const];
    });
    if (!savings.co2_known) facts.push([localize("savings.co2"), localize("savings.co2_unknown")]);
    return html`<dl class="facts">
      ${facts.map(
        ([name, text]) => html`<div><dt>${name}</dt><dd class="num">${text}</dd></div>`,
      )}
    </dl>`;
  }

  private missed({ split }: SavingsRow, currency: string): TemplateResult | typeof nothing {
    if (split === null) return nothing;
    const { forecast, planning } = split;
    if (planning !== null && forecast + planning < LEAST_TOLD) return nothing;
    const money = (amount: number) => this.format.money(Math.max(0, amount), currency);
    const text =
      planning === null
        ? this.localize("savings.split_unknown", { forecast: money(forecast) })
        : this.localize("savings.split", { forecast: money(forecast), planning: money(planning) });
    return html`<p class="empty">${text}</p>`;
  }

  private days(savings: Savings): TemplateResult | typeof nothing {
    const { days, currency } = savings;
    if (days.length < 2) return nothing;
    const alone = isAlone(savings);
    const columns = days
      .slice(0, DAYS_SHOWN)
      .reverse()
      .map(({ date, saved, bill }) => {
        const value = alone ? bill : saved;
        const color = alone ? COLOR.grid : saved < 0 ? "var(--bad)" : "var(--good)";
        return {
          name: this.format.date(`${date}T12:00`),
          parts: [{ value, color, text: this.format.money(value, currency) }],
        };
      });
    return html`<cem-columns
      .columns=${columns}
      .label=${this.localize(alone ? "savings.paid_by_day" : "savings.by_day")}
      .tableLabel=${this.localize("savings.by_day_table")}
    ></cem-columns>`;
  }

  private doingNothing(savings: Savings): TemplateResult | typeof nothing {
    const { doing_nothing: devices } = savings;
    if (!devices.length || (savings.periods.length && isAlone(savings))) return nothing;
    return html`<details>
      <summary>${this.localize("savings.doing_nothing")}</summary>
      <ul>
        ${devices.map(
          ({ name, text }) => html`<li>${this.localize("savings.against", { name, text })}</li>`,
        )}
      </ul>
    </details>`;
  }
}

define("cem-savings-card", SavingsCard);
