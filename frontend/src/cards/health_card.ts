import { css, html, type TemplateResult } from "lit";

import type { Health, Link } from "../data/dashboard";
import type { Hass } from "../data/hass";
import { askedOf } from "../data/shared";
import type { Source } from "../data/subscription";
import { define } from "../components/define";
import { icon } from "../components/icons";
import { age } from "../i18n/format";
import { lookup } from "../i18n/localize";
import { CemCard } from "./card";

const EVERY_MS = 10_000;

/** How old data are, whether links hold, how good forecasts and plan are. */
export class HealthCard extends CemCard<Health> {
  protected override readonly size = 10;

  static override styles = [
    ...CemCard.styles,
    css`
      ul {
        list-style: none;
        margin: 0;
        padding: 0;
        display: grid;
        gap: 8px;
      }
      li {
        display: grid;
        grid-template-columns: 20px minmax(0, 1fr);
        gap: 0 10px;
        align-items: center;
      }
      li > :first-child {
        grid-row: span 2;
      }
      li > span {
        overflow-wrap: anywhere;
      }
      .good {
        color: var(--good);
      }
      .bad {
        color: var(--bad);
      }
      h3 {
        margin: 4px 0 0;
        font-size: 14px;
        font-weight: 500;
      }
      p {
        margin: 0;
      }
    `,
  ];

  protected subscribe(hass: Hass, entryId: string): Source<Health> {
    return askedOf(hass.connection, { type: "cem/health", entry_id: entryId }, EVERY_MS);
  }

  protected body(health: Health): TemplateResult {
    const { localize } = this;
    return html`<h2>${localize("health.title")}</h2>
      ${health.links.length
        ? html`<ul>${health.links.map((link) => this.link(link))}</ul>`
        : html`<p class="empty">${localize("health.no_links")}</p>`}
      <h3>${localize("health.plan")}</h3>
      ${this.plan(health)}
      <h3>${localize("health.forecasts")}</h3>
      ${health.forecasts.length
        ? html`<ul>${health.forecasts.map((each) => this.forecast(each))}</ul>`
        : html`<p class="empty">${localize("health.no_forecasts")}</p>`}`;
  }

  private link({ kind, name, ok, age_s: ageS, reaction_s: reactionS }: Link): TemplateResult {
    const { localize, format } = this;
    const told = [
      ok ? localize("health.ok") : localize("health.silent"),
      ageS === null ? null : localize("health.age", { age: age(ageS, localize) }),
      reactionS === null
        ? null
        : localize("health.reacts", { seconds: format.number(reactionS, 1) }),
    ].filter((each) => each !== null);
    return html`<li>
      <span class=${ok ? "good" : "bad"}>${icon(ok ? "check" : "warning", 20)}</span>
      <span>${name || lookup(localize, `health.${kind}`, kind)}</span>
      <span class="soft">${told.join(" · ")}</span>
    </li>`;
  }

  private plan({ plan }: Health): TemplateResult {
    const { localize, format } = this;
    if (!plan) return html`<p class="empty">${localize("status.no_plan")}</p>`;
    const told = [
      lookup(localize, `plan.status.${plan.status}`, plan.status),
      localize("health.age", { age: age(plan.age_s, localize) }),
      localize("health.until", { time: format.dayTime(plan.until) }),
      plan.gap === null
        ? null
        : localize("health.gap", { share: format.percent(plan.gap, 2) }),
      plan.solve_s === null
        ? null
        : localize("health.solved", { seconds: format.number(plan.solve_s, 2) }),
      plan.prices_known_until === null
        ? null
        : localize("health.prices", { time: format.dayTime(plan.prices_known_until) }),
    ];
    return html`<p class="soft">${told.filter((each) => each !== null).join(" · ")}</p>`;
  }

  private forecast({ kind, name, error }: Health["forecasts"][number]): TemplateResult {
    const { localize, format } = this;
    return html`<li>
      ${icon(kind === "load" ? "house" : "solar", 20)}
      <span>${name ?? localize("health.load")}</span>
      <span class="soft">${localize("health.error", {
        share: format.percent(error.error_share),
        days: format.number(error.days, 0),
      })}</span>
    </li>`;
  }
}

define("cem-health-card", HealthCard);
