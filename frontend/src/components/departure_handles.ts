/** Where cars leave, as marks in the plan's chart that can be dragged. */

import { css, html, LitElement, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";

import type { Format } from "../i18n/format";
import type { Localize } from "../i18n/localize";
import { kindColor } from "./colors";
import { define } from "./define";
import { icon } from "./icons";
import { base } from "./styles";

export interface Departure {
  device: string;
  name: string;
  at: number;
}

const QUARTER_MS = 15 * 60_000;

export class DepartureHandles extends LitElement {
  @property({ attribute: false }) departures: Departure[] = [];
  /** From a time to pixels, and back. */
  @property({ attribute: false }) x!: (at: number) => number;
  @property({ attribute: false }) at!: (x: number) => number;
  /** The first and the last time that there is. */
  @property({ attribute: false }) span: [number, number] = [0, 0];
  @property({ attribute: false }) format!: Format;
  @property({ attribute: false }) localize!: Localize;
  @state() private held?: { device: string; at: number };

  static override styles = [
    base,
    css`
      :host {
        position: absolute;
        inset: 0;
        pointer-events: none;
      }
      button {
        position: absolute;
        top: 0;
        bottom: 0;
        width: 40px;
        margin-left: -20px;
        pointer-events: auto;
        cursor: ew-resize;
        touch-action: none;
        color: var(--mark);
      }
      button::before {
        content: "";
        position: absolute;
        top: 0;
        bottom: 0;
        left: 50%;
        border-left: 2px dashed var(--mark);
      }
      .held::before {
        border-left-style: solid;
      }
      .knob {
        position: absolute;
        top: 0;
        left: 50%;
        translate: -50% -2px;
        display: grid;
        place-items: center;
        width: 28px;
        height: 28px;
        border-radius: 50%;
        background: var(--surface);
        box-shadow: 0 0 0 2px var(--mark);
      }
      .time {
        position: absolute;
        top: 30px;
        left: 50%;
        translate: -50% 0;
        padding: 0 6px;
        border-radius: 8px;
        font-size: 12px;
        background: var(--surface);
        color: var(--text);
        white-space: nowrap;
      }
    `,
  ];

  protected override render(): TemplateResult {
    return html`${this.departures.map((each) => this.handle(each))}`;
  }

  private handle(departure: Departure): TemplateResult {
    const { device, name } = departure;
    const held = this.held?.device === device;
    const at = held && this.held ? this.held.at : departure.at;
    const [first, last] = this.span;
    const text = this.format.dayTime(at);
    return html`<button
      class=${held ? "held" : ""}
      style="left:${this.x(at)}px;--mark:${kindColor("ev_charger")}"
      role="slider"
      aria-label=${this.localize("plan.departure", { name })}
      aria-valuemin=${first}
      aria-valuemax=${last}
      aria-valuenow=${at}
      aria-valuetext=${text}
      @pointerdown=${(event: PointerEvent) => this.take(event, departure)}
      @pointermove=${(event: PointerEvent) => this.drag(event)}
      @pointerup=${(event: PointerEvent) => this.drop(event)}
      @pointercancel=${() => (this.held = undefined)}
      @keydown=${(event: KeyboardEvent) => this.key(event, departure)}
    >
      <span class="knob">${icon("ev_charger", 18)}</span>
      ${held ? html`<span class="time num">${text}</span>` : ""}
    </button>`;
  }

  private take(event: PointerEvent, { device, at }: Departure): void {
    event.stopPropagation();
    event.preventDefault();
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
    this.held = { device, at };
    this.dispatchEvent(new CustomEvent("take"));
  }

  private drag(event: PointerEvent): void {
    event.stopPropagation();
    if (!this.held) return;
    const x = event.clientX - this.getBoundingClientRect().left;
    this.held = { ...this.held, at: this.within(this.at(x)) };
  }

  private drop(event: PointerEvent): void {
    if (!this.held) return;
    event.stopPropagation();
    const { device, at } = this.held;
    this.held = undefined;
    const before = this.departures.find((each) => each.device === device)?.at;
    if (before !== at) this.tell(device, at);
  }

  private key(event: KeyboardEvent, { device, at }: Departure): void {
    const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.tell(device, this.within(at + step * QUARTER_MS));
  }

  private within(at: number): number {
    const [first, last] = this.span;
    const quarter = Math.round(at / QUARTER_MS) * QUARTER_MS;
    return Math.min(last, Math.max(first + QUARTER_MS, quarter));
  }

  private tell(device: string, at: number): void {
    this.dispatchEvent(new CustomEvent("depart", { detail: { device, at } }));
  }
}

define("cem-departure-handles", DepartureHandles);
