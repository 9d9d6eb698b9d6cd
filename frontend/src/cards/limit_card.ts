import { css, html, nothing, type TemplateResult } from "lit";

import {
  barShare,
  byUrgency,
  imbalanceW,
  isOrder,
  limitState,
  originKey,
  phaseUse,
  usedShare,
  type LimitState,
} from "../data/limits";
import type { AnnouncedLimit, Limit, LimitCost, Live } from "../data/live";
import { age } from "../i18n/format";
import { define } from "../components/define";
import { icon } from "../components/icons";
import { LiveCard } from "./live_card";

/** Each limit in force: how much is left, who ordered it, until when, what it costs. */
export class LimitCard extends LiveCard {
  static override styles = [
    ...LiveCard.styles,
    css`
      ul {
        list-style: none;
        margin: 0;
        padding: 0;
        display: flex;
        flex-direction: column;
        gap: 18px;
      }
      .row {
        display: flex;
        flex-wrap: wrap;
        justify-content: space-between;
        align-items: baseline;
        gap: 0 12px;
      }
      .name {
        font-weight: 500;
      }
      .left {
        font-size: 20px;
        line-height: 28px;
        font-weight: 500;
      }
      .left small {
        font-size: 13px;
        font-weight: 400;
        color: var(--soft);
      }
      .bar {
        height: 12px;
        margin: 4px 0 6px;
        border-radius: 6px;
        background: var(--fill);
        overflow: hidden;
      }
      .used {
        height: 100%;
        border-radius: 6px;
        background: var(--accent);
        transition: width 0.4s ease-out;
      }
      li.near .bar,
      li.over .bar {
        height: 16px;
        border-radius: 4px;
        outline: 2px solid var(--text);
        outline-offset: 1px;
      }
      li.near .used,
      li.over .used {
        border-radius: 0;
        background: repeating-linear-gradient(
          -45deg,
          var(--state) 0 6px,
          color-mix(in srgb, var(--state) 55%, var(--surface)) 6px 12px
        );
      }
      li.near {
        --state: var(--warn);
      }
      li.over {
        --state: var(--bad);
      }
      .state {
        display: inline-flex;
        align-items: center;
        gap: 6px;
        padding: 3px 10px 3px 6px;
        border-radius: 6px;
        font-weight: 600;
        background: color-mix(in srgb, var(--state) 22%, var(--surface));
        box-shadow: inset 0 0 0 1.5px var(--state);
      }
      .by {
        display: flex;
        align-items: center;
        gap: 6px;
      }
      /* Sentences with numbers: they break, and keep their order from right to left. */
      .said {
        font-variant-numeric: tabular-nums;
        unicode-bidi: plaintext;
      }
      @media (prefers-reduced-motion: reduce) {
        .used {
          transition: none;
        }
      }
    `,
  ];

  protected body(live: Live): TemplateResult {
    const limits = byUrgency(live.limits);
    return html`${this.head(this.localize("limit.title"))}
      ${limits.length
        ? html`<ul>${limits.map((limit) => this.row(limit, live.limit_cost))}</ul>`
        : html`<p class="empty">${this.localize("limit.none")}</p>`}
      ${this.phases(live)}
      ${(live.announced_limits ?? []).map(
        (limit) => html`<p class="soft by">
          ${icon("lock", 16)}${this.localize(`limit.${limit.direction}.${limit.scope}`)}:
          ${this.format.power(limit.limit_w)}, ${this.origin(limit)}
        </p>
        ${this.cost(limit, live.limit_cost)}`,
      )}`;
  }

  private row(limit: Limit, cost: Live["limit_cost"]): TemplateResult {
    const state = limitState(limit);
    const name = this.localize(`limit.${limit.direction}.${limit.scope}`);
    const used = this.used(limit);
    return html`<li class=${state}>
      <div class="row">
        <span class="name">${name}</span>
        ${state === "clear" ? nothing : this.state(state, limit)}
      </div>
      <div class="row">
        <span class="left num">${this.left(limit)}</span>
        <span class="soft num">${used}</span>
      </div>
      <div
        class="bar"
        role="meter"
        aria-label=${name}
        aria-valuemin="0"
        aria-valuemax="100"
        aria-valuenow=${Math.round(barShare(limit) * 100)}
        aria-valuetext=${used}
      >
        <div class="used" style="width:${(barShare(limit) * 100).toFixed(1)}%"></div>
      </div>
      ${this.trips(limit)}
      <div class="soft by">
        ${isOrder(limit) ? icon("lock", 16) : nothing}${this.origin(limit)}
      </div>
      ${this.cost(limit, cost)}
    </li>`;
  }

