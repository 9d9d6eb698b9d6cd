/** A card that shows live readings and says when they are no longer live. */

import { html, nothing, type TemplateResult } from "lit";

import type { Hass } from "../data/hass";
import type { Live } from "../data/live";
import { liveOf } from "../data/shared";
import type { Subscription } from "../data/subscription";
import { icon } from "../components/icons";
import { CemCard } from "./card";

export abstract class LiveCard extends CemCard<Live> {
  protected subscribe(hass: Hass, entryId: string): Subscription<Live> {
    return liveOf(hass.connection, entryId);
  }

  protected get stale(): boolean {
    return this.subscription?.state !== "live";
  }

  /** Beside the heading. */
  protected override outdated(): typeof nothing {
    return nothing;
  }

  /** The card's heading; beside it, when data are old, since when. */
  protected head(title: string): TemplateResult {
    return html`<div class="head">
      <h2>${title}</h2>
      ${this.stale && this.subscription?.latest
        ? html`<span class="chip stale">${icon("clock", 14)}${this.localize(
            "connection.no_data_since",
            { time: this.format.time(this.subscription.latest.time) },
          )}</span>`
        : nothing}
    </div>`;
  }
}
