import { css, html, nothing, type TemplateResult } from "lit";
import { state } from "lit/decorators.js";

import type { Log, LogEntry } from "../data/dashboard";
import type { Hass } from "../data/hass";
import { askedOf } from "../data/shared";
import type { Source } from "../data/subscription";
import { define } from "../components/define";
import "../components/segments";
import { lookup } from "../i18n/localize";
import { type CardConfig, CemCard } from "./card";

const EVERY_MS = 10_000;
const SHOWN = 12;
const ABOUT = ["all", "limit", "device", "plan"] as const;

type About = (typeof ABOUT)[number];

export interface LogCardConfig extends CardConfig {
  /** What it begins with; all without it. */
  about?: About;
}

/** What happened and why, the newest first. */
export class LogCard extends CemCard<Log> {
  protected override readonly size = 8;

  static override styles = [
    ...CemCard.styles,
    css`
      ol {
        list-style: none;
        margin: 0;
        padding: 0;
        display: grid;
        gap: 10px;
      }
      li {
        display: grid;
        grid-template-columns: max-content minmax(0, 1fr);
        gap: 0 12px;
      }
      li p {
        margin: 0;
        overflow-wrap: anywhere;
      }
      b {
        font-weight: 500;
      }
    `,
  ];

  @state() private about: About = "all";
  @state() private whole = false;

  override setConfig(config: LogCardConfig): void {
    if (config.about !== undefined && !ABOUT.includes(config.about)) {
      throw new Error(`about: expected one of ${ABOUT.join(", ")}`);
    }
    super.setConfig(config);
    this.about = config.about ?? "all";
  }

  protected subscribe(hass: Hass, entryId: string): Source<Log> {
    return askedOf(hass.connection, { type: "cem/log", entry_id: entryId }, EVERY_MS);
  }

  protected body({ entries, since }: Log): TemplateResult {
    const { localize } = this;
    const those = entries.filter(({ about }) => this.about === "all" || about === this.about);
    const shown = this.whole ? those : those.slice(0, SHOWN);
    return html`<div class="head">
        <h2>${localize("log.title")}</h2>
        <span class="soft">${localize("log.since", { time: this.format.dayTime(since) })}</span>
      </div>
      <cem-segments
        .label=${localize("log.about")}
        .options=${ABOUT.map((value) => ({ value, text: localize(`log.${value}`) }))}
        .value=${this.about}
        @pick=${(event: CustomEvent<About>) => (this.about = event.detail)}
      ></cem-segments>
      ${shown.length
        ? html`<ol>${shown.map((entry) => this.entry(entry))}</ol>`
        : html`<p class="empty">${localize("log.none")}</p>`}
      ${those.length > shown.length
        ? html`<button class="pill" @click=${() => (this.whole = true)}>${localize("log.more", {
            n: those.length - shown.length,
          })}</button>`
        : nothing}`;
  }

  private entry({ time, name, action, text }: LogEntry): TemplateResult {
    const does = action === null ? "" : lookup(this.localize, `action.${action}`, action);
    const who = [name, does].filter(Boolean).join(" · ");
    return html`<li>
      <time class="soft num" datetime=${time}>${this.format.dayTime(time)}</time>
      <p>${who ? html`<b>${who}</b><br />` : nothing}${text}</p>
    </li>`;
  }
}

define("cem-log-card", LogCard);
