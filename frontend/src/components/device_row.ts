/** One device: what it does, what was ordered, why, and who commands it. */

import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";

import { errorText, type Hass } from "../data/hass";
import type { Charging, LiveDevice } from "../data/live";
import type { Format } from "../i18n/format";
import { lookup, type Localize } from "../i18n/localize";
import { kindColor } from "./colors";
import { define } from "./define";
import { IDLE_W } from "./flow_layout";
import { icon } from "./icons";
import "./segments";
import { base } from "./styles";

const CHARGING: readonly Charging[] = ["now", "plan", "not_tonight"];

export class DeviceRow extends LitElement {
  @property({ attribute: false }) hass!: Hass;
  @property({ attribute: false }) device!: LiveDevice;
  @property({ attribute: false }) format!: Format;
  @property({ attribute: false }) localize!: Localize;
  /** What the limit that holds the device back is called. */
  @property({ attribute: false }) limitText: string | null = null;
  @property({ attribute: false }) mayAct = true;
  @state() private failed?: string;

  static override styles = [
    base,
    css`
      .row {
        display: grid;
        grid-template-columns: 40px minmax(0, 1fr) auto;
        gap: 0 12px;
        align-items: start;
      }
      .side {
        grid-row: span 2;
        display: grid;
        gap: 10px;
      }
      .badge {
        display: grid;
        place-items: center;
        width: 40px;
        height: 40px;
        border-radius: 50%;
        color: var(--kind);
        background: color-mix(in srgb, var(--kind) 16%, transparent);
      }
      .off {
        --kind: var(--soft) !important;
      }
      .name {
        font-weight: 500;
        overflow-wrap: anywhere;
      }
      .does {
        display: flex;
        flex-wrap: wrap;
        gap: 4px 6px;
        margin-top: 2px;
      }
      .powers {
        display: flex;
        flex-direction: column;
        align-items: flex-end;
        text-align: end;
      }
      .power {
        font-size: 16px;
        line-height: 20px;
        font-weight: 500;
      }
      .more {
        grid-column: 2 / -1;
        display: flex;
        flex-direction: column;
        gap: 8px;
        margin-top: 6px;
      }
      .reason {
        margin: 0;
        color: var(--soft);
        font-size: 13px;
        overflow-wrap: anywhere;
      }
      .actions {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 8px;
      }
      cem-segments {
        flex: 0 1 auto;
        min-width: 0;
        max-width: 100%;
      }
      .resume {
        min-height: 32px;
        padding: 0 14px;
        border-radius: 16px;
        font-size: 13px;
        font-weight: 500;
        color: var(--text);
        box-shadow: inset 0 0 0 1.5px var(--accent);
      }
      .switch {
        position: relative;
        width: 40px;
        height: 24px;
        border-radius: 12px;
        background: color-mix(in srgb, var(--text) 30%, var(--surface));
        transition: background 0.15s;
      }
      .switch::after {
        content: "";
        position: absolute;
        top: 3px;
        inset-inline-start: 3px;
        width: 18px;
        height: 18px;
        border-radius: 50%;
        background: var(--surface);
        transition: translate 0.15s;
      }
      .switch[aria-checked="true"] {
        background: var(--accent);
      }
      .switch[aria-checked="true"]::after {
        translate: 16px 0;
      }
      :host(:dir(rtl)) .switch[aria-checked="true"]::after {
        translate: -16px 0;
      }
      .strong {
        box-shadow: inset 0 0 0 1px var(--line);
        font-weight: 500;
      }
      .obeyed {
        display: inline-flex;
        align-items: center;
        gap: 3px;
        font-size: 12px;
        color: var(--soft);
      }
      .obeyed.not {
        color: color-mix(in srgb, var(--bad) 80%, var(--text));
        font-weight: 500;
      }
      .reason b {
        font-weight: 500;
        color: var(--text);
      }
      .failed {
        color: var(--bad);
        margin: 0;
      }
    `,
  ];

  protected override render() {
    const { device } = this;
    const entities = this.mayAct ? (device.entities ?? {}) : {};
    return html`<div class="row ${device.available ? "" : "off"}" style="--kind:${kindColor(device.kind)}">
      <div class="side">
        <span class="badge">${icon(device.kind, 24)}</span>
        ${entities.control ? this.control(entities.control) : nothing}
      </div>
      <div>
        <div class="name">${device.name}</div>
        <div class="does">${this.chips()}</div>
      </div>
      <div class="powers">
        <span class="power num">${this.power(device.power_w)}</span>
        <span class="soft num">${this.ordered()}</span>
        ${this.obeyed()}
      </div>
      <div class="more">
        ${device.reason ? html`<p class="reason">${device.reason}</p>` : nothing}
        ${this.next()}
        ${entities.charging && device.charging
          ? this.charging(entities.charging, device.charging)
          : nothing}
        ${device.owner === "person" && entities.resume
          ? html`<div class="actions">
              <button
                class="resume"
                aria-label=${this.localize("device.resume_help", { name: device.name })}
                @click=${() => this.act("button", "press", entities.resume)}
              >${this.localize("device.resume")}</button>
            </div>`
          : nothing}
        ${this.failed ? html`<p class="failed" role="alert">${this.failed}</p>` : nothing}
      </div>
    </div>`;
  }

