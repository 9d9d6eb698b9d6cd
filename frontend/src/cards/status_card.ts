import { css, html, nothing, type TemplateResult } from "lit";
import { state } from "lit/decorators.js";

import { errorText } from "../data/hass";
import type { Live, Mode } from "../data/live";
import { define } from "../components/define";
import { icon } from "../components/icons";
import "../components/segments";
import { age } from "../i18n/format";
import { LiveCard } from "./live_card";

const MODES: readonly Mode[] = ["observe", "advise", "control"];

/** The mode, whether the data are live, and what is wrong. */
export class StatusCard extends LiveCard {
  protected override readonly size = 2;

  @state() private failed?: string;

  static override styles = [
    ...LiveCard.styles,
    css`
      .state {
        display: flex;
        align-items: center;
        gap: 8px;
        flex-wrap: wrap;
      }
      .dot {
        width: 10px;
        height: 10px;
        border-radius: 50%;
        background: var(--good);
      }
      .dot.stale {
        border-radius: 2px;
        background: var(--bad);
      }
      .live {
        font-weight: 500;
      }
      .modes {
        display: flex;
        align-items: center;
        gap: 12px;
        flex: 0 1 auto;
      }
      cem-segments {
        flex: 1 1 auto;
        min-width: 240px;
      }
      .problems {
        list-style: none;
        margin: 0;
        padding: 0;
        display: grid;
        gap: 8px;
      }
      .problems li {
        display: flex;
        gap: 10px;
        align-items: flex-start;
        padding: 8px 12px;
        border-radius: 8px;
        background: color-mix(in srgb, var(--warn) 16%, var(--surface));
        border-left: 4px solid var(--warn);
      }
      @container (max-width: 520px) {
        .modes,
        .state {
          flex: 1 1 100%;
        }
        .modes .soft {
          display: none;
        }
      }
    `,
  ];

  protected body(live: Live): TemplateResult {
    const problems = [...live.problems];
    if (this.failed) problems.push({ code: "action", text: this.failed });
    return html`<div class="head">
        <div class="state" role="status">${this.stale ? this.since(live) : this.alive(live)}</div>
        <div class="modes">
          <span class="soft">${this.localize(`mode.${live.mode}.help`)}</span>
          <cem-segments
            .label=${this.localize("status.mode")}
            .options=${MODES.map((value) => ({ value, text: this.localize(`mode.${value}`) }))}
            .value=${live.mode}
            .disabled=${this.hass?.user?.is_admin === false}
            @pick=${(event: CustomEvent<string>) => this.setMode(event.detail)}
          ></cem-segments>
        </div>
      </div>
      ${problems.length
        ? html`<ul class="problems" aria-label=${this.localize("status.problems")}>
            ${problems.map((problem) => html`<li>${icon("warning", 20)}<span>${problem.text}</span></li>`)}
          </ul>`
        : nothing}`;
  }

  private since(live: Live): TemplateResult {
    const time = this.format.time(live.time);
    return html`<span class="dot stale"></span>
      <span class="live">${this.localize("status.stale", { time })}</span>`;
  }

  private alive(live: Live): TemplateResult {
    const { connected } = live.meter;
    return html`<span class="dot ${connected ? "" : "stale"}"></span>
      <span class="live">${this.localize(connected ? "status.live" : "status.meter_silent")}</span>
      <span class="soft num">${this.meter(live)} · ${this.plan(live)}</span>`;
  }

  private meter({ meter }: Live): string {
    if (meter.age_s === null) return this.localize("status.meter_never");
    const old = age(meter.age_s, this.localize);
    return this.localize(meter.connected ? "status.meter_age" : "status.meter_last", { age: old });
  }

  private plan({ plan }: Live): string {
    if (!plan || plan.age_s === null) return this.localize("status.no_plan");
    return this.localize("status.plan_age", { age: age(plan.age_s, this.localize) });
  }

  private async setMode(mode: string): Promise<void> {
    const entryId = this.subscription?.entryId;
    if (!this.hass || entryId === undefined) return;
    try {
      await this.hass.connection.sendMessagePromise({
        type: "cem/set_mode",
        entry_id: entryId,
        mode,
      });
      this.failed = undefined;
    } catch (error: unknown) {
      this.failed = this.localize("device.failed", { error: errorText(error) });
    }
  }
}

define("cem-status-card", StatusCard);
