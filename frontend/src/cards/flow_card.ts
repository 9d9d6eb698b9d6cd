import { html, type TemplateResult } from "lit";

import type { Live } from "../data/live";
import { define } from "../components/define";
import "../components/flow_diagram";
import { LiveCard } from "./live_card";

/** Live power between grid, solar, battery, house and devices. */
export class FlowCard extends LiveCard {
  protected body(live: Live): TemplateResult {
    return html`${this.head(this.localize("flow.title"))}
      <cem-flow-diagram
        .live=${live}
        .format=${this.format}
        .localize=${this.localize}
        ?still=${this.stale}
      ></cem-flow-diagram>`;
  }
}

define("cem-flow-card", FlowCard);
