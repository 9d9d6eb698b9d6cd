import { css, html, nothing, type TemplateResult } from "lit";
import { state } from "lit/decorators.js";

import type { CountedKind, Energy } from "../data/dashboard";
import type { Hass } from "../data/hass";
import { askedOf } from "../data/shared";
import type { Source } from "../data/subscription";
import type { Bar } from "../components/bars";
import "../components/bars";
import { COLOR } from "../components/colors";
import "../components/columns";
import type { Column } from "../components/columns";
import { define } from "../components/define";
import { periodChoice } from "../components/period";
import { CemCard } from "./card";

const PERIODS = ["day", "month", "year"] as const;
const EVERY_MS = 60_000;
const INTO = ["import", "solar", "discharge"] as const;
const OUT = ["export", "charge"] as const;
const MEDIA = ["gas", "water", "heat"] as const;
const COLORS: Record<CountedKind, string> = {
  import: COLOR.grid,
  export: COLOR.export,
  solar: COLOR.solar,
  charge: COLOR.battery,
  discharge: COLOR.battery,
  gas: COLOR.heat_pump,
  water: COLOR.grid,
  heat: COLOR.heat_pump,
};

/** What was counted in a day, a month or a year. */
export class EnergyCard extends CemCard<Energy> {
  protected override readonly size = 12;

  static override styles = [
    ...CemCard.styles,
    css`
      dl {
        margin: 0;
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        gap: 6px 12px;
      }
      dd {
        margin: 0;
      }
      h3 {
        margin: 4px 0 0;
        font-size: 14px;
        font-weight: 500;
      }
    `,
  ];

  @state() private period: Energy["period"] = "day";

  protected subscribe(hass: Hass, entryId: string): Source<Energy> {
    const question = { type: "cem/energy", entry_id: entryId, period: this.period };
    return askedOf(hass.connection, question, EVERY_MS);
  }

  protected body(energy: Energy): TemplateResult {
    const { localize } = this;
    return html`<div class="head">
        <h2>${localize("energy.title")}</h2>
        ${periodChoice(PERIODS, this.period, localize, (value) => this.choose(value))}
      </div>
      ${energy.counted.length
        ? html`<cem-bars .bars=${this.bars(energy)}></cem-bars> ${this.chart(energy)}
            ${this.media(energy)}`
        : html`<p class="empty">${localize("energy.none", { time: this.format.time(energy.first_at) })}</p>`}
      ${energy.measured.length
        ? html`<p class="empty">${localize("energy.measured")}</p>`
        : nothing}
      ${this.standby(energy)}`;
  }

  private standby({ standby_w, standby_at }: Energy): TemplateResult | typeof nothing {
    const { localize, format } = this;
    if (standby_w !== null) {
      const energy = `${format.number(standby_w * 8.76, 0)}\u00a0kWh`;
      const values = { power: format.power(standby_w), energy };
      return html`<p class="empty">${localize("energy.standby", values)}</p>`;
    }
    if (standby_at === null) return nothing;
    const time = format.dayTime(standby_at);
    return html`<p class="empty">${localize("energy.standby_at", { time })}</p>`;
  }

  private choose(value: Energy["period"]): void {
    this.period = value;
    this.followAnew();
  }

  private bars({ counted }: Energy): Bar[] {
    const { localize } = this;
    const bars: Bar[] = [];
    let [into, out] = [0, 0];
    for (const kind of [...INTO, ...OUT]) {
      const those = counted.filter((each) => each.kind === kind);
      const parts = those.filter(({ name }) => name !== null);
      const whole = those.filter(({ name }) => name === null);
      if (!those.length) continue;
      const value = (whole.length ? whole : parts).reduce((all, each) => all + each.value, 0);
      if ((INTO as readonly string[]).includes(kind)) into += value;
      else out += value;
      bars.push(this.bar(localize(`energy.${kind}`), kind, value));
      for (const { name, value: share } of parts.filter((each) => each.value > 0)) {
        const tariff = localize("energy.tariff", { tariff: name ?? "" });
        bars.push({ ...this.bar(tariff, kind, share), part: true });
      }
    }
    // Without the grid's share nobody knows what the home used.
    if (into > 0 && counted.some(({ kind }) => kind === "import")) {
      const text = this.format.energy(into - out);
      bars.unshift({
        name: localize("energy.used"),
        value: into - out,
        text,
        color: COLOR.house,
      });
    }
    return bars;
  }

  private bar(name: string, kind: CountedKind, value: number): Bar {
    return { name, value, text: this.format.energy(value), color: COLORS[kind] };
  }

  private chart({ rows, period }: Energy): TemplateResult | typeof nothing {
    if (rows.length < 2) return nothing;
    const { format } = this;
    const columns: Column[] = rows.map((row) => ({
      name: period === "day" ? format.time(row.start) : format.date(row.start),
      parts: [
        ...INTO.filter((kind) => row[kind] !== undefined).map((kind) => this.share(row, kind, 1)),
        ...OUT.filter((kind) => row[kind] !== undefined).map((kind) => this.share(row, kind, -1)),
      ],
    }));
    return html`<cem-columns
      .columns=${columns}
      .label=${this.localize("energy.chart")}
      .tableLabel=${this.localize("plan.table")}
    ></cem-columns>`;
  }

  private share(row: Energy["rows"][number], kind: CountedKind, sign: 1 | -1): Column["parts"][number] {
    const value = row[kind] ?? 0;
    const text = `${this.localize(`energy.${kind}`)} ${this.format.energy(value)}`;
    return { value: sign * value, color: COLORS[kind], text };
  }

  private media({ counted }: Energy): TemplateResult | typeof nothing {
    const those = counted.filter(({ kind }) => (MEDIA as readonly string[]).includes(kind));
    if (!those.length) return nothing;
    return html`<h3>${this.localize("energy.media")}</h3>
      <dl>
        ${those.map(
          ({ kind, name, value, unit }) => html`<dt>${name ?? this.localize(`energy.${kind}`)}</dt>
            <dd class="num">${this.format.number(value, unit === "m³" ? 2 : 1)}\u00a0${unit}</dd>`,
        )}
      </dl>`;
  }
}

define("cem-energy-card", EnergyCard);
