import { css, html, nothing, type TemplateResult } from "lit";
import { state } from "lit/decorators.js";

import type { Opportunities, Opportunity, Taken } from "../data/dashboard";
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
}

/** What becomes of an opportunity that is taken up; its button says so. */
function way(each: Opportunity): "plan_it" | "do_it" | "remind" {
  if (each.reminds) return "remind";
  return each.takes_control ? "do_it" : "plan_it";
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

  protected body({ opportunities, taken, times, appliances }: Opportunities): TemplateResult {
    const { localize } = this;
    return html`<h2>${localize("opportunities.title")}</h2>
      ${this.done ? this.told(this.done) : nothing}
      ${taken.length ? html`<ul class="taken">${taken.map((each) => this.takenRow(each))}</ul>` : nothing}
      ${opportunities.length
        ? html`<ul>${opportunities.map((each) => this.row(each))}</ul>`
        : times.length || taken.length
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
            aria-label=${this.localize(`opportunities.${way(each)}_help`, { name: each.name })}
            @click=${() => this.take(each)}
          >${this.localize(`opportunities.${way(each)}`)}</button>`
        : nothing}
    </li>`;
  }

  private takenRow({ wish_id, kind, text }: Taken): TemplateResult {
    return html`<li>
      ${icon(kind, 24)}
      <p role="status">${text}</p>
      ${this.mayAct ? this.undoButton(wish_id) : nothing}
    </li>`;
  }

  private told({ name, start, wishId }: Done): TemplateResult {
    return html`<div class="done" role="status">
      ${icon("check", 20)}
      <p>${this.localize("opportunities.planned", { name, time: this.format.dayTime(start) })}</p>
      ${this.undoButton(wishId)}
    </div>`;
  }

  private undoButton(wishId: string): TemplateResult {
    return html`<button class="pill" @click=${() => this.undo(wishId)}>
      ${this.localize("wish.undo")}
    </button>`;
  }

  private async take(opportunity: Opportunity): Promise<void> {
    const { hass, subscription } = this;
    const { device, name, what, start, end, power_w } = opportunity;
    if (!hass || !subscription) return;
    await this.act(async () => {
      const { takes_control, reminds } = opportunity;
      const wish = { device, what, start, end, power_w, takes_control, reminds };
      const { wish_id } = await setWish(hass.connection, subscription.entryId, wish);
      // What the home does not do by itself is told among what was taken up.
      this.done = opportunity.starts_itself ? { name, start, wishId: wish_id } : undefined;
    });
  }

  private async undo(wishId: string): Promise<void> {
    const { hass, subscription } = this;
    if (!hass || !subscription) return;
    await this.act(async () => {
      await endWish(hass.connection, subscription.entryId, wishId);
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
