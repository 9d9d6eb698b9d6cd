/** A row of choices of which one holds: a radio group with arrow keys. */

import { css, html, LitElement } from "lit";
import { property } from "lit/decorators.js";

import { define } from "./define";
import { base } from "./styles";

export interface Segment {
  value: string;
  text: string;
}

export class Segments extends LitElement {
  @property({ attribute: false }) options: Segment[] = [];
  @property({ attribute: false }) value: string | null = null;
  @property({ attribute: false }) label = "";
  @property({ type: Boolean }) disabled = false;

  static override styles = [
    base,
    css`
      :host {
        color: inherit;
      }
    `,
  ];

  protected override render() {
    const chosen = this.options.findIndex((option) => option.value === this.value);
    return html`<div class="segments" role="radiogroup" aria-label=${this.label} @keydown=${this.key}>
      ${this.options.map(
        (option, index) => html`<button
          role="radio"
          aria-checked=${index === chosen}
          tabindex=${index === Math.max(0, chosen) ? 0 : -1}
          ?disabled=${this.disabled}
          @click=${() => this.pick(option.value)}
        >${option.text}</button>`,
      )}
    </div>`;
  }

  private pick(value: string): void {
    if (value === this.value) return;
    this.dispatchEvent(new CustomEvent("pick", { detail: value }));
  }

  /** Arrow keys move the focus; Space or Enter chooses: choosing acts at once. */
  private key(event: KeyboardEvent): void {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const buttons = [...this.renderRoot.querySelectorAll("button")];
    const at = buttons.findIndex((button) => button.matches(":focus"));
    buttons[(at + step + buttons.length) % buttons.length]?.focus();
  }
}

define("cem-segments", Segments);
