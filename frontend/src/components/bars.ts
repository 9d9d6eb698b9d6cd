/** Amounts as bars on one scale, each with its name and its value in words. */

import { css, html, LitElement, type TemplateResult } from "lit";
import { property } from "lit/decorators.js";

import { define } from "./define";
import { base } from "./styles";

export interface Bar {
  name: string;
  value: number;
  text: string;
  color: string;
  /** Smaller, under the one before it. */
  part?: boolean;
}

export class Bars extends LitElement {
  @property({ attribute: false }) bars: Bar[] = [];

  static override styles = [
    base,
    css`
      dl {
        margin: 0;
        display: grid;
        gap: 10px;
      }
      .bar {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        gap: 3px 12px;
      }
      .part {
        padding-inline-start: 14px;
        font-size: 13px;
        color: var(--soft);
      }
      dd {
        margin: 0;
      }
      .track {
        grid-column: 1 / -1;
        height: 8px;
        border-radius: 4px;
        background: var(--fill);
        overflow: hidden;
      }
      .part .track {
        height: 4px;
      }
      .track i {
        display: block;
        height: 100%;
        min-width: 2px;
        border-radius: inherit;
        background: var(--mark);
      }
    `,
  ];

  protected override render(): TemplateResult {
    const most = Math.max(...this.bars.map(({ value }) => Math.abs(value)), 1e-9);
    return html`<dl>
      ${this.bars.map(
        ({ name, value, text, color, part }) => html`<div class="bar ${part ? "part" : ""}">
          <dt>${name}</dt>
          <dd class="num">${text}</dd>
          <dd class="track" aria-hidden="true">
            <i style="--mark:${color};width:${(100 * Math.abs(value)) / most}%"></i>
          </dd>
        </div>`,
      )}
    </dl>`;
  }
}

define("cem-bars", Bars);
