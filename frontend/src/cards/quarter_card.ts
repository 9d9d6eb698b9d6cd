import { css, html, nothing, type TemplateResult } from "lit";

import type { Live, QuarterHour } from "../data/live";
import { define } from "../components/define";
import { icon } from "../components/icons";
import { LiveCard } from "./live_card";

const QUARTER_S = 900;

/** The running quarter hour's mean import against this month's peak. */
export class QuarterCard extends LiveCard {
  protected override readonly size = 4;

  static override styles = [
    ...LiveCard.styles,
    css`
      .values {
        display: grid;
        grid-template-columns: repeat(3, 1fr);
        gap: 12px;
      }
      .values div {
        display: flex;
        flex-direction: column;
      }
      .values b {
        font-size: 18px;
        line-height: 26px;
        font-weight: 500;
      }
      .scale {
        position: relative;
        height: 16px;
        margin-top: 4px;
        border-radius: 8px;
        background: var(--fill);
      }
      .mean,
      .projected {
        position: absolute;
        inset: 0 auto 0 0;
        border-radius: 8px;
        transition: width 0.4s ease-out;
      }
      .projected {
        background: repeating-linear-gradient(
          -45deg,
          color-mix(in srgb, var(--state) 45%, transparent) 0 4px,
          color-mix(in srgb, var(--state) 20%, transparent) 4px 8px
        );
      }
      .mean {
        background: var(--state);
      }
      .peak {
        position: absolute;
        top: -5px;
        bottom: -5px;
        width: 3px;
        margin-left: -1.5px;
        border-radius: 2px;
        background: var(--text);
      }
      .says {
        display: flex;
        gap: 6px;
      }
      .says.above {
        font-weight: 600;
      }
      .foot {
        display: flex;
        justify-content: space-between;
        gap: 16px;
      }
      .says,
      .left {
        align-items: flex-start;
      }
      .left {
        display: inline-flex;
        gap: 6px;
      }
      @media (prefers-reduced-motion: reduce) {
        .mean,
        .projected {
          transition: none;
        }
      }
    `,
  ];

  protected body(live: Live): TemplateResult {
    const title = this.head(this.localize("quarter.title"));
    if (!live.quarter_hour) {
      return html`${title}<p class="empty">${this.localize("quarter.none")}</p>`;
    }
    return html`${title}${this.quarter(live.quarter_hour)}`;
  }

  private quarter(quarter: QuarterHour): TemplateResult {
    const { mean_w: mean, projected_w: projected, month_peak_w: peak } = quarter;
    const above = projected !== null && peak !== null && projected > peak;
    const top = Math.max(mean, projected ?? 0, peak ?? 0, 1000) * 1.15;
    const width = (power: number) => `${((Math.max(0, power) / top) * 100).toFixed(1)}%`;
    return html`
      <div class="values">
        ${this.value("quarter.mean", mean)}
        ${this.value("quarter.projected", projected)}
        ${this.value("quarter.month_peak", peak)}
      </div>
      <div class="scale" aria-hidden="true" style="--state:var(${above ? "--warn" : "--accent"})">
        ${projected === null ? nothing : html`<div class="projected" style="width:${width(projected)}"></div>`}
        <div class="mean" style="width:${width(mean)}"></div>
        ${peak === null ? nothing : html`<div class="peak" style="left:${width(peak)}"></div>`}
      </div>
      <div class="foot">
        <span class="says soft ${above ? "above" : ""}">
          ${above ? icon("warning", 18) : icon("check", 18)}${this.verdict(projected, peak)}
        </span>
        <span class="left soft num">${this.ring(quarter.remaining_s)}${this.localize(
          "quarter.left",
          { time: this.format.countdown(quarter.remaining_s) },
        )}</span>
      </div>`;
  }

  private value(
    key: "quarter.mean" | "quarter.projected" | "quarter.month_peak",
    power: number | null,
  ): TemplateResult {
    return html`<div>
      <span class="soft">${this.localize(key)}</span>
      <b class="num">${power === null ? "–" : this.format.power(power)}</b>
    </div>`;
  }

  private verdict(projected: number | null, peak: number | null): string {
    if (projected === null) return "";
    if (peak === null) return this.localize("quarter.first");
    const power = this.format.power(Math.abs(projected - peak));
    return this.localize(projected > peak ? "quarter.above" : "quarter.below", { power });
  }

  private ring(remaining: number): TemplateResult {
    const length = 2 * Math.PI * 7;
    const gone = 1 - Math.min(1, Math.max(0, remaining / QUARTER_S));
    return html`<svg width="18" height="18" viewBox="0 0 18 18" aria-hidden="true">
      <circle cx="9" cy="9" r="7" fill="none" stroke="var(--line)" stroke-width="3"></circle>
      <circle cx="9" cy="9" r="7" fill="none" stroke="var(--soft)" stroke-width="3"
        stroke-dasharray="${(length * gone).toFixed(1)} ${length.toFixed(1)}"
        transform="rotate(-90 9 9)"></circle>
    </svg>`;
  }
}

define("cem-quarter-hour-card", QuarterCard);