  private cost(limit: AnnouncedLimit, cost?: LimitCost | null): TemplateResult | typeof nothing {
    if (!cost?.limit_ids.includes(limit.limit_id)) return nothing;
    const said = cost.missed.map(({ text }) => text);
    // What costs nothing needs no words; what makes the plan cheaper leaves something out.
    if (cost.cost >= 0.005) {
      const money = this.format.money(cost.cost, cost.currency);
      const together = cost.limit_ids.length > 1;
      said.unshift(this.localize(together ? "limit.cost_together" : "limit.cost", { cost: money }));
      said.push(this.localize("quality.not_for_billing"));
    }
    return said.length ? html`<div class="soft said">${said.join(" · ")}</div>` : nothing;
  }

  private phases(live: Live): TemplateResult[] {
    const used = phaseUse(live).map(({ phase, power_w, limit_w }) => {
      const limit = this.format.power(limit_w);
      const over = power_w !== null && power_w > limit_w;
      const words =
        power_w === null
          ? this.localize("limit.at_most", { limit })
          : this.localize("limit.of", { power: this.format.power(power_w), limit });
      return over ? `L${phase} ${words} (${this.localize("limit.state.over")})` : `L${phase} ${words}`;
    });
    const known = live.grid_power_w !== null && live.phases.length > 1;
    if (!used.length && known) used.push(...this.measured(live));
    const apart = imbalanceW(live.phase_limits);
    const lines: string[] = [];
    if (used.length) lines.push(`${this.localize("limit.phases")}: ${used.join(" · ")}`);
    if (apart !== undefined) {
      const limit = `${this.format.number(apart / 1000, 1)}\u00a0kVA`;
      lines.push(`${this.localize("limit.imbalance")}: ${this.localize("limit.at_most", { limit })}`);
    }
    return lines.map((line) => html`<p class="soft said">${line}</p>`);
  }

  /** What flows on each phase, where none is limited for itself. */
  private measured({ phases }: Live): string[] {
    return phases.flatMap(({ phase, power_w }) =>
      power_w === null ? [] : [`L${phase} ${this.format.power(power_w)}`],
    );
  }

  private state(state: LimitState, limit: Limit): TemplateResult {
    if (state === "unknown") return html`<span class="chip">${this.localize("limit.state.unknown")}</span>`;
    if (state === "clear") return html``;
    return html`<span class="state" role="status"
      >${icon("warning", 18)}${this.localize(
        state === "near" && limit.level === "warning"
          ? "limit.state.very_near"
          : `limit.state.${state}`,
      )}</span
    >`;
  }

  private trips(limit: Limit): TemplateResult | typeof nothing {
    const seconds = limit.seconds_to_trip;
    if (seconds === null || seconds === undefined) return nothing;
    const time = age(seconds, this.localize);
    return html`<div class="by">${icon("warning", 16)}${this.localize("limit.trips", { time })}</div>`;
  }

  private left(limit: Limit): TemplateResult | string {
    if (limit.distance_w === null) return "–";
    const over = limit.distance_w < 0;
    return html`${this.format.power(Math.abs(limit.distance_w))}
      <small>${this.localize(over ? "limit.over" : "limit.left")}</small>`;
  }

  private used(limit: Limit): string {
    const bound = this.format.power(limit.limit_w);
    if (limit.power_w === null) return this.localize("limit.of_unknown", { limit: bound });
    const power = this.format.power(Math.max(0, limit.power_w));
    const share = usedShare(limit);
    const of = this.localize("limit.of", { power, limit: bound });
    return share === null || !Number.isFinite(share)
      ? of
      : `${of} · ${this.format.percent(share)}`;
  }

  private origin(limit: AnnouncedLimit): string {
    const by = this.localize(originKey(limit), { issuer: limit.issuer });
    const parts = [by];
    if (limit.start && new Date(limit.start).getTime() > Date.now()) {
      parts.push(this.localize("limit.from", { time: this.format.dayTime(limit.start) }));
    }
    if (limit.end) {
      parts.push(this.localize("limit.until", { time: this.format.dayTime(limit.end) }));
    } else if (isOrder(limit)) parts.push(this.localize("limit.until_changed"));
    const said = parts.join(", ");
    return limit.reason ? `${said}. ${limit.reason}` : said;
  }
}

define("cem-limit-card", LimitCard);
