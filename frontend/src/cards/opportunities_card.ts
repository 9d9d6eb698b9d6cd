import { css, html, nothing, type TemplateResult } from "lit";
import { state } from "lit/decorators.js";

import type { Opportunities, Opportunity } from "../data/dashboard";
import { errorText, type Hass } from "../data/hass";
import { askedOf } from "../data/shared";
import type { Source } from "../data/subscription";
import { endWish, setWish } from "../data/wish";
import { define } from "../components/define";
import { icon } from "../components/icons";
import { CemCard } from "./card";

const EVERY_MS = 60_000;
const ICONS = { cheap: "check", dear: "clock", surplus: "solar", peak: "warning" } as const;

interface Done {
  name: string;
  start: string;
  wishId: string;
  startsItself: boolean;
}

/** What would be cheaper at another time, each with one button. */
export class OpportunitiesCard extends CemCard<Opportunities> {
  protected override readonly size = 3;

  static override styles = [
    ...CemCard.styles,
    css`
      ul {
        list-style: none;
        margin: 0;
        padding: 0;
        display: grid;
        gap: 12px;
      }
      li,
      .done {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 8px 12px;
      }
      li p,
      .done p {
        flex: 1 1 200px;
        margin: 0;
      }
      .failed {
        color: var(--bad);
        margin: 0;
      }
    `,
  ];

  @state() private done?: Done;
  @state() private failed?: string;

  protected subscribe(hass: Hass, entryId: string): Source<Opportunities> {
    return askedOf(hass.connection, { type: "cem/opportunities", entry_id: entryId }, EVERY_MS);
  }

  protected body({ opportunities, times, appliances }: Opportunities): TemplateResult {
    const { localize } = this;
    return html`<h2>${localize("opportunities.title")}</h2>
      ${this.done ? this.told(this.done) : nothing}
      ${opportunities.length
        ? html`<ul>${opportunities.map((each) => this.row(each))}</ul>`
        : times.length
          ? nothing
          : html`<p class="empty">${localize(
              appliances ? "opportunities.none" : "opportunities.no_appliances",
            )}</p>`}
      ${times.length
        ? html`<ul class="times" aria-label=${localize("opportunities.times")}>
            ${times.map(({ kind, text }) => html`<li>${icon(ICONS[kind], 24)}<p>${text}</p></li>`)}
          </ul>`
        : nothing}
      ${this.failed ? html`<p class="failed" role="alert">${this.failed}</p>` : nothing}`;
  }

  private row(each: Opportunity): TemplateResult {
    return html`<li>
      ${icon(each.kind, 24)}
      <p>${each.text}</p>
      ${this.mayAct
        ? html`<button
            class="pill"
            aria-label=${this.localize("opportunities.plan_it_help", { name: each.name })}
            @click=${() => this.take(each)}
          >${this.localize("opportunities.plan_it")}</button>`
        : nothing}
    </li>`;
  }

  private told({ name, start, startsItself }: Done): TemplateResult {
    const key = startsItself ? "opportunities.planned" : "opportunities.start_it";
    return html`<div class="done" role="status">
      ${icon("check", 20)}
      <p>${this.localize(key, { name, time: this.format.dayTime(start) })}</p>
      <button class="pill" @click=${() => this.undo()}>${this.localize("wish.undo")}</button>
    </div>`;
  }

  private async take(opportunity: Opportunity): Promise<void> {
    const { hass, subscription } = this;
    const { device, name, start, starts_itself: startsItself } = opportunity;
    if (!hass || !subscription) return;
    await this.act(async () => {
      const wish = { device, what: "start", start } as const;
      const { wish_id } = await setWish(hass.connection, subscription.entryId, wish);
      this.done = { name, start, wishId: wish_id, startsItself };
    });
  }

  private async undo(): Promise<void> {
    const { hass, subscription, done } = this;
    if (!hass || !subscription || !done) return;
    await this.act(async () => {
      await endWish(hass.connection, subscription.entryId, done.wishId);
      this.done = undefined;
    });
  }

  private async act(act: () => Promise<void>): Promise<void> {
    try {
      await act();
      this.failed = undefined;
      this.askAgain();
    } catch (error: unknown) {
      this.failed = this.localize("device.failed", { error: errorText(error) });
    }
  }
}

define("cem-opportunities-card", OpportunitiesCard);
