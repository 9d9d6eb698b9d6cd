/** A small chart of columns up and down from zero; the numbers are also a table. */

import { css, html, LitElement, svg, type TemplateResult } from "lit";
import { property } from "lit/decorators.js";

import { define } from "./define";
import { base } from "./styles";

export interface Column {
  name: string;
  /** Above zero up, below zero down; stacked in this order. */
  parts: { value: number; color: string; text: string }[];
}

const HEIGHT = 120;
const WIDTH = 600;

export class Columns extends LitElement {
  @property({ attribute: false }) columns: Column[] = [];
  @property({ attribute: false }) label = "";
  @property({ attribute: false }) tableLabel = "";

  static override styles = [
    base,
    css`
      svg {
        display: block;
        width: 100%;
        height: ${HEIGHT}px;
      }
      .names {
        display: flex;
        justify-content: space-between;
        direction: ltr;
        color: var(--soft);
        font-size: 12px;
      }
      summary {
        cursor: pointer;
        color: var(--soft);
        font-size: 13px;
        padding: 4px 0;
      }
      .scroll {
        overflow-x: auto;
      }
      table {
        border-spacing: 0;
        font-size: 13px;
      }
      td,
      th {
        padding-block: 2px;
        padding-inline: 0 14px;
        text-align: start;
        font-weight: 400;
      }
    `,
  ];

  protected override render(): TemplateResult {
    const { columns } = this;
    const up = columns.map(({ parts }) => sum(parts, (value) => value > 0));
    const down = columns.map(({ parts }) => -sum(parts, (value) => value < 0));
    const [top, bottom] = [Math.max(...up, 0), Math.max(...down, 0)];
    const scale = HEIGHT / Math.max(top + bottom, 1e-9);
    const zero = top * scale;
    const step = WIDTH / Math.max(1, columns.length);
    return html`<svg
        viewBox="0 0 ${WIDTH} ${HEIGHT}"
        preserveAspectRatio="none"
        role="img"
        aria-label=${this.label}
      >
        ${columns.map(({ parts }, index) => this.column(parts, index * step, step, zero, scale))}
        ${svg`<line x1="0" x2=${WIDTH} y1=${zero} y2=${zero} stroke="var(--line)"
          vector-effect="non-scaling-stroke"></line>`}
      </svg>
      <div class="names" aria-hidden="true">
        <span>${columns[0]?.name}</span><span>${columns.at(-1)?.name}</span>
      </div>
      <details>
        <summary>${this.tableLabel}</summary>
        <div class="scroll" tabindex="0" role="region" aria-label=${this.label}>
          <table>
            ${columns.map(
              ({ name, parts }) => html`<tr>
                <th scope="row">${name}</th>
                ${parts.map(({ text }) => html`<td class="num">${text}</td>`)}
              </tr>`,
            )}
          </table>
        </div>
      </details>`;
  }

  private column(
    parts: Column["parts"],
    x: number,
    step: number,
    zero: number,
    scale: number,
  ): TemplateResult[] {
    let [above, below] = [zero, zero];
    return parts.map(({ value, color }) => {
      const height = Math.abs(value) * scale;
      const y = value >= 0 ? (above -= height) : below;
      if (value < 0) below += height;
      return svg`<rect x=${x + step * 0.12} y=${y} width=${step * 0.76} height=${height}
        style="fill:${color}"></rect>`;
    });
  }
}

function sum(parts: Column["parts"], counts: (value: number) => boolean): number {
  return parts.reduce((all, { value }) => all + (counts(value) ? value : 0), 0);
}

define("cem-columns", Columns);