  private chips(): TemplateResult[] {
    const { device } = this;
    const chips: TemplateResult[] = [];
    const chip = (content: unknown, strong = false) =>
      chips.push(html`<span class="chip num ${strong ? "strong" : ""}">${content}</span>`);
    if (!device.available) chip([icon("warning", 14), this.localize("device.unavailable")], true);
    else if (device.kind === "ev_charger" && device.connected === false) {
      chip(this.localize("device.unplugged"));
    } else if (device.action) {
      chip(this.doing(device));
    }
    if (device.state_of_charge !== null) {
      chip(this.localize("device.full", { share: this.format.percent(device.state_of_charge) }));
    }
    if (device.ready_at) {
      chip(this.localize("device.ready_at", { time: this.format.time(device.ready_at) }));
    }
    if (device.indoor_temperature_c !== null) {
      chip(this.format.temperature(device.indoor_temperature_c));
    }
    if (device.owner === "person") chip([icon("hand", 14), this.localize("device.by_person")], true);
    if (device.owner === "device") chip(this.localize("device.by_itself"));
    if (this.limitText) {
      const limit = this.limitText;
      chip([icon("lock", 14), this.localize("device.limited_by", { limit })], true);
    }
    return chips;
  }

  private doing({ kind, action, power_w: power, setpoint_w: ordered }: LiveDevice): string {
    const idle = power !== null && Math.abs(power) < IDLE_W;
    // The sun may give less than a bound leaves it: nothing is lost then.
    const bound = action === "curtail" && !(power !== null && ordered !== null && power < ordered - IDLE_W);
    if (kind === "solar" && !bound) {
      return this.localize(idle ? "action.idle" : "action.produce");
    }
    if (kind === "appliance" && action === "hold") {
      return this.localize(idle ? "action.idle" : "action.run");
    }
    if (action === "run" && idle) return this.localize("action.idle");
    if (kind === "ev_charger" && action === "discharge") return this.localize("action.give_back");
    const does = lookup(this.localize, `action.${action}`, action ?? "");
    const flows = kind === "battery" && power !== null && Math.abs(power) >= IDLE_W;
    if (!flows || (action !== "balance" && action !== "hold")) return does;
    return `${does} · ${this.localize(power > 0 ? "word.charging" : "word.discharging")}`;
  }

  /** Directions in words: a battery's chip says charging or discharging. */
  private power(powerW: number | null): string {
    return powerW === null ? "–" : this.format.power(Math.abs(powerW));
  }

  private ordered(): string {
    const { setpoint_w: setpoint, entities } = this.device;
    // What nobody can command has no order, ever: not worth a word.
    if (setpoint === null) return entities?.control ? this.localize("device.released") : "";
    return this.localize("device.ordered", { power: this.power(setpoint) });
  }

  /** Whether what was ordered is done. */
  private obeyed(): TemplateResult | typeof nothing {
    const { obeyed } = this.device;
    if (obeyed === undefined || obeyed === null) return nothing;
    const text = this.localize(obeyed ? "device.obeyed" : "device.not_obeyed");
    return html`<span class="obeyed ${obeyed ? "" : "not"}"
      >${icon(obeyed ? "check" : "warning", 14)}${text}</span
    >`;
  }

  private next(): TemplateResult | typeof nothing {
    const { next, kind } = this.device;
    if (!next) return nothing;
    const does = lookup(this.localize, `action.${next.action}`, next.action);
    const power =
      next.power_w === null || next.power_w === 0 || kind === "solar"
        ? ""
        : ` ${this.power(next.power_w)}`;
    return html`<p class="reason">
      <b>${this.localize("device.next", {
        time: this.format.dayTime(next.start),
        does: `${does}${power}`,
      })}</b>
      ${next.text ?? nothing}
    </p>`;
  }

  private control(entityId: string): TemplateResult {
    const { enabled, name } = this.device;
    return html`<button
      class="switch"
      role="switch"
      aria-checked=${enabled}
      aria-label=${this.localize("device.control", { name })}
      title=${this.localize("device.control", { name })}
      @click=${() => this.act("switch", enabled ? "turn_off" : "turn_on", entityId)}
    ></button>`;
  }

  private charging(entityId: string, chosen: Charging): TemplateResult {
    return html`<div class="actions">
      <cem-segments
        .label=${this.localize("device.charging", { name: this.device.name })}
        .options=${CHARGING.map((value) => ({ value, text: this.localize(`charging.${value}`) }))}
        .value=${chosen}
        @pick=${(event: CustomEvent<string>) =>
          this.act("select", "select_option", entityId, { option: event.detail })}
      ></cem-segments>
    </div>`;
  }

  private async act(
    domain: string,
    service: string,
    entityId: string | null | undefined,
    data: Record<string, unknown> = {},
  ): Promise<void> {
    if (!entityId) return;
    try {
      await this.hass.callService(domain, service, data, { entity_id: entityId });
      this.failed = undefined;
    } catch (error: unknown) {
      this.failed = this.localize("device.failed", { error: errorText(error) });
    }
  }
}

define("cem-device-row", DeviceRow);
