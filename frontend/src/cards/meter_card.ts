import { css, html, nothing, type TemplateResult } from "lit";

import type { Hass } from "../data/hass";
import type { Figure, MeterMessage, Register } from "../data/meter";
import { meterOf } from "../data/shared";
import type { Subscription } from "../data/subscription";
import { define } from "../components/define";
import { mark } from "../components/mark";
import { age } from "../i18n/format";
import { CemCard } from "./card";

/** The meter's registers unmodified, who it is, when it spoke and how its line is. */
export class MeterCard extends CemCard<MeterMessage> {
  static override styles = [
    ...CemCard.styles,
    css`
      table {
        width: 100%;
        border-collapse: collapse;
      }
      caption,
      th {
        text-align: start;
        font-weight: 500;
      }
      th,
      td {
        padding: 3px 0;
        border-block-end: 1px solid var(--line);
      }
      .code {
        white-space: nowrap;
      }
      tbody th {
        font-weight: 400;
        overflow-wrap: anywhere;
      }
      td {
        text-align: end;
        overflow-wrap: anywhere;
      }
      .old td {
        color: var(--soft);
      }
      .mark {
        margin-inline-start: 4px;
        color: var(--soft);
      }
    `,
  ];

  protected subscribe(hass: Hass, entryId: string): Subscription<MeterMessage> {
    return meterOf(hass.connection, entryId);
  }

  protected body(meter: MeterMessage): TemplateResult {
    const old = meter.silent || this.subscription?.state !== "live";
    const heading = html`<div class="head"><h2>${this.localize("meter.title")}</h2>${this.billing(meter)}</div>`;
    if (meter.format === null) {
      return html`${heading}<p class="empty">${this.localize("meter.none")}</p>${this.line(meter)}`;
    }
    return html`${heading}
      <p class="soft who">${this.who(meter)}</p>
      <div class=${old ? "old" : ""}>
        ${this.figures(meter.figures)}
        ${meter.registers.length
          ? html`<details>
              <summary>${this.localize("meter.registers")}</summary>
              ${this.registers(meter.registers)}
            </details>`
          : nothing}
      </div>
      ${this.line(meter)}`;
  }

  private billing(meter: MeterMessage): TemplateResult | typeof nothing {
    const backed = meter.mid_meter && meter.figures.every(({ quality }) => quality === "metered");
    return backed ? nothing : html`<span class="chip">${this.localize("quality.not_for_billing")}</span>`;
  }

  private who(meter: MeterMessage): string {
    const said = [
      meter.format === "entity"
        ? this.localize("meter.entity")
        : this.localize("meter.format", { format: meter.format ?? "" }),
    ];
    if (meter.meter_id !== null) said.unshift(this.localize("meter.id", { id: meter.meter_id }));
    if (meter.measured_at !== null) {
      said.push(this.localize("meter.at", { time: this.format.dayTime(meter.measured_at) }));
    }
    if (meter.age_s !== null) {
      said.push(this.localize("meter.age", { age: age(meter.age_s, this.localize) }));
    }
    return said.join(" · ");
  }

  private figures(figures: Figure[]): TemplateResult {
    return html`<table>
      <caption>${this.localize("meter.figures")}</caption>
      <tbody>
        ${figures.map(
          (each) => html`<tr>
            <th scope="row">${this.name(each)}</th>
            <td class="num">
              <bdi>${this.display(each)}</bdi>${mark(each.quality, this.localize)}
            </td>
          </tr>`,
        )}
      </tbody>
    </table>`;
  }

  /** Energy as a meter's own display has it. */
  private display({ value, unit }: Figure): string {
    return unit === "Wh"
      ? `${this.format.number(value / 1000, 3)}\u00a0kWh`
      : `${this.format.number(value, 0)}\u00a0${unit}`;
  }

  private name({ figure, register }: Figure): string {
    const name = this.localize(`meter.${figure}`);
    if (register === null) return name;
    const which =
      register === "total"
        ? this.localize("meter.total")
        : this.localize("meter.tariff", { tariff: register });
    return this.localize("meter.figure_of", { figure: name, register: which });
  }

  /** Values are not formatted: they stand as the meter says them. */
  private registers(registers: Register[]): TemplateResult {
    return html`<table>
      <thead>
        <tr>
          <th scope="col">${this.localize("meter.register")}</th>
          <th scope="col">${this.localize("meter.value")}</th>
        </tr>
      </thead>
      <tbody>
        ${registers.map(
          ({ code, value, unit, time }) => html`<tr>
            <th scope="row" class="code"><bdi>${code}</bdi></th>
            <td>
              <bdi>${value}${unit === null ? nothing : `\u00a0${unit}`}</bdi>
              ${time === null ? nothing : html`<span class="soft">${this.format.dayTime(time)}</span>`}
            </td>
          </tr>`,
        )}
      </tbody>
    </table>`;
  }

  private line({ line }: MeterMessage): TemplateResult | typeof nothing {
    if (line === null) return nothing;
    const { bytes, telegrams, damaged, data_age_s: old } = line;
    const said = [
      this.localize("meter.line", {
        bytes: this.format.number(bytes, 0),
        telegrams: this.format.number(telegrams, 0),
        damaged: this.format.number(damaged, 0),
      }),
    ];
    if (old !== null) said.push(this.localize("meter.line_age", { age: age(old, this.localize) }));
    return html`<p class="soft">${said.join(" · ")}</p>`;
  }
}

define("cem-meter-card", MeterCard);
