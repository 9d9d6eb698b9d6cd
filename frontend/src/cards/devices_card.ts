import { css, html, type TemplateResult } from "lit";

import { isImbalance, originKey } from "../data/limits";
import type { Live, LiveDevice } from "../data/live";
import { define } from "../components/define";
import "../components/device_row";
import { LiveCard } from "./live_card";

/** What each device does and why, with its buttons. */
export class DevicesCard extends LiveCard {
  protected override readonly size = 12;

  static override styles = [
    ...LiveCard.styles,
    css`
      ul {
        list-style: none;
        margin: 0;
        padding: 0;
      }
      li + li {
        margin-top: 12px;
        padding-top: 12px;
        border-top: 1px solid var(--line);
      }
    `,
  ];

  protected body(live: Live): TemplateResult {
    return html`${this.head(this.localize("devices.title"))}
      ${live.devices.length
        ? html`<ul>${live.devices.map((device) => this.row(device, live))}</ul>`
        : html`<p class="empty">${this.localize("devices.none")}</p>`}`;
  }

  private row(device: LiveDevice, live: Live): TemplateResult {
    return html`<li>
      <cem-device-row
        .hass=${this.hass}
        .device=${device}
        .format=${this.format}
        .localize=${this.localize}
        .limitText=${this.limit(device, live)}
        .mayAct=${this.mayAct}
      ></cem-device-row>
    </li>`;
  }

  /** The limit in a person's words; its id when the limit itself is not listed. */
  private limit({ limited_by: id }: LiveDevice, live: Live): string | null {
    if (id === null) return null;
    const listed = [...live.limits, ...(live.phase_limits ?? [])];
    const limit = listed.find((candidate) => candidate.limit_id === id);
    if (!limit) return id;
    if (isImbalance(limit)) return this.localize("limit.imbalance");
    return this.localize(originKey(limit), { issuer: limit.issuer });
  }
}

define("cem-devices-card", DevicesCard);
